"""Licence classes: what a licence lets an archive do, and how two licences stand to each other.

Takes  SPDX expressions or addresses, as `understand` gives them.   Gives  a class, what is forbidden, agreement, the
       stricter.

OR lets the one who uses the work choose, so the best alternative counts; AND asks for all, so the strictest counts;
WITH only adds permission, so it counts as its licence.
"""

import functools
import re

from sonoteca.rights.licence_expressions import alternatives
from sonoteca.rights.licence_ids import GNU_VERSIONS
from sonoteca.rights.licence_table import (
    ALL_RIGHTS_RESERVED,
    FREE,
    NO_RIGHTS_LEFT,
    NODERIVATIVES_WORDS,
    NONCOMMERCIAL_WORDS,
    PUBLIC_DOMAIN_CLAIMS,
    RIGHTS_STATEMENTS,
    LicenceClass,
)

# From the best to the worst.
RANK = (
    LicenceClass.FREE,
    LicenceClass.NC,
    LicenceClass.ND,
    LicenceClass.NC_ND,
    LicenceClass.CUSTOM,
    LicenceClass.RESERVED,
    LicenceClass.UNKNOWN,
)
FORBIDS: dict[LicenceClass, frozenset[str]] = {
    LicenceClass.NC: frozenset({"nc"}),
    LicenceClass.ND: frozenset({"nd"}),
    LicenceClass.NC_ND: frozenset({"nc", "nd"}),
    LicenceClass.RESERVED: frozenset({"nc", "nd", "sharing"}),
}
PHRASES_FORBID = {NONCOMMERCIAL_WORDS: frozenset({"nc"}), NODERIVATIVES_WORDS: frozenset({"nd"})}
_CC_ID = re.compile(r"(?:LicenseRef-)?CC-((?:BY|SA|ND|NC)(?:-(?:NC|ND|SA))*)(?:-(\d\.\d)(?:-[A-Z]+)?)?")
_CC_ADDRESS = re.compile(r"https://creativecommons\.org/licenses/([a-z+-]+)/(\d\.\d)/(?:[a-z]+/)?")
_GNU_ID = re.compile(r"(A?GPL|LGPL|GFDL)-(\d\.\d)(?:-no-invariants|-invariants)?-(only|or-later)")


# ── one licence ──────────────────────────────────────────────────────────────────────────────────────────────────────


@functools.lru_cache(maxsize=4096)
def class_of(licence: str) -> LicenceClass:
    """The class of an expression or address; UNKNOWN for ""."""
    return _class_of_all(_best(licence)) if licence else LicenceClass.UNKNOWN


def is_public_domain(licence: str) -> bool:
    """Whether it rests on a claim that no right is left, which somebody has to reason."""
    return bool(licence) and bool(_best(licence) & PUBLIC_DOMAIN_CLAIMS)


@functools.lru_cache(maxsize=4096)
def forbidden_by(licence: str) -> frozenset[str]:
    """What it does not allow, as far as known: of "nc", "nd", "sharing"."""
    return min((_forbidden_by_all(one) for one in alternatives(licence)), key=len) if licence else frozenset()


def strictest(classes: frozenset[LicenceClass]) -> LicenceClass:
    """The class of several that all have to be kept."""
    if {LicenceClass.NC, LicenceClass.ND} <= classes:
        classes |= {LicenceClass.NC_ND}
    return max(classes, key=RANK.index, default=LicenceClass.UNKNOWN)


def _best(licence: str) -> frozenset[str]:
    # A licence is better than a claim of the public domain, which has to be reasoned first.
    return min(
        alternatives(licence), key=lambda one: (RANK.index(_class_of_all(one)), bool(one & PUBLIC_DOMAIN_CLAIMS))
    )


def _class_of_all(atoms: frozenset[str]) -> LicenceClass:
    return strictest(frozenset(class_of_atom(atom) for atom in atoms))


def class_of_atom(atom: str) -> LicenceClass:
    """The class of one licence, without operators."""
    name = atom.partition(" WITH ")[0]
    if name in FREE or name in NO_RIGHTS_LEFT:
        return LicenceClass.FREE
    if name == ALL_RIGHTS_RESERVED:
        return LicenceClass.RESERVED
    if name.startswith("http://rightsstatements.org/vocab/"):
        return RIGHTS_STATEMENTS.get(name.split("/")[4], LicenceClass.CUSTOM)
    elements, version = cc_parts(name)
    if elements:
        return _class_of_cc(elements, version)
    return LicenceClass.CUSTOM if name else LicenceClass.UNKNOWN


