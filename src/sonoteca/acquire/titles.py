"""Titles and names: what of a text found in a file may be shown, and whether it says anything.

Takes  texts as tags, cue sheets, manifests and file names have them: any length, any characters, lone surrogates,
       markup.
Gives  one clean line, and judgements: is it a placeholder ("<Unknown>", "Track 01"), a licence in the place of a name.
Never  invents, translates or changes the case; what was found stays as it was in the report beside the recording.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

MAX_CHARS = 300
MAX_LINES_CHARS = 4000
MAX_MARKS = 4  # combining marks on one letter; scripts that stack most use fewer

# Orders to turn the line around, joiners of nothing, byte order marks. The joiners of emoji and Persian stay.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_NOT_CHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]+")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]?")
_SCRIPT = re.compile(r"<(script|style|iframe|object|svg)\b[^<>]*>.*?(</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_ELEMENT = re.compile(
    r"</?(a|abbr|audio|b|base|big|blockquote|body|br|button|center|code|div|em|embed|font|form|frame|h[1-6]|head|hr|html"
    r"|i|iframe|img|input|li|link|meta|object|ol|p|pre|script|small|span|strong|style|sub|sup|svg|table|td|th|title|tr|u"
    r"|ul|video)(\s[^<>]*)?/?>",
    re.IGNORECASE,
)

_NOTHING_SAID = frozenset(
    """.|..|-|--|_|n/a|\ufffd|unknown|unknown artist|unknown album|unknown title|unknown track|no title|no artist
    |no album|artist|album|title|track|audio track|new artist|new album|new title|unbekannt|unbekannter künstler
    |unbekannter interpret|unbekanntes album|unbekannter titel|artiste inconnu|album inconnu|titre inconnu
    |artista desconocido|álbum desconocido|artista sconosciuto|album sconosciuto|onbekende artiest|onbekend album
    |okänd artist|ukjent artist|nieznany wykonawca|nieznany album|неизвестен|неизвестный исполнитель|неизвестный альбом
    |без названия|未知|未知艺术家|不明|不明なアーティスト|名称未設定""".replace("\n    ", "").split("|")
)
_NUMBERED = re.compile(
    r"(audio[\s_-]*)?(track|titel|piste|pista|traccia|spur|nummer|faixa|трек|дорожка|トラック)[\s_.#№-]*\d{1,4}",
    re.IGNORECASE,
)
VARIOUS = frozenset(
    """various artists|various|va|v.a.|v/a|diverse|verschiedene interpreten|verschiedene|artistes divers
    |varios artistas|artisti vari|разные исполнители|сборник""".replace("\n    ", "").split("|")
)

_STRONG_LICENCE = re.compile(
    r"distributed under|licen[cs]ed under|under the terms|all rights reserved|general public licen[cs]e"
    r"|creative ?commons|public domain|released under|permission is (hereby )?granted|alle rechte vorbehalten",
    re.IGNORECASE,
)
_WEAK_LICENCE = re.compile(r"\b(copyright|licen[cs]e|gpl|cc[- ]by|copyleft)\b|©|\(c\)", re.IGNORECASE)
_COPYRIGHT_LINE = re.compile(r"\s*(copyright\b|©|\(c\))\W*\d{4}", re.IGNORECASE)


def clean(text: str, max_chars: int = MAX_CHARS) -> str:
    """One line that is safe to print: NFC, no control or invisible characters, no markup, no towers of marks, bounded.
    "" when nothing is left."""
    text = text[: max_chars * 8]  # a megabyte of title is looked at in part
    if text.isascii() and text.isprintable() and "<" not in text:
        return _bounded(text, max_chars)
    text = _ESCAPES.sub("", text)
    text = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    text = _ELEMENT.sub(" ", _SCRIPT.sub(" ", text))
    text = _SURROGATES.sub("\ufffd", text)
    text = _NOT_CHARACTERS.sub("", _INVISIBLE.sub("", text))
    return _bounded(_few_marks(unicodedata.normalize("NFC", text)), max_chars)


def _bounded(text: str, max_chars: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= max_chars else text[: max_chars - 1].rstrip() + "…"


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def clean_lines(text: str) -> str:
    """Several lines, each clean, at most one empty line in a row, bounded."""
    lines = [clean(line, MAX_LINES_CHARS) for line in text[: MAX_LINES_CHARS * 4].splitlines()]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    joined = "\n".join(kept).strip()
    return joined if len(joined) <= MAX_LINES_CHARS else joined[: MAX_LINES_CHARS - 1].rstrip() + "…"


def says_nothing(text: str) -> bool:
    """Whether a clean text is empty or a placeholder that programs write: "<Unknown>", "Track 01"."""
    bare = text.strip("<>[](){}\"' ").casefold()
    if not bare:
        return not text.strip()  # "( )" is a record by Sigur Rós
    return bare in _NOTHING_SAID or _NUMBERED.fullmatch(bare) is not None


def is_licence(text: str) -> bool:
    """Whether a text in the place of a name speaks of rights: a sentence about a licence, a copyright line."""
    if _COPYRIGHT_LINE.match(text):
        return True
    strong = len(_STRONG_LICENCE.findall(text))
    weak = len(_WEAK_LICENCE.findall(text))
    return strong + weak >= 2 or (bool(strong) and len(text) > 40) or (bool(weak) and len(text) > 80)


def is_various(name: str) -> bool:
    """Whether a name stands for many artists."""
    return name.casefold().strip() in VARIOUS


def fold(text: str) -> str:
    """For comparing two texts that mean the same: case, composition and spaces left aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def dominant(values: Iterable[str], among: int, share: float = 0.5) -> str:
    """The value that most of them have, in its commonest spelling: more than `share` of `among`, and of those that have
    any it is two thirds; "" if there is none."""
    spellings: dict[str, Counter[str]] = {}
    for value in values:
        spellings.setdefault(fold(value), Counter())[value] += 1
    if not spellings:
        return ""
    counts = {key: counter.total() for key, counter in spellings.items()}
    best = max(sorted(counts), key=lambda key: counts[key])
    if counts[best] <= share * among or counts[best] * 3 < sum(counts.values()) * 2:
        return ""
    return max(sorted(spellings[best]), key=lambda value: spellings[best][value])


def from_stem(stem: str) -> str:
    """A file's stem as a title: underscores that stand for spaces become spaces. A name that is all markup is shown
    without its brackets: it is the only name there is."""
    spaced = stem.replace("_", " ") if " " not in stem else stem
    return clean(spaced) or clean(spaced.replace("<", " ").replace(">", " "))
