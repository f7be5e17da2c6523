"""Grounds: why songs are public, in plain words: the licence, what it allows, and the evidence behind it. Pure.

Takes  a release as the public may see it.   Gives  one Ground for each licence, with the songs it is for.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sonoteca.convert.licence_terms import address_of, allows, atoms_of, name_of
from sonoteca.model.rights import Evidence, EvidenceKind, Layer, Verdict
from sonoteca.web import words
from sonoteca.web.public import PublicRelease

_CC = re.compile(r"CC-(BY(?:-(?:NC|ND|SA))*)-(\d\.\d)(?:-[A-Z]+)?")
_GNU = re.compile(r"([AL]?GPL|GFDL)-(\d)\.(\d)(?:-no-invariants|-invariants)?-(only|or-later)")
SHORT = {"CC0-1.0": "CC0", "CC-PDM-1.0": "Public domain", "LicenseRef-scancode-public-domain": "Public domain"}
# How a kind of evidence is told: "… says: …".
TOLD = {
    EvidenceKind.MANIFEST: "A list of rights that came with the recordings",
    EvidenceKind.LICENCE_FILE: "A licence text that came with the recordings",
    EvidenceKind.SOURCE_PAGE: "The page it was taken from",
    EvidenceKind.SOURCE_FIELD: "The source’s own description",
    EvidenceKind.TAG: "A tag inside the file",
    EvidenceKind.TAPING_POLICY: "The artist’s policy on recording concerts",
    EvidenceKind.DDEX: "The agreement under which it was delivered",
    EvidenceKind.LETTER: "A letter",
    EvidenceKind.PUBLIC_DOMAIN: "Reasoning about the public domain",
    EvidenceKind.OWN_WORK: "Whoever made it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One piece of evidence as people read it. `rests` says that the verdict rests on it; otherwise it was only
    heard."""

    teller: str
    statement: str
    licence: str
    standing: str
    about: str
    issuer: str
    captured_at: str
    captured_from: str
    digest: str
    note: str
    rests: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A licence under which songs are public. `atoms` are its parts: name, address, what it allows. `numbers` names the
    songs when it is not for all."""

    label: str
    licence_class: str
    kind: str
    because: str
    rule: str
    atoms: tuple[tuple[str, str, str], ...]
    statements: tuple[Statement, ...]
    numbers: tuple[str, ...]


def grounds(found: PublicRelease) -> tuple[Ground, ...]:
    """Every licence by which something of the release is public, in the order of the songs."""
    groups: dict[Verdict, list[str]] = {}
    for song in found.songs:
        if song.verdict is not None:
            groups.setdefault(song.verdict, []).append(song.number)
    whole = len(groups) == 1
    return tuple(
        ground(verdict, found.standing.evidence, () if whole else tuple(songs)) for verdict, songs in groups.items()
    )


def ground(verdict: Verdict, evidence: Iterable[Evidence], songs: tuple[str, ...] = ()) -> Ground:
    """One of them."""
    atoms = atoms_of(verdict.licence)
    return Ground(
        label=label(verdict.licence) or words.CLASSES.get(verdict.licence_class, "Permission given"),
        licence_class=verdict.licence_class or "custom",
        kind=words.CLASSES.get(verdict.licence_class, ""),
        because=verdict.because,
        rule=verdict.rule,
        atoms=tuple((name_of(one), address_of(one), allows(one, verdict.licence_class)) for one in atoms),
        statements=tuple(_statements(verdict, evidence)),
        numbers=songs,
    )


def label(licence: str) -> str:
    """A licence in a few letters: "CC BY-SA 4.0", "GPL 2+", "CC0"."""
    return " / ".join(_short(one) for one in atoms_of(licence)[:3])


def _short(atom: str) -> str:
    if atom in SHORT:
        return SHORT[atom]
    if hit := _CC.fullmatch(atom):
        return f"CC {hit[1]} {hit[2]}"
    if hit := _GNU.fullmatch(atom):
        number = hit[2] if hit[3] == "0" else f"{hit[2]}.{hit[3]}"
        return f"{hit[1]} {number}{'+' if hit[4] == 'or-later' else ''}"
    return atom.removeprefix("LicenseRef-")[:40]


def _statements(verdict: Verdict, evidence: Iterable[Evidence]) -> Iterator[Statement]:
    resting = set(verdict.evidence)
    for one in sorted(evidence, key=lambda one: (one.id not in resting, one.kind, one.id)):
        yield Statement(
            teller=TOLD[one.kind],
            statement=one.statement,
            licence=label(one.licence) if one.licence and one.licence != one.statement else "",
            standing=_standing(one),
            about="" if one.layer is Layer.ALL else str(one.layer),
            issuer=one.issuer,
            captured_at=one.captured_at,
            captured_from=words.place(one.captured_from) if one.captured_from else "",
            digest=one.digest or "",
            note=one.note,
            rests=one.id in resting,
        )


def _standing(one: Evidence) -> str:
    if one.grant:
        return "granted to this archive in writing"
    return "confirmed by the archive’s operator" if one.trusted else "a claim, which alone opens nothing"
