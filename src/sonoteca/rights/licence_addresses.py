"""Licence addresses: which licence an address on the web stands for.

Takes  text.   Gives  the licences whose addresses stand in it, each with the address as found.
Never  takes an address inside another one (a redirect, a query), nor a host that only looks like the right one.
"""

import re
from collections.abc import Callable, Iterator

from sonoteca.rights.licence_ids import cc_licence, gnu_licence, spdx_ids
from sonoteca.rights.licence_table import RIGHTS_STATEMENTS

_START = r"(?<![\w./@=%&?-])(?!(?<=:)//)(?:(?:https?:)?//)?(?:www\.)?"
_REST = r"[^\s\"'<>()\[\]]*"


def _pattern(address: str) -> re.Pattern[str]:
    return re.compile(_START + address, re.IGNORECASE)


CREATIVE_COMMONS = _pattern(
    r"creativecommons\.org/(?P<shelf>licenses|publicdomain)/(?P<elements>[a-z+-]+)"
    r"(?:/(?P<version>\d\.\d)(?:/(?P<port>igo|scotland|[a-z]{2,3})(?![\w-]))?)?" + _REST
)
RIGHTS_STATEMENT = _pattern(r"rightsstatements\.org/(?:vocab|page|data)/(?P<code>[a-z-]+)/1\.0(?:/|\b)" + _REST)
GNU = _pattern(
    r"gnu\.org/(?:licenses|copyleft)/(?:old-licenses/)?(?P<name>gpl|lgpl|agpl|fdl)-(?P<version>\d\.\d)" + _REST
)
BY_ID = _pattern(
    r"(?:spdx\.org/licenses|opensource\.org/licen[sc]es?)/(?P<id>[a-z0-9.+-]+?)"
    r"(?:\.html|\.txt|\.json|-license\.php|\.php)?/?(?=$|[\s\"'<>()\[\],;])"
)
ONE_EACH: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (licence, _pattern(address + _REST))
    for licence, address in (
        ("ODC-By-1.0", r"opendatacommons\.org/licenses/by(?:/1[.-]0|/?(?=$|\s))"),
        ("ODbL-1.0", r"opendatacommons\.org/licenses/odbl(?:/1[.-]0|/?(?=$|\s))"),
        ("PDDL-1.0", r"opendatacommons\.org/licenses/pddl(?:/1[.-]0|/?(?=$|\s))"),
        ("Apache-2.0", r"apache\.org/licenses/license-2\.0"),
        ("MPL-2.0", r"mozilla\.org/(?:en-us/)?mpl/2\.0"),
        ("Unlicense", r"unlicense\.org"),
        ("LAL-1.3", r"artlibre\.org/(?:licence/lal|lal|licence-art-libre)"),
    )
)
_CODES = {code.lower(): code for code in RIGHTS_STATEMENTS}


def find_addresses(text: str) -> Iterator[tuple[str, str]]:
    """The licences whose addresses stand in the text, each with the address as found."""
    for pattern, read in _READERS:
        for hit in pattern.finditer(text):
            if licence := read(hit):
                yield licence, hit[0]
    for licence, pattern in ONE_EACH:
        yield from ((licence, hit[0]) for hit in pattern.finditer(text))


def licence_of_address(text: str) -> str:
    """The licence whose address the whole text is, or ""."""
    return next((licence for licence, address in find_addresses(text) if address == text), "")


def _creative_commons(hit: re.Match[str]) -> str:
    shelf, elements, version = hit["shelf"].lower(), hit["elements"].lower(), hit["version"] or ""
    if shelf == "publicdomain":
        return {"zero": "CC0-1.0", "mark": "CC-PDM-1.0"}.get(elements, "") if version in ("", "1.0") else ""
    if elements == "publicdomain":
        return "CC-PDDC"
    if "+" in elements or elements in ("sampling", "nc-sampling", "devnations"):
        return f"https://creativecommons.org/licenses/{elements}/{version or '1.0'}/"
    return cc_licence(elements, version, hit["port"] or "")


def _rights_statement(hit: re.Match[str]) -> str:
    code = _CODES.get(hit["code"].lower())
    return f"http://rightsstatements.org/vocab/{code}/1.0/" if code else ""


def _gnu(hit: re.Match[str]) -> str:
    name = {"fdl": "gfdl"}.get(hit["name"].lower(), hit["name"])
    return gnu_licence(name, hit["version"], later=False)


def _by_id(hit: re.Match[str]) -> str:
    return spdx_ids().get(hit["id"].lower(), "")


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (CREATIVE_COMMONS, _creative_commons),
    (RIGHTS_STATEMENT, _rights_statement),
    (GNU, _gnu),
    (BY_ID, _by_id),
)
