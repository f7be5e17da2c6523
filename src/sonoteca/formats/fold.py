"""Fold: text to the words that are indexed and searched, the same for both, for every engine.

Takes  text in any script, of any length, from anyone.
Gives  words of letters, digits and signs, at most MAX_WORD characters each: no case, no accents, no punctuation.
Never  a character with a meaning to a query language: what comes out can only be a word.

    NFKD, case folded, marks and format characters dropped, ł ø ß æ đ … written plainly;
    a dotted, hyphenated or apostrophised word also joined, in the index ("AC/DC": ac dc acdc);
    scripts written without spaces (Han, kana, Thai …) as single characters and pairs; a query asks for the pairs;
    a sign (★ ❤ ♯) is a word of its own.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

MAX_TEXT = 20_000
MAX_QUERY = 1_000
MAX_WORD = 64
MAX_QUERY_WORDS = 16
MAX_JOINED_PARTS = 5

# Letters that Unicode does not decompose, as people without that key type them.
PLAIN = {
    "ł": "l",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ħ": "h",
    "ı": "i",
    "ȷ": "j",
    "ŋ": "ng",
    "ŧ": "t",
    "ĸ": "k",
    "ƒ": "f",
    "ə": "e",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ɣ": "g",
    "ɛ": "e",
    "ɔ": "o",
    "ʒ": "z",
}
# Written without spaces between words: Thai and Lao, Myanmar, Khmer, CJK radicals, 々〆〇, kana and bopomofo with their
# extensions, ideographs.
UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3040, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0x20000, 0x3FFFF),
)
# Folding puts it before each of these characters; it cannot come from outside, control characters become spaces.
_MARK = "\x01"
_RUNS = re.compile(f"(?:{_MARK}.)+|[^\\s{_MARK}]+")
_ASCII_WORDS = re.compile("[a-z0-9]+")
_TATWEEL = "\u0640"  # stretches Arabic words, means nothing
_KEPT_SIGNS = frozenset("♯∞")  # mathematics to Unicode, titles to us; other signs are category So
_DROPPED = frozenset({"Mn", "Me", "Cf"})


@dataclass(frozen=True, slots=True)
class Term:
    """One word asked for; `is_prefix`: words that begin with it will do."""

    word: str
    is_prefix: bool = False


class _Folding(dict[int, str]):
    """What each character (after NFKD) becomes; learnt as they come, for str.translate."""

    def __missing__(self, code: int) -> str:
        folded = "".join(_fold_character(part) for part in unicodedata.normalize("NFKD", chr(code).casefold()))
        if len(self) < 20_000:
            self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in _DROPPED or character == _TATWEEL:
        return ""
    if character in PLAIN:
        return PLAIN[character]
    if category[0] in "LN" or category == "Mc":
        return _MARK + character if _is_unspaced(ord(character)) else character
    if category == "So" or character in _KEPT_SIGNS:
        return f" {character} "
    return " "


def _is_unspaced(code: int) -> bool:
    return any(first <= code <= last for first, last in UNSPACED)


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Words separated by one space each, in order. Folding twice changes nothing."""
    return " ".join(run.text for run in _fold(text[:MAX_TEXT]))


def index_words(text: str) -> list[str]:
    """The words under which a text is found."""
    words: list[str] = []
    for chunk in text[:MAX_TEXT].split():
        if chunk.isascii():
            plain = [word[:MAX_WORD] for word in _ASCII_WORDS.findall(chunk.lower())]
            words += plain
        else:
            runs = _fold(chunk)
            for run in runs:
                words += [*run.text, *run.pairs] if run.is_unspaced else [run.text]
            plain = [] if any(run.is_unspaced for run in runs) else [run.text for run in runs]
        if 1 < len(plain) <= MAX_JOINED_PARTS:
            words.append("".join(plain)[:MAX_WORD])
    return words


def query_terms(text: str) -> list[Term]:
    """The words a query asks for, all of them at once."""
    text = text[:MAX_QUERY]
    runs = _fold(text)
    terms = [Term(word) for run in runs for word in ((run.pairs or [run.text]) if run.is_unspaced else [run.text])]
    if terms and not text[-1:].isspace() and not runs[-1].is_unspaced:
        terms[-1] = Term(terms[-1].word, is_prefix=True)
    # Those who paste a page get its beginning; the word being typed is the last one and counts.
    return terms if len(terms) <= MAX_QUERY_WORDS else terms[: MAX_QUERY_WORDS - 1] + terms[-1:]


class _Run(NamedTuple):
    """A word, or a stretch of characters of a script without spaces."""

    text: str
    is_unspaced: bool = False

    @property
    def pairs(self) -> list[str]:
        return [self.text[at : at + 2] for at in range(len(self.text) - 1)]


def _fold(text: str) -> list[_Run]:
    if text.isascii():
        return [_Run(word[:MAX_WORD]) for word in _ASCII_WORDS.findall(text.lower())]
    folded = unicodedata.normalize("NFKD", text).translate(_FOLDING)
    return [
        _Run(run.replace(_MARK, ""), is_unspaced=True) if run.startswith(_MARK) else _Run(run[:MAX_WORD])
        for run in _RUNS.findall(folded)
    ]
