"""Encodings: the text of a small file, whatever it was written with.

Takes  bytes: a cue sheet, a checksum list, a log.
Gives  text and the name of the encoding, and whether that was guessed.
Never  fails: as Latin-1 every byte is a character.

What declares itself (a byte order mark, valid UTF-8) is believed. Else each of CANDIDATES is tried in order, and the
first whose text looks like writing is taken: words of one script, capitals where capitals stand. Only what none of
them explains is left to charset-normalizer: on a few short names it answers cp1006 as readily as Shift-JIS.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from charset_normalizer import from_bytes

MAX_GUESSED_BYTES = 64 * 1024
ISOLATED = ["euc_jp", "gb18030", "big5", "euc_kr", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A text and its encoding ("utf-8", "shift_jis", "cp1251", "latin-1" …)."""

    text: str
    encoding: str
    is_guess: bool = False


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def decode_text(raw: bytes) -> Decoded:
    """The text of these bytes, without a byte order mark."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return Decoded(text=raw[len(mark) :].decode(encoding, "replace"), encoding=encoding)
    text = _strictly(raw, "utf-8")
    if text is not None:
        return Decoded(text=text, encoding="utf-8")
    for encoding, looks_right in CANDIDATES:
        text = _strictly(raw, encoding)
        if text is not None and looks_right(text):
            return Decoded(text=text, encoding=_NAMES.get(encoding, encoding), is_guess=True)
    best = from_bytes(raw[:MAX_GUESSED_BYTES], cp_isolation=ISOLATED).best()
    text = _strictly(raw, best.encoding) if best else None
    if best and text is not None:
        return Decoded(text=text, encoding=best.encoding, is_guess=True)
    return Decoded(text=raw.decode("latin-1"), encoding="latin-1", is_guess=True)


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


# ── what looks like writing ──────────────────────────────────────────────────────────────────────────────────────────

_JAPANESE = "\u3001-\u30ff\u4e00-\u9fff\uff01-\uff5e々〇"
_JAPANESE_ONE = re.compile(f"[{_JAPANESE}]")
_JAPANESE_ALONE = re.compile(f"(?<=[A-Za-z])[{_JAPANESE}](?![{_JAPANESE}])|(?<![{_JAPANESE}])[{_JAPANESE}](?=[A-Za-z])")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_HALF_WIDTH_RUN = re.compile("[\uff66-\uff9f]{2,}")
# The kanji that the second level of JIS X 0208 begins with (row 48) and those after it are rare in names.
_RARE_FROM = "弌".encode("cp932")

_CYRILLIC_WORD = re.compile(r"[^\W\d_]*[\u0400-\u04ff][^\W\d_]*")
_CYRILLIC_FORM = re.compile("(?:[\u0400-\u042f]?[\u0430-\u045f]+|[\u0400-\u042f]+)(?:[\u0490-\u0491])?")
_CYRILLIC_VOWEL = re.compile("[аеёиоуыэюяіїєј]", re.IGNORECASE)

_WORD = re.compile(r"[^\W\d_]+")
_LATIN_MARKS = frozenset("’‘“”–—…•€™„‚«»°´ª º¡¿©®·§×\xa0")
_UNKNOWN_TO_ALL = re.compile("[\x80-\x9f]")


def is_japanese(text: str) -> bool:
    """Mostly common characters, and few that stand alone at a Latin letter ("Don稚" is "Don’t")."""
    found = [char.encode("cp932", "replace") for char in _JAPANESE_ONE.findall(text)]
    common = sum(char < _RARE_FROM for char in found)
    alone = len(_JAPANESE_ALONE.findall(text))
    others = len(found) - common + alone + len(_HALF_WIDTH.findall(text))
    return not _PRIVATE.search(text) and common - alone > others


def is_half_width_japanese(text: str) -> bool:
    """Katakana of one byte each, in runs: what is left when it is neither Cyrillic nor Latin."""
    in_runs = sum(map(len, _HALF_WIDTH_RUN.findall(text)))
    return not _PRIVATE.search(text) and 2 * in_runs > sum(char > "\x7f" for char in text)


def is_cyrillic(text: str) -> bool:
    """Whole words of it, small letters after capitals, vowels among them."""
    words = _CYRILLIC_WORD.findall(text)
    good = [word for word in words if _CYRILLIC_FORM.fullmatch(word)]
    has_word = any(len(word) > 2 and _CYRILLIC_VOWEL.search(word) for word in good)
    return has_word and 5 * len(good) >= 4 * len(words) and not _UNKNOWN_TO_ALL.search(text)


def is_latin(text: str) -> bool:
    """Accents among plain letters, and the marks that typesetters use."""
    others = [char for char in text if char > "\x7f" and not char.isalpha() and char not in _LATIN_MARKS]
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    good = [word for word in words if len(word) < 3 or 2 * sum(char > "\x7f" for char in word) <= len(word)]
    return not others and 5 * len(good) >= 4 * len(words)


CANDIDATES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("cp932", is_japanese),
    ("cp1251", is_cyrillic),
    ("koi8_r", is_cyrillic),
    ("cp1252", is_latin),
    ("cp932", is_half_width_japanese),
)
_NAMES = {"cp932": "shift_jis", "cp1252": "latin-1"}
