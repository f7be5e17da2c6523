"""Bench: the project's own measurements, each a ratio against a named peer or limit taken in the same run.

Takes  a bench's name and a scratch folder.   Gives  one Figure a line: {"figure", "value", "unit", "against", "runs"}.
Never  asserts a time: what a figure should be stands in bench/README.md, with the machine and the date it was read on.
"""
