"""Whole sessions at the command line, on real recordings."""
