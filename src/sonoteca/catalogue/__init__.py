"""Catalogue: the rows that people browse and search, and the queue of work in flight.

Takes   releases as the store describes them, verdicts as the records hold them, and a database to write to.
Gives   rows, search documents, the queue, the intents and the outbox, each change in one transaction.
Undoes  everything: but for work in flight all of it is derived, and `sonoteca rebuild` makes it again from the truth.
"""
