"""The laws of the house, counted and named. laws.py and writing.py say what breaks one; the tests read the source with
them, and show on small wrong examples that each law can be broken."""
