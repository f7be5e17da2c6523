"""Globs: patterns over paths as manifests write them: `*` is any characters, "/" too, `?` is one.

Takes  patterns and paths of any origin.   Gives  whether one has the form of the other.
Never  tries every way: the pieces between stars are looked for from left to right, each at the first place, which is
       enough.
"""

import functools
import re

MAX_CHARACTERS = 400


def is_glob(text: str) -> bool:
    """Whether it is a pattern, and not the name of one file."""
    return "*" in text or "?" in text


def is_matching(glob: str, text: str) -> bool:
    """Whether the whole text has the form of the pattern. A pattern of more than 400 characters fits nothing."""
    if len(glob) > MAX_CHARACTERS:
        return False
    first, *middle = glob.split("*")
    if not middle:
        return _find(glob, text, 0) == 0 and len(glob) == len(text)
    last = middle.pop()
    end = len(text) - len(last)
    if end < len(first) or _find(first, text[: len(first)], 0) or _find(last, text[end:], 0):
        return False
    place = len(first)
    for piece in middle:
        found = _find(piece, text[:end], place)
        if found < 0:
            return False
        place = found + len(piece)
    return place <= end


def _find(piece: str, text: str, start: int) -> int:
    if "?" not in piece:
        return text.find(piece, start)
    hit = _pattern(piece).search(text, start)
    return hit.start() if hit else -1


@functools.lru_cache(maxsize=1024)
def _pattern(piece: str) -> re.Pattern[str]:
    return re.compile(".".join(re.escape(part) for part in piece.split("?")), re.DOTALL)
