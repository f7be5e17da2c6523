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
# Written without spaces between words: CJK radicals to ideographs, kana, bopomofo, Thai, Lao, Myanmar, Khmer.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
_RUNS = re.compile(f"[{UNSPACED}]+|[^\\s{UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
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
        return character
    if category == "So" or character in _KEPT_SIGNS:
        return f" {character} "
    return " "


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Words separated by one space each, in order. Folding twice changes nothing."""
    return " ".join(_fold(text[:MAX_TEXT]))


def index_words(text: str) -> list[str]:
    """The words under which a text is found."""
    words: list[str] = []
    for chunk in text[:MAX_TEXT].split():
        parts = _fold(chunk)
        for part in parts:
            words += _index_forms(part)
        if 1 < len(parts) <= MAX_JOINED_PARTS and not any(map(_IS_UNSPACED.match, parts)):
            words.append("".join(parts)[:MAX_WORD])
    return words


def query_terms(text: str) -> list[Term]:
    """The words a query asks for, all of them at once."""
    text = text[:MAX_QUERY]
    parts = _fold(text)
    terms = [Term(word) for part in parts for word in _query_forms(part)]
    if terms and not text[-1:].isspace() and not _IS_UNSPACED.match(parts[-1]):
        terms[-1] = Term(terms[-1].word, is_prefix=True)
    # Those who paste a page get its beginning; the word being typed is the last one and counts.
    return terms if len(terms) <= MAX_QUERY_WORDS else terms[: MAX_QUERY_WORDS - 1] + terms[-1:]


def _fold(text: str) -> list[str]:
    if text.isascii():
        return [word[:MAX_WORD] for word in _ASCII_WORDS.findall(text.lower())]
    folded = unicodedata.normalize("NFKD", text).translate(_FOLDING)
    return [run if _IS_UNSPACED.match(run) else run[:MAX_WORD] for run in _RUNS.findall(folded)]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _index_forms(word: str) -> list[str]:
    return [*word, *_pairs(word)] if _IS_UNSPACED.match(word) else [word]


def _query_forms(word: str) -> list[str]:
    return _pairs(word) or [word] if _IS_UNSPACED.match(word) else [word]
