"""Paper: lines of plain text, 78 characters wide, in which nobody else's words can pass for ours.

Takes  headings and sentences of ours, and texts of others.
Gives  lines. Ours begin at the left edge; what others wrote never does.

Words longer than a line are broken, but for addresses, which would be none any more.
"""

import re
import textwrap

from sonoteca.convert.plain_text import one_line

WIDTH = 78
LABEL = 14  # a sha256 fits behind it
_ADDRESS = re.compile(r"https?://[!-~]{1,300}")


class Paper:
    """Lines being written, top to bottom."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def heading(self, text: str) -> None:
        """A heading of ours, underlined."""
        self._lines += ["", text, "-" * len(text)]

    def title(self, text: str) -> None:
        """The first line, underlined twice."""
        self._lines += [text, "=" * len(text)]

    def blank(self) -> None:
        """An empty line."""
        self._lines.append("")

    def say(self, text: str) -> None:
        """A sentence of ours."""
        self._wrap(text, "", "")

    def field(self, label: str, text: str) -> None:
        """A label of ours and somebody's words; nothing when there are none."""
        if clean := one_line(text):
            self._wrap(clean, f"{label}:".ljust(LABEL), " " * LABEL)

    def quote(self, text: str, indent: int = 4) -> None:
        """Somebody's words, indented; nothing when there are none."""
        if clean := one_line(text):
            self._wrap(clean, " " * indent, " " * indent)

    def bytes(self) -> bytes:
        """All of it, UTF-8, with a line end at the end."""
        return ("\n".join(self._lines) + "\n").encode()

    def _wrap(self, text: str, first: str, later: str) -> None:
        room = WIDTH - len(later)
        words = [piece for word in text.split(" ") for piece in _pieces(word, room)]
        self._lines += textwrap.wrap(
            " ".join(words),
            WIDTH,
            initial_indent=first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _pieces(word: str, room: int) -> list[str]:
    if len(word) <= room or _ADDRESS.fullmatch(word):
        return [word]
    return [word[at : at + room] for at in range(0, len(word), room)]
