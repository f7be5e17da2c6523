"""Holders: whose rights they are, as far as manifests, licence files and copyright notices say.

Takes  "Copyright (C) 2009 Paul Shuler (Macroform) <paul@example.org>".   Gives  "Paul Shuler (Macroform)".
Never  decides anything: a name is a credit and a place to ask, not evidence.
"""

import re

MAX_CHARACTERS = 200
MAX_LINES = 50
_SIGN = r"(?:copyright|©|℗|\(c\)|\(p\)|&copy;)"
_YEARS = r"(?:1[89]|20)\d\d(?:\s*[-–,/&]\s*(?:(?:1[89]|20)\d\d|\d\d))*"
_HEAD = re.compile(rf"^(?:\s*(?:{_SIGN}|{_YEARS}|by)[\s:,.]*)+", re.IGNORECASE)
# One sign or year at the end; several are taken off one by one, so that nothing is tried in two ways.
_TAIL = re.compile(rf"[\s,]*(?:{_SIGN}|(?:1[89]|20)\d\d)[\s,–-]*$", re.IGNORECASE)
_MAIL = re.compile(r"\s*[<(\[][^<>()\[\]\s]{1,100}@[^<>()\[\]\s]{1,100}[>)\]]")
_FORMULA = re.compile(r"[\s,;:–-]*\b(?:all|some|no) rights reserved\b.*$", re.IGNORECASE | re.DOTALL)
_LINE = re.compile(rf"(?im)^[^\S\n]*(?:copyright[^\S\n]+)?{_SIGN}[^\S\n]*{_YEARS}[^\S\n,]+[^\n]{{2,200}}$")


def holder_of(text: str) -> str:
    """The name in a copyright notice or a manifest's field, "" when there is none."""
    name = " ".join(text[: 4 * MAX_CHARACTERS].split())
    name = _FORMULA.sub("", _MAIL.sub("", name))
    name = _HEAD.sub("", name)
    while (shorter := _TAIL.sub("", name)) != name:
        name = shorter
    name = name.strip(" ,;:-–")
    return name[:MAX_CHARACTERS] if re.search(r"\w", name) else ""


def holders_in(text: str) -> tuple[str, ...]:
    """The names in the copyright lines of a licence file, the first 50."""
    lines = (hit[0] for _, hit in zip(range(MAX_LINES), _LINE.finditer(text), strict=False))
    return tuple(dict.fromkeys(name for line in lines if (name := holder_of(line))))
