"""Plain text: what anybody wrote, as one harmless line.

Takes  any text, of any length, from anyone.
Gives  one line of Unicode without control characters, without signs that turn the direction of writing, without
       invisible marks and code points that are no characters; not longer than is asked.
Never  asks which characters this Python knows: the tables are code points, so the same bytes come in ten years.

Blanks of every kind, line breaks too, become one space, so a name cannot begin a line that looks like ours.
"""

import re

CUT = "…"
_BLANKS = re.compile("[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
# C0 and C1, direction (UAX #9 §2), invisible operators, byte order mark, annotations, surrogates, non-characters,
# tags. U+200C and U+200D stay: Persian, the scripts of India and emoji are written with them.
_HARMFUL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ufdd0-\ufdef\ud800-\udfff\U000e0000-\U000e0fff"
    + "".join(chr((plane << 16) + 0xFFFE) + chr((plane << 16) + 0xFFFF) for plane in range(1, 17))
    + "]"
)


def one_line(text: str, max_characters: int = 1000) -> str:
    """The text as one line; what is longer is cut, and ends with "…"."""
    # What is far longer than asked is not looked at: a hostile megabyte costs nothing.
    clean = _BLANKS.sub(" ", _HARMFUL.sub("", text[: max_characters * 8])).strip()
    return clean if len(clean) <= max_characters else clean[: max_characters - 1].rstrip() + CUT
