"""Licence ids: SPDX's list, and the ids that follow from a name with its version.

Takes  elements, versions, jurisdictions.   Gives  the SPDX id; for a Creative Commons licence that SPDX does not list
       its canonical address; "" for what does not exist.

license-expression brings the list, kept up to date by its makers.
"""

import functools

from license_expression import get_license_index

CC_VERSIONS = frozenset({"1.0", "2.0", "2.1", "2.5", "3.0", "4.0"})
# Elements in the order of SPDX ids; the first versions knew licences without BY.
CC_ELEMENTS = frozenset({"by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd", "sa", "nd", "nc", "nc-sa", "nc-nd"})
GNU_VERSIONS = {
    "GPL": ("1.0", "2.0", "3.0"),
    "LGPL": ("2.0", "2.1", "3.0"),
    "AGPL": ("1.0", "3.0"),
    "GFDL": ("1.1", "1.2", "1.3"),
}


@functools.cache
def spdx_ids() -> dict[str, str]:
    """Every SPDX id and its deprecated forms, in lower case, to the id of today. LicenseRefs are left out: each
    document means its own."""
    found: dict[str, str] = {}
    for entry in get_license_index():
        names = [entry["spdx_license_key"] or "", *entry["other_spdx_license_keys"]]
        if not entry["is_exception"] and names[0] and not names[0].startswith("LicenseRef-"):
            found.update({name.lower(): names[0] for name in names if name and not name.startswith("LicenseRef-")})
    return found


@functools.cache
def exception_ids() -> dict[str, str]:
    """The SPDX ids that may stand after WITH, in lower case."""
    keys = [str(entry["spdx_license_key"] or "") for entry in get_license_index() if entry["is_exception"]]
    return {key.lower(): key for key in keys if key and not key.startswith("LicenseRef-")}


def cc_licence(elements: str, version: str = "", port: str = "") -> str:
    """The licence of these elements ("by-nc-sa"), version ("3.0") and jurisdiction ("de"); "" if there is no such
    licence. Without a version it is a name that a person has to complete: LicenseRef-CC-BY-SA."""
    given = elements.lower().split("-")
    joined = "-".join(part for part in ("by", "nc", "nd", "sa") if part in given)
    is_known = joined in CC_ELEMENTS and len(joined.split("-")) == len(set(given))
    if not is_known or (version and version not in CC_VERSIONS):
        return ""
    if not version:
        return f"LicenseRef-CC-{joined.upper()}"
    name = f"CC-{joined.upper()}-{version}" + (f"-{port.upper()}" if port else "")
    address = f"https://creativecommons.org/licenses/{joined}/{version}/" + (f"{port.lower()}/" if port else "")
    return spdx_ids().get(name.lower(), address)


def gnu_licence(name: str, version: str, *, later: bool) -> str:
    """The SPDX id of a GNU licence; without a version any that was ever published (GPL-2.0 §9). "" if there is no such
    version."""
    name = name.upper()
    versions = GNU_VERSIONS[name]
    if not version:
        return f"{name}-{versions[0]}-or-later"
    full = version if "." in version else f"{version}.0"
    return f"{name}-{full}-{'or-later' if later else 'only'}" if full in versions else ""


def plain_words(text: str) -> str:
    """Lower case, single spaces, straight quotes and hyphens: what the patterns of this room read."""
    return " ".join(text.translate(_STRAIGHT).lower().split())


_STRAIGHT = dict.fromkeys(range(0x2010, 0x2015), "-") | {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
