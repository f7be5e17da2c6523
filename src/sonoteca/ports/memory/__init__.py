"""Doubles of the doors, one module a door: the same promises, kept in memory (tests/contract runs both)."""
