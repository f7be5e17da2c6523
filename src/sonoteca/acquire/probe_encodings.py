"""Encodings of tags: which one a tag's bytes are really in, when they are not in the one that the file declares.

Takes  the bytes of all doubtful values of one file together (a tagger used one encoding for all), or of one value.
Gives  the name of an encoding, or "" when the declared one is as good as any other.
Never  guesses against plausible Western text: "Señor" stays what it is.

Statistics over long texts (charset-normalizer) fail on titles of five letters, so the judge here is how a language's
bytes look: kana, common characters of the national standards (their first level), Hangul rows, the letters and the case
of Cyrillic and Greek words. charset-normalizer decides only where two of these come out equal. (encodings.py reads the
text files that lie beside recordings: longer, and declared by nobody.)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

# Below this a reading is not believed against the declared one.
_BELIEVED = 0.62
_CLOSE = 0.04
# Letters and signs that Western titles really use, from the upper half of windows-1252.
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸðÐþÞ©®°´·«»¡¿–—‘’“”…•™€£§²³½¼ºª\u00a0"
)
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_GREEK = "αοιετσνηυρπκμλωςδγχθφβξζψ"
_CENTRAL = frozenset("ąćęłńóśźżáčďéěíňřšťúůýžőűľĺŕôäöüăâîşţđ")
# Signs that stand before no letter in any language, where windows-1250 has letters.
_INSIDE = re.compile(r"[£³¹¼½¾¯º][a-zà-öø-ÿ]")
_ACCENTS = str.maketrans("άέήίόύώϊϋΐΰ", "αεηιουωιυιυ")
_PUNCTUATION = "«»–—“”„…№’"


@dataclass(frozen=True, slots=True)
class Reading:
    """A value understood. `raw` is "" when it was valid and plausible as declared, else the bytes in hexadecimal, and
    `encoding` names what they were read as."""

    text: str
    raw: str = ""
    encoding: str = ""


def read_as(declared: str, raw: bytes, detected: str) -> Reading:
    """One value that is declared to be in "utf-8" or "latin-1", with what was detected for the file it stands in."""
    if (wide := _utf_16(raw)) is not None:
        return Reading(wide, raw.hex(), "utf-16")
    # What is valid as it is declared stays so beside values that are not: several programs wrote into one file.
    if raw.isascii() or not detected or (declared == "utf-8" and _decode(raw, declared) is not None):
        text = _decode(raw, declared)
        if text is not None and not (declared == "latin-1" and _has_c1(text)):
            return Reading(text)
    for encoding in (detected, "utf-8", "cp1252"):
        if encoding and (text := _decode(raw, encoding)) is not None:
            named = _name(raw, encoding)
            return Reading(text) if named == declared else Reading(text, raw.hex(), named)
    # Not even windows-1252 has these bytes: shown as Latin-1, where every byte has a character.
    return Reading(raw.decode("latin-1"), raw.hex(), "latin-1")


def detect(values: Sequence[bytes], declared: str) -> str:
    """The encoding of these values of one file, "" for the declared one. ASCII values say nothing and may be left
    out."""
    doubtful = [value for value in values if not value.isascii()]
    if not doubtful:
        return ""
    if all(_decode(value, "utf-8") is not None for value in doubtful):
        return "" if declared == "utf-8" else "utf-8"
    if declared == "utf-8":
        doubtful = [value for value in doubtful if _decode(value, "utf-8") is None]
    sample = b"\n".join(doubtful)
    western = _western(sample)
    best, score = _best(sample)
    if score >= _BELIEVED and score > western:
        return best
    return "" if declared == "latin-1" else "cp1252" if western else ""


def _utf_16(raw: bytes) -> str | None:
    """Text of 16-bit units that begins with their mark; without a zero in it the mark is chance."""
    return _decode(raw, "utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") and b"\0" in raw else None


def _best(sample: bytes) -> tuple[str, float]:
    scores = sorted(((judge(sample), encoding) for encoding, judge in _JUDGES.items()), reverse=True)
    (first, best), (second, other) = scores[0], scores[1]
    if first - second < _CLOSE and second >= _BELIEVED:
        match = from_bytes(sample, cp_isolation=[best, other]).best()
        best = other if match is not None and match.encoding == other else best
    return best, first


def _western(sample: bytes) -> float:
    """How much this looks like Western European text: its signs are usual, and stand alone or in pairs among ASCII."""
    text = sample.decode("cp1252", "replace")
    signs = [char for char in text if not char.isascii()]
    usual = (sum(char in _WESTERN for char in signs) - 2 * len(_INSIDE.findall(text))) / len(signs)
    lonely = sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", text) if len(run) <= 2) / len(signs)
    return max(0.0, usual) * lonely


# ── one judge an encoding: 0 impossible … 1 as its language is written ──────────────────────────────────────────────


def _rows(encoding: str, first: int, last: int) -> Callable[[str], float]:
    """The share of characters in the rows of the common ones of a standard; kana and full-width signs count as
    common."""

    def is_common(char: str) -> bool:
        return _is_kana(char) or _is_full_width(char) or _stands_in(char, encoding, first, last)

    return lambda text: _share(text, is_common) * (1 - _share_within_words(text))


_SHIFT_JIS_ROWS = _rows("cp932", 0x88, 0x97)
_EUC_JP_ROWS = _rows("euc_jp", 0xB0, 0xCF)
_GB_ROWS = _rows("gb18030", 0xB0, 0xD7)
_BIG5_ROWS = _rows("big5", 0xA4, 0xC6)
_HANGUL_ROWS = _rows("cp949", 0xB0, 0xC8)


def _shift_jis(sample: bytes) -> float:
    # Half-width kana are single bytes that almost any text decodes to: they do not count.
    return _rated(sample, "cp932", _SHIFT_JIS_ROWS)


def _euc_jp(sample: bytes) -> float:
    return _rated(sample, "euc_jp", lambda text: _EUC_JP_ROWS(text) if any(map(_is_kana, text)) else 0.0)


def _chinese(sample: bytes) -> float:
    return _rated(sample, "gb18030", lambda text: 0.0 if any(map(_is_kana, text)) else _GB_ROWS(text))


def _traditional(sample: bytes) -> float:
    return _rated(sample, "big5", lambda text: _BIG5_ROWS(text) - 0.02)


def _korean(sample: bytes) -> float:
    # Chinese bytes fall into the Hangul rows too, but seldom all of them.
    def rate(text: str) -> float:
        score = _HANGUL_ROWS(text)
        return score + 0.05 if score == 1.0 and sum(not char.isascii() for char in text) >= 3 else score - 0.05

    return _rated(sample, "cp949", rate)


def _cyrillic(encoding: str) -> Callable[[bytes], float]:
    return lambda sample: _rated(sample, encoding, lambda text: _alphabet(text, _RUSSIAN))


def _central(sample: bytes) -> float:
    """Polish above all: letters of Central Europe among ASCII ones; 0 where Western letters are as good a reading, as
    they mostly are of Czech."""
    text, western = _decode(sample, "cp1250"), sample.decode("cp1252", "replace")
    if text is None or not any(
        char.lower() in _CENTRAL and not other.isalpha() for char, other in zip(text, western, strict=True)
    ):
        return 0.0
    signs = [char for char in text if not char.isascii() and char not in _PUNCTUATION]
    words = re.findall(r"[a-zA-Z][^\W\d_]*|[^\W\d_]*[a-zA-Z][^\W\d_]*", text)
    inside = sum(not char.isascii() for word in words for char in word)
    return 0.97 * sum(char.lower() in _CENTRAL for char in signs) / len(signs) * inside / len(signs)


def _greek(sample: bytes) -> float:
    return _rated(sample, "cp1253", lambda text: _alphabet(text, _GREEK))


def _rated(sample: bytes, encoding: str, rate: Callable[[str], float]) -> float:
    text = _decode(sample, encoding)
    return 0.0 if text is None else rate(text)


def _alphabet(text: str, letters: str) -> float:
    """Letters by frequency, in words that are written as words are: all small, all capital, or capital first."""
    signs = [char for char in text.lower().translate(_ACCENTS) if not char.isascii() and char not in _PUNCTUATION]
    if not signs:
        return 0.0
    weights = (1 - 0.9 * letters.index(char) / len(letters) if char in letters else -1.0 for char in signs)
    weight: float = sum(weights) / len(signs)
    words = re.findall(r"[^\W\d_a-zA-Z]+", text)
    written: float = sum(word.islower() or word.isupper() or word.istitle() for word in words) / max(1, len(words))
    longest = max(map(len, words), default=0)
    return (0.35 + 0.65 * weight) * written * (1.0 if longest >= 3 else 0.5)


_JUDGES: dict[str, Callable[[bytes], float]] = {
    "cp932": _shift_jis,
    "euc_jp": _euc_jp,
    "gb18030": _chinese,
    "big5": _traditional,
    "cp949": _korean,
    "cp1251": _cyrillic("cp1251"),
    "koi8_r": _cyrillic("koi8_r"),
    "cp1253": _greek,
    "cp1250": _central,
}
# The narrower standard is named when it has all of the characters.
_NARROWER = {"cp932": "shift_jis", "gb18030": "gbk", "cp949": "euc_kr", "cp1252": "latin-1"}


def _name(raw: bytes, encoding: str) -> str:
    narrow = _NARROWER.get(encoding)
    return narrow if narrow and _decode(raw, narrow) == _decode(raw, encoding) else encoding


def _decode(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _share(text: str, is_usual: Callable[[str], bool]) -> float:
    signs = [char for char in text if not char.isascii()]
    return sum(map(is_usual, signs)) / len(signs) if signs else 0.0


def _share_within_words(text: str) -> float:
    """The share of signs that stand in the middle of a Latin word, where no language of Asia puts one."""
    within = sum(len(run) for run in re.findall(r"(?<=[a-z])[^\x00-\x7f]+(?=[a-z])", text))
    return within / max(1, sum(not char.isascii() for char in text))


def _is_kana(char: str) -> bool:
    return "\u3041" <= char <= "\u30fe"


def _is_full_width(char: str) -> bool:
    return "\u3000" <= char <= "\u3002" or "\u300c" <= char <= "\u3011" or "\uff01" <= char <= "\uff5e"


def _stands_in(char: str, encoding: str, first: int, last: int) -> bool:
    try:
        raw = char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return len(raw) == 2 and first <= raw[0] <= last


def _has_c1(text: str) -> bool:
    return any("\x80" <= char <= "\x9f" for char in text)
