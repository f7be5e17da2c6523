"""Migrations of private.sqlite, for alembic: env.py is run by it, versions/ holds one module a revision.

A revision is written once and never changed; a test holds that all of them together give what ports/private.py says.
"""
