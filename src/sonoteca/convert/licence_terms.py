"""Licence terms: where a licence can be read and what it allows, in a sentence for those who never read one.

Takes  a licence as the verdict names it: an SPDX expression, or an address.
Gives  its address, its name in words, what it lets people do.
Never  says more than the licence: the sentence is a summary, and the address stands beside it.

The tables speak of licences that recordings come under; for all others the address of SPDX's page is given, and the
class of the licence says as much as can be said.
"""

import re

CC_BASE = "https://creativecommons.org"
SPDX_BASE = "https://spdx.org/licenses"
_ATOM = re.compile(r"\s+(?:AND|OR)\s+|[()]")
_CC = re.compile(r"CC-(BY|BY-SA|BY-ND|BY-NC|BY-NC-SA|BY-NC-ND|SA|ND|NC|NC-SA|NC-ND)-(\d\.\d)(?:-([A-Z]{2,3}))?")
_CC_ADDRESS = re.compile(r"https?://creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)/(?:([a-z]{2,3})/)?.*")
_SPDX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_ADDRESS = re.compile(r"https?://[!-~]+")
_ELEMENTS = {"by": "Attribution", "nc": "NonCommercial", "nd": "NoDerivatives", "sa": "ShareAlike"}
_COPYLEFT = re.compile(r"(?:A?GPL|LGPL)-\d.*")

# SPDX id: (name in words, address). What has an address of its own that people know.
KNOWN: dict[str, tuple[str, str]] = {
    "CC0-1.0": ("Creative Commons Zero 1.0 Universal", f"{CC_BASE}/publicdomain/zero/1.0/"),
    "CC-PDM-1.0": ("Creative Commons Public Domain Mark 1.0", f"{CC_BASE}/publicdomain/mark/1.0/"),
    "CC-PDDC": ("Creative Commons Public Domain Dedication", f"{CC_BASE}/licenses/publicdomain/"),
    "LAL-1.3": ("Free Art License 1.3", "https://artlibre.org/licence/lal/en/"),
    "LAL-1.2": ("Free Art License 1.2", f"{SPDX_BASE}/LAL-1.2.html"),
    "GPL-2.0-only": ("GNU General Public License, version 2", "https://www.gnu.org/licenses/old-licenses/gpl-2.0.html"),
    "GPL-2.0-or-later": (
        "GNU General Public License, version 2 or later",
        "https://www.gnu.org/licenses/old-licenses/gpl-2.0.html",
    ),
    "GPL-3.0-only": ("GNU General Public License, version 3", "https://www.gnu.org/licenses/gpl-3.0.html"),
    "GPL-3.0-or-later": (
        "GNU General Public License, version 3 or later",
        "https://www.gnu.org/licenses/gpl-3.0.html",
    ),
    "LicenseRef-scancode-public-domain": ("Public domain", ""),
}
NO_RIGHTS_LEFT = frozenset({"CC0-1.0", "CC-PDDC", "PDDL-1.0", "Unlicense", "0BSD", "WTFPL"})
PUBLIC_DOMAIN = frozenset({"CC-PDM-1.0", "LicenseRef-scancode-public-domain"})
# What each class allows, where nothing more exact is known (volumes are named after the same classes).
CLASS_ALLOWS: dict[str, str] = {
    "free": "You may copy it, share it and change it for any purpose, under the conditions that the licence states.",
    "nc": "You may copy and share it, but not for money: the licence states what else it asks.",
    "nd": "You may copy and share it as it is, and not share anything made from it.",
    "nc-nd": "You may copy and share it as it is and not for money, and not share anything made from it.",
    "custom": "Permission was given in words of its own: they stand below, and they are what counts.",
}


def atoms_of(licence: str) -> tuple[str, ...]:
    """The licences of an expression, in their order, each once; an exception stays with its licence."""
    return tuple(dict.fromkeys(part.strip() for part in _ATOM.split(licence) if part.strip()))


def address_of(atom: str) -> str:
    """Where one licence can be read, "" when there is no such place."""
    name = atom.partition(" WITH ")[0]
    if name in KNOWN:
        return KNOWN[name][1]
    if hit := _CC.fullmatch(name):
        port = f"{hit[3].lower()}/" if hit[3] else ""
        return f"{CC_BASE}/licenses/{hit[1].lower()}/{hit[2]}/{port}"
    if _ADDRESS.fullmatch(name):
        return name
    is_listed = _SPDX_ID.fullmatch(name) and not name.startswith(("LicenseRef-", "DocumentRef-"))
    return f"{SPDX_BASE}/{name}.html" if is_listed else ""


def name_of(atom: str) -> str:
    """One licence in words."""
    if atom in KNOWN:
        return KNOWN[atom][0]
    elements, version, port = _cc_parts(atom)
    if not elements:
        return atom.removeprefix("LicenseRef-")
    words = "-".join(_ELEMENTS.get(part, part) for part in elements.split("-"))
    kind = port.upper() if port else "International" if version == "4.0" else "Unported" if version == "3.0" else ""
    return f"Creative Commons {words} {version} {kind}".rstrip()


def allows(atom: str, licence_class: str) -> str:
    """What one licence lets people do, in a sentence or two; `licence_class` speaks where the licence is not known."""
    if atom in NO_RIGHTS_LEFT:
        return (
            "Whoever made it has given up all rights, as far as law lets them: copy it, share it, change it, sell it."
        )
    if atom in PUBLIC_DOMAIN:
        return "It is stated that no rights in it are left. That may be otherwise where you live: look at the evidence."
    if _COPYLEFT.fullmatch(atom):
        return (
            "You may copy it, share it and change it for any purpose. Whoever gets it from you gets the same rights and"
            " the text of the licence, and can have it in the form in which it is best changed."
        )
    elements = _cc_parts(atom)[0].split("-")
    return _cc_allows(frozenset(elements)) if elements != [""] else CLASS_ALLOWS.get(licence_class, "")


def _cc_allows(elements: frozenset[str]) -> str:
    may = "You may copy and share it as it is" if "nd" in elements else "You may copy it, share it and change it"
    purpose = ", but not for money" if "nc" in elements else ", for any purpose"
    name = " Name who made it, link to the licence and say what you changed." if "by" in elements else ""
    same = " What you make from it you may share under the same licence only." if "sa" in elements else ""
    made = " What you make from it you may not share." if "nd" in elements else ""
    return f"{may}{purpose}.{name}{same}{made}"


def _cc_parts(atom: str) -> tuple[str, str, str]:
    """Elements, version, jurisdiction, in lower case; "" for what is no licence of theirs."""
    hit = _CC.fullmatch(atom) or _CC_ADDRESS.fullmatch(atom)
    if not hit or not set(hit[1].lower().split("-")) <= set(_ELEMENTS):
        return "", "", ""
    return hit[1].lower(), hit[2], (hit[3] or "").lower()
