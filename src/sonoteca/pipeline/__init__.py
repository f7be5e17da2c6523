"""The pipeline: the rooms in order, and the only floor that knows more than one of them.

    acquire → preserve → clear → describe           (convert, bundle, seed and announce are later rooms)

Takes  folders put into the queue (intake.py), and decisions of the operator (decide.py).
Gives  releases that are safe in the store, judged, and in the catalogue (work.py, settle.py).
Undoes what a crash left half done, at the next start (recover.py); everything derived, from the truth (rebuild.py).

Order of one folder, never to be reversed: intent row → staged bytes, synced → rename into the store, parents
       synced → verdict record →
catalogue rows, outbox, job done and intent closed in one transaction → ledger → outbox emptied → quarantine emptied.
"""