def _class_of_cc(elements: str, version: str) -> LicenceClass:
    if elements in ("sampling+", "nc-sampling+"):
        return LicenceClass.NC  # Sampling Plus 1.0 §3c: the whole work may be shared, not commercially
    if elements in ("sampling", "devnations") or not version:
        return LicenceClass.CUSTOM
    found = set(elements.split("-"))
    if {"nc", "nd"} <= found:
        return LicenceClass.NC_ND
    return LicenceClass.NC if "nc" in found else LicenceClass.ND if "nd" in found else LicenceClass.FREE


def cc_parts(atom: str) -> tuple[str, str]:
    """Elements and version of a Creative Commons licence ("by-sa", "3.0"; "" without a version), ("", "") for
    others."""
    if hit := _CC_ID.fullmatch(atom) or _CC_ADDRESS.fullmatch(atom):
        return hit[1].lower(), hit[2] or ""
    return "", ""


def _forbidden_by_all(atoms: frozenset[str]) -> frozenset[str]:
    return frozenset[str]().union(*(_forbidden_by_atom(atom) for atom in atoms))


def _forbidden_by_atom(atom: str) -> frozenset[str]:
    elements, version = cc_parts(atom)
    if elements and not version:
        return frozenset(elements.split("-")) & {"nc", "nd"}
    return PHRASES_FORBID.get(atom) or FORBIDS.get(class_of_atom(atom), frozenset())


# ── two licences ─────────────────────────────────────────────────────────────────────────────────────────────────────


@functools.lru_cache(maxsize=16384)
def is_agreeing(one: str, other: str) -> bool:
    """Whether two statements can both be true of one work: some alternative of one has the same licences as some of
    the other. "GPL" agrees with GPL-2.0-only, which it includes; CC BY-SA 3.0 with its German version; CC0 with
    "public domain"."""
    return any(_are_same(left, right) for left in alternatives(one) for right in alternatives(other))


def is_stricter(claim: str, ground: str) -> bool:
    """Whether the claim forbids what the ground allows."""
    return bool(forbidden_by(claim) - forbidden_by(ground)) and not is_agreeing(claim, ground)


def narrowed(licences: tuple[str, ...]) -> tuple[str, ...]:
    """The licences without those that another one says more exactly ("GPL" beside GPL-2.0-only, CC BY-SA beside CC
    BY-SA 3.0)."""
    kept = list(dict.fromkeys(licences))
    for one in tuple(kept):
        if any(other != one and is_agreeing(one, other) and _is_vaguer(one, other) for other in kept):
            kept.remove(one)
    return tuple(kept)


def _are_same(left: frozenset[str], right: frozenset[str]) -> bool:
    return all(any(_is_same(a, b) for b in right) for a in left) and all(
        any(_is_same(a, b) for a in left) for b in right
    )


def _is_same(one: str, other: str) -> bool:
    one, other = one.partition(" WITH ")[0], other.partition(" WITH ")[0]
    if one == other or {one, other} <= NO_RIGHTS_LEFT:
        return True
    if LicenceClass.RESERVED is class_of_atom(one) is class_of_atom(other):
        return True
    (elements, version), (elements_2, version_2) = cc_parts(one), cc_parts(other)
    if elements:
        return elements == elements_2 and (version == version_2 or not version or not version_2)
    return bool(_gnu_versions(one) & _gnu_versions(other))


def _gnu_versions(atom: str) -> frozenset[str]:
    hit = _GNU_ID.fullmatch(atom)
    if not hit:
        return frozenset()
    name, lowest, reach = hit.groups()
    return frozenset(
        f"{name} {one}" for one in GNU_VERSIONS[name] if one == lowest or (reach == "or-later" and one > lowest)
    )


def _is_vaguer(one: str, other: str) -> bool:
    if {one, other} <= NO_RIGHTS_LEFT:
        return one in PUBLIC_DOMAIN_CLAIMS and (other not in PUBLIC_DOMAIN_CLAIMS or one > other)
    if cc_parts(one)[0]:
        # Without a version; or the same version without the jurisdiction that the other one names.
        return not cc_parts(one)[1] or (cc_parts(one) == cc_parts(other) and len(one) < len(other))
    return _gnu_versions(one) > _gnu_versions(other)
