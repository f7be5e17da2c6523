"""Doors to the world: for each a Protocol, the real thing, and a double in memory.py. Only modules here open files for
writing; each door declares the PLACES it writes."""
