"""Licence words: a name becomes a licence, or nothing.

Takes  text of any origin.   Gives  an SPDX id, or the canonical address of a licence that SPDX does not list, or "".
Never  guesses. A name without a version stays without one: "CC BY-SA" is LicenseRef-CC-BY-SA (a person has to say
       which), while "GPL" is GPL-1.0-or-later, because the GPL itself says that no version means any.
"""

import re

from sonoteca.rights.licence_addresses import licence_of_address
from sonoteca.rights.licence_ids import cc_licence, gnu_licence, plain_words, spdx_ids
from sonoteca.rights.licence_table import NAMES, PORTS

MAX_NAME_CHARACTERS = 300

# Between words a few separators at most: these patterns read hostile text and must not try every way to split it.
_STEP = (
    r"[ _/+-]{0,3}(?:and )?(?:non[ -]?commercial|nc|no[ -]?deriv(?:ative)?s?(?:[ -]?works)?|nd|share[ -]?alike|sa)\b"
)
_ELEMENTS = rf"(?P<elements>(?:attribution|by)\b(?:{_STEP})*)"
_VERSION = r"(?:[ ,_/(:-]{0,4}(?:v(?:ersion)?[ .]{0,2})?(?P<version>[1-4](?:\.[0-9])?)(?![\w.]{0,3}\d))"
_LICENCE = r"(?:[ ,_/-]{0,3}(?:public )?(?:licen[sc]es?|deed|legal code))?"
CC_WORDS = re.compile(
    r"(?<![\w-])(?:creative[ -]?commons|cc)\b" + _LICENCE + r"[ :,_/(\"-]{0,4}" + _ELEMENTS + _LICENCE + _VERSION + "?"
    r"(?P<port>[ _/(,-]{1,4}(?:unported|international|generic|igo|[a-z]+(?: [a-z]+)?))?"
)
BARE_CC_WORDS = re.compile(
    _ELEMENTS + _LICENCE + _VERSION + r"(?P<port>[ _/(,-]{1,4}(?:unported|international|generic|igo|[a-z]{2}))?"
)
CC_ZERO = re.compile(
    r"(?<![\w-])(?:cc|creative commons)[ -]?(?:0|zero)\b(?:[ -]?v?1\.0)?(?: universal)?(?: \(cc0 1\.0\))?"
    r"(?: public domain dedication)?"
)
CC_MARK = re.compile(r"(?<![\w-])(?:creative commons )?public domain mark(?: 1\.0)?\b")
GNU_WORDS = re.compile(
    r"(?:the )?(?:gnu[ /-]?)?(?:(?P<short>a|l)?gpl|(?P<long>affero |lesser |library )?general public licen[sc]e)"
    r"(?: \([al]?gpl\))?[ ,_-]{0,3}(?:licen[sc]e)?[ ,_-]{0,3}(?:v(?:ersion)?[ .]{0,2})?(?P<version>[1-3](?:\.[0-9])?)?"
    r"(?P<later>\+|,? ?(?:or|and)(?: \(?at your option\)?,?)?(?: any)? (?:later|newer|above|higher)(?: versions?)?"
    r"(?: at your option)?)?(?P<only> ?-?only)?(?: licen[sc]e)?"
)
# DEP-5 short names: a name, "-", a version, "+".
DEBIAN_GNU = re.compile(r"(?P<name>gpl|lgpl|agpl|gfdl)(?:-(?P<version>[1-3](?:\.[0-9])?))?(?P<later>\+)?")
_UNPORTED = ("", "unported", "international", "generic")


def licence_of_name(text: str) -> str:
    """The licence that the whole text names, "" if it is none or more than a name. May be an expression ("Perl")."""
    if len(text) > MAX_NAME_CHARACTERS:
        return ""
    words = plain_words(text).strip(" .,;")
    if words in NAMES:
        return NAMES[words]
    return spdx_ids().get(words, "") or licence_of_address(text.strip(" \t\r\n.,;<>()[]\"'")) or _of_words(words)


def _of_words(words: str) -> str:
    if hit := DEBIAN_GNU.fullmatch(words):
        return gnu_licence(hit["name"], hit["version"] or "", later=bool(hit["later"]))
    if hit := GNU_WORDS.fullmatch(words):
        return of_gnu_words(hit)
    if CC_ZERO.fullmatch(words):
        return "CC0-1.0"
    if CC_MARK.fullmatch(words):
        return "CC-PDM-1.0"
    closed = words.rstrip(" )").removesuffix(" license").removesuffix(" licence")
    if hit := CC_WORDS.fullmatch(closed) or BARE_CC_WORDS.fullmatch(closed):
        return of_cc_words(hit, whole=True)
    return ""


def of_gnu_words(hit: re.Match[str]) -> str:
    """The licence of a match of GNU_WORDS."""
    name = {"": "GPL", "a": "AGPL", "affero": "AGPL"}.get((hit["short"] or hit["long"] or "").strip(), "LGPL")
    return gnu_licence(name, hit["version"] or "", later=bool(hit["later"]))


def of_cc_words(hit: re.Match[str], *, whole: bool) -> str:
    """The licence of a match of CC_WORDS. In a sentence (not `whole`) the word after the version may be any word, so
    it only counts when it is a country's name; alone it has to be one, or nothing is understood."""
    version = hit["version"] or ""
    version = version if "." in version or not version else f"{version}.0"
    port = (hit["port"] or "").strip(" _/(,-")
    if port in _UNPORTED:
        return cc_licence(_elements(hit["elements"]), version)
    code = PORTS.get(port, "")
    if whole and not code:
        code = port if len(port) == 2 else ""
        if not code or not version:
            return ""
    return cc_licence(_elements(hit["elements"]), version, code)


def _elements(words: str) -> str:
    spaced = words.replace("_", " ").replace("/", " ")
    patterns = (("nc", r"non[ -]?commercial|\bnc\b"), ("nd", r"no[ -]?deriv|\bnd\b"), ("sa", r"share[ -]?alike|\bsa\b"))
    return "-".join(["by", *(part for part, pattern in patterns if re.search(pattern, spaced))])
