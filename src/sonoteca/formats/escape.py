"""Escape: any Python text as valid Unicode without NUL, and back: for places that hold only such text.

Takes  names and tags as found (surrogateescape, NUL, anything).
Gives  text that UTF-8, SQLite and spreadsheets can hold.
Never  loses a character; and changes no text that is harmless already, unless it holds the escape sign itself.

A lone surrogate, NUL or the sign ␛ (U+241B) becomes ␛ and its four hexadecimal digits: "b\\udce9" → "b␛DCE9".
"""

import re

SIGN = "␛"
_UNFIT = re.compile("[\ud800-\udfff\x00␛]")
_ESCAPED = re.compile("␛([0-9A-F]{4})")


def format_text(text: str) -> str:
    """Text that is valid everywhere."""
    return _UNFIT.sub(lambda found: f"{SIGN}{ord(found[0]):04X}", text)


def parse_text(text: str) -> str:
    """The text that `format_text` was given. Total: what it never makes stays as it is."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if SIGN in text else text
