"""Hazards: text from a stranger that could hurt whoever prints, stores, queries, renders or exports it.

Takes  one text (a tag's value, a file's name) and what it is used as.
Gives  the codes of what is wrong with it, each with the piece that shows it. An empty list is the usual answer.
Never  alters the text: it is kept as found, and whoever uses it escapes it for the place where it goes. These
       findings say that somebody may have meant harm, or that a tool was broken; they are no filter to rely on.

Ordinary music must pass: "AC/DC", "<3", "100%", "It's", "Ünïcödé", emoji with joiners, right-to-left scripts,
decomposed letters. So a rule looks for the shape of an attack, not for a character that attacks also use.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum

MAX_NAME_CHARS = 500
_MAX_SHOWN_CHARS = 60
_MAX_SEARCHED_CHARS = 1 << 16


class Use(StrEnum):
    """What a text is used as. name: a title, a person, an album (one line, short). text: a comment, lyrics (many
    lines, long). number: track and disc. date. other: all else. path: the name of a file or folder."""

    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    OTHER = "other"
    PATH = "path"


Rule = Callable[[str, Use], str]


def find_hazards(text: str, use: Use) -> list[tuple[str, str]]:
    """(code, the piece that shows it) for each rule that the text breaks; see FINDINGS for the codes."""
    text = text[:_MAX_SEARCHED_CHARS]
    return [(code, shown(piece)) for code, rule in RULES if (piece := rule(text, use))]


def shown(text: str) -> str:
    """A piece of a stranger's text, short and harmless enough for a report."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:_MAX_SHOWN_CHARS])


def _search(pattern: str, flags: int = 0) -> Callable[[str], str]:
    compiled = re.compile(pattern, flags)

    def search(text: str) -> str:
        found = compiled.search(text)
        return found[0] if found else ""

    return search


# Repeats are bounded, so that no text takes longer than its length allows.
_MARKUP = _search(
    r"<\s{0,9}/?\s{0,9}(script|img|svg|iframe|object|embed|style|link|meta|base|form|body|html|a|video|audio)\b[^<]{0,99}"
    r"|\bon(error|load|click|focus|mouse\w{1,9}|toggle)\s{0,9}=",
    re.IGNORECASE,
)
_SCRIPT_ADDRESS = _search(r"^\s*((javascript|vbscript|file):|data:text/html)\S*", re.IGNORECASE)
_TERMINAL = _search(r"\x1b[\[\]P^_()#][^\x1b]{0,20}|\x9b[0-9;]{0,20}[a-zA-Z]")
_CONTROLS = _search(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_BIDI = _search(r"[\u202a-\u202e\u2066-\u2069]")
_PLANE_ENDS = "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_NONCHARACTERS = _search(f"[\ufdd0-\ufdef{_PLANE_ENDS}]")
_TRAVERSAL = _search(r"(^|[\\/])\.\.([\\/]|$)\S{0,99}")
_ABSOLUTE = _search(r"^(/[\w.-]+){2,}/?$|^~/\S+$")
_WINDOWS_PATH = _search(r"^[A-Za-z]:\\\S*|^\\\\[\w.?]+\\\S*|(\\[\w.-]{2,99}){2}")
_RELATIVE_PATH = _search(r"^[^\s/]+(/[^\s/]+){2,}$")
_SQL = _search(
    r"['\"]\s{0,9}\)?\s{0,9};\s{0,9}(drop|delete|insert|update|alter|shutdown|select|exec)\b"
    r"|;\s{0,9}(drop|delete|insert|update|alter)\s{1,9}(table|from|into|database|index)\b"
    r"|['\"]\s{0,9}(or|and)\s{1,9}['\"\d]{1,9}\s{0,9}="
    r"|\bunion\s{1,9}(all\s{1,9})?select\b",
    re.IGNORECASE,
)
_FORMAT = _search(
    r"%n|(%[0-9]{0,9}[sxp]){3}|\$\{[^}]{1,99}\}|\$\([^)]{1,99}\)|`[^`]{1,99}`|\{\d{1,9}\}|\{[\w.]{0,99}__\w{1,99}"
)
_TEMPLATE = _search(
    r"\{\{.{0,99}?\}\}|\{%.{0,99}?%\}|<%.{0,99}?%>|<\?(php|xml|=).{0,99}|#\{[^}]{1,99}\}", re.DOTALL | re.IGNORECASE
)
_FORMULA = _search(r"^\s*=\s*[A-Za-z(+-][\w.]*[(|!+*/-]\S*|^\s*@\w+\(|^\s*[+-]\s*[A-Za-z]\w*[(|!]\S*")
_XML = _search(r"<!(ENTITY|DOCTYPE|ELEMENT|\[CDATA\[)[^>]{0,99}|\]\]>|&#x?[0-9a-f]{1,7};", re.IGNORECASE)
# Combining marks beyond what any writing system stacks (Vietnamese has 2, vocalised Hebrew and Arabic 3, Tibetan 4).
_MAX_MARKS = 5
_ZERO_WIDTH = frozenset("\u034f\u115f\u1160\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0")
_LOOKALIKE_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def _markup(text: str, use: Use) -> str:
    return _MARKUP(text)


def _script_address(text: str, use: Use) -> str:
    return _SCRIPT_ADDRESS(text)


def _terminal(text: str, use: Use) -> str:
    return _printable(_TERMINAL(text))


def _controls(text: str, use: Use) -> str:
    return _printable(_CONTROLS(text))


def _nul(text: str, use: Use) -> str:
    return "U+0000" if "\0" in text else ""


def _line_break(text: str, use: Use) -> str:
    if use in (Use.TEXT, Use.OTHER):
        return ""
    # U+0085, U+2028 and U+2029 are line breaks to many programs.
    found = re.search("[\r\n\x85\u2028\u2029]", text.rstrip("\r\n"))
    return _printable(found[0]) if found else ""


def _bidi(text: str, use: Use) -> str:
    return _printable(_BIDI(text))


def _noncharacters(text: str, use: Use) -> str:
    return _printable(_NONCHARACTERS(text))


def _zero_width(text: str, use: Use) -> str:
    # Joiners (U+200C, U+200D) spell emoji and Persian and are not counted. A byte order mark in front is a tool's
    # habit.
    found = next((char for char in text.removeprefix("\ufeff") if char in _ZERO_WIDTH), "")
    return _printable(found)


def _traversal(text: str, use: Use) -> str:
    return _TRAVERSAL(text)


def _path(text: str, use: Use) -> str:
    if use is Use.PATH:
        return ""
    found = _ABSOLUTE(text) or _WINDOWS_PATH(text)
    return found or (_RELATIVE_PATH(text) if use is Use.NAME else "")


def _dots(text: str, use: Use) -> str:
    return text if text in (".", "..") else ""


def _sql(text: str, use: Use) -> str:
    return _SQL(text)


def _format(text: str, use: Use) -> str:
    return _FORMAT(text) if use in (Use.NAME, Use.PATH) else ""


def _template(text: str, use: Use) -> str:
    return _TEMPLATE(text) if use is not Use.OTHER else ""


def _formula(text: str, use: Use) -> str:
    return _FORMULA(text) if use in (Use.NAME, Use.TEXT) else ""


def _xml(text: str, use: Use) -> str:
    return _XML(text) if use in (Use.NAME, Use.TEXT) else ""


def _mixed_scripts(text: str, use: Use) -> str:
    if text.isascii() or use not in (Use.NAME, Use.PATH):
        return ""
    return next((word for word in re.findall(r"[^\W\d_]+", text) if len(_scripts(word)) > 1), "")


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(char, "") for char in word)
    return {script for name in names for script in _LOOKALIKE_SCRIPTS if name.startswith(script)}


