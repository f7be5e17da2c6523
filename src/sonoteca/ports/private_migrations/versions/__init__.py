"""One module a revision of private.sqlite, in the order of their numbers."""
