"""The command line: one small function a command; the only floor that prints and exits.

Takes  words from a person or a program.
Gives  results on standard output (--json: one object), bars and errors on standard error.
Exit codes by blame (model/errors.py): 0 done, 1 done but something could not be taken, 2 the command's words,
3 refused, 4 damaged, 5 unreachable, 6 conflict, 7 uncertain, 130 stopped by Ctrl-C.
"""

from sonoteca.cli.house import main

__all__ = ["main"]