def _stacked_marks(text: str, use: Use) -> str:
    if text.isascii():
        return ""
    run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run > _MAX_MARKS:
            return f"{run} combining marks on one letter"
    return ""


def _blank(text: str, use: Use) -> str:
    return "" if text.strip() or use in (Use.OTHER, Use.TEXT) else "empty" if not text else "blank"


def _long(text: str, use: Use) -> str:
    return f"{len(text)} characters" if use is Use.NAME and len(text) > MAX_NAME_CHARS else ""


def _silly_number(text: str, use: Use) -> str:
    if use is not Use.NUMBER:
        return ""
    numbers = re.findall(r"-?\d+", text)
    return text if any(number.startswith("-") or int(number[:9]) > 9999 for number in numbers[:4]) else ""


def _silly_date(text: str, use: Use) -> str:
    if use is not Use.DATE:
        return ""
    found = re.match(r"\s*(\d{1,9})(?:-(\d{1,3}))?(?:-(\d{1,3}))?", text)
    if found is None:
        return ""
    year, month, day = (int(part) if part else 0 for part in found.groups())
    compact = len(found[1]) == 8 and not found[2]  # 19990504
    return text if (year > 2999 and not compact) or month > 12 or day > 31 else ""


def _printable(piece: str) -> str:
    return " ".join(char if char.isprintable() and char.isascii() else f"U+{ord(char):04X}" for char in piece)


# code, rule; the meaning of each code stands in FINDINGS. The order is the order of the findings.
RULES: tuple[tuple[str, Rule], ...] = (
    ("T101", _markup),
    ("T102", _script_address),
    ("T103", _terminal),
    ("T104", _controls),
    ("T105", _nul),
    ("T106", _line_break),
    ("T107", _bidi),
    ("T108", _zero_width),
    ("T109", _noncharacters),
    ("T110", _traversal),
    ("T111", _path),
    ("T112", _dots),
    ("T113", _sql),
    ("T114", _format),
    ("T115", _template),
    ("T116", _formula),
    ("T117", _xml),
    ("T118", _mixed_scripts),
    ("T119", _stacked_marks),
    ("T120", _blank),
    ("T121", _long),
    ("T122", _silly_number),
    ("T123", _silly_date),
)


def licence_words(texts: Iterator[str]) -> list[tuple[str, str]]:
    """What tags about rights claim, as far as it must be said at once: T130 for claims that contradict each other,
    T131 for
    a licence that forbids changes or commerce. Whether a claim counts is decided elsewhere (rights/)."""
    claims = [text for text in texts if text.strip()]
    free = [text for text in claims if _FREE(text)]
    reserved = [text for text in claims if _RESERVED(text)]
    bound = [text for text in claims if _BOUND(text)]
    found = []
    if free and (reserved or bound):
        found.append(("T130", f"{shown(free[0])} / {shown((reserved + bound)[0])}"))
    if bound:
        found.append(("T131", shown(bound[0])))
    return found


_FREE = _search(
    r"creativecommons\.org/(publicdomain|licenses/by(-sa)?/)|\bCC0\b|\bCC[ -]BY(-SA)?(?![\w-])|public domain"
    r"|\bGPL\b|\bMIT\b",
    re.IGNORECASE,
)
_RESERVED = _search(
    r"all rights reserved|alle rechte vorbehalten|tous droits r[ée]serv[ée]s|todos los derechos", re.IGNORECASE
)
_BOUND = _search(r"\bby-(nc|nd)\b|\bby-nc-(nd|sa)\b|non-?commercial|no-?deriv", re.IGNORECASE)
