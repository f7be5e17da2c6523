"""Grounds: why songs are public, in plain words: the licence, what it allows, and the evidence behind it. Pure.

Takes  a release as the public may see it.   Gives  one Ground for each licence, with the songs it is for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sonoteca.convert.licence_terms import address_of, allows, atoms_of, name_of
from sonoteca.model.ids import TrackId
from sonoteca.model.rights import Evidence, EvidenceKind, Layer
from sonoteca.rights.clear import Speaking
from sonoteca.web import words
from sonoteca.web.public import PublicRelease, Song

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
    EvidenceKind.OPERATOR: "The archive itself",
}


MAX_STATEMENTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One piece of evidence as people read it. `rests` says that the verdict rests on it; otherwise it was only
    heard. `numbers` names the songs it speaks of, () for all of the ground's."""

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
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A licence under which songs are public. `atoms` are its parts: name, address, what it allows. `numbers` names the
    songs when it is not for all; `more` counts the statements that are left out."""

    label: str
    licence_class: str
    because: str
    rule: str
    atoms: tuple[tuple[str, str, str], ...]
    statements: tuple[Statement, ...]
    more: int
    numbers: tuple[str, ...]


def grounds(found: PublicRelease) -> tuple[Ground, ...]:
    """Every licence by which something of the release is public, in the order of the songs."""
    groups: dict[tuple[str, str, str, str], list[Song]] = {}
    for song in found.songs:
        if song.verdict is not None:
            one = song.verdict
            groups.setdefault((one.licence, one.licence_class, one.rule, one.because), []).append(song)
    return tuple(ground(found, songs, is_whole=len(groups) == 1) for songs in groups.values())


def ground(found: PublicRelease, songs: Sequence[Song], *, is_whole: bool = True) -> Ground:
    """The ground that these songs have in common."""
    verdict = next(one.verdict for one in songs if one.verdict is not None)
    statements = _statements(found, songs)
    return Ground(
        label=label(verdict.licence) or words.CLASSES.get(verdict.licence_class, "Permission given"),
        licence_class=verdict.licence_class or "custom",
        because=verdict.because,
        rule=verdict.rule,
        atoms=tuple(
            (name_of(one), address_of(one), allows(one, verdict.licence_class)) for one in atoms_of(verdict.licence)
        ),
        statements=statements[:MAX_STATEMENTS],
        more=max(0, len(statements) - MAX_STATEMENTS),
        numbers=() if is_whole else _numbers(songs),
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


def _statements(found: PublicRelease, songs: Sequence[Song]) -> tuple[Statement, ...]:
    """What is said of these songs, equal words once: first what the verdicts rest on."""
    speaking = Speaking(found.release, found.standing.evidence)
    tracks = {one.id: one for one in found.release.tracks}
    said: dict[Statement, list[Song]] = {}
    for song in songs:
        resting = set(song.verdict.evidence) if song.verdict else set()
        for one in dict.fromkeys(_statement(one, one.id in resting) for one in speaking.of(tracks[TrackId(song.id)])):
            said.setdefault(one, []).append(song)
    ordered = sorted(said, key=lambda one: not one.rests)
    return tuple(replace(one, numbers=() if len(said[one]) == len(songs) else _numbers(said[one])) for one in ordered)


def _statement(one: Evidence, rests: bool) -> Statement:
    if one.kind is EvidenceKind.OPERATOR:
        # Why it is held is between the operator and whoever asked.
        one = replace(one, statement="it is not shown", licence="", note="")
    return Statement(
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
        rests=rests,
    )


def _numbers(songs: Iterable[Song]) -> tuple[str, ...]:
    """Their numbers as printed, what follows each other drawn together: ("1–4", "7", "A2")."""
    runs: list[list[Song]] = []
    for one in songs:
        if runs and one.position == runs[-1][-1].position + 1 and one.disc == runs[-1][-1].disc:
            runs[-1].append(one)
        else:
            runs.append([one])
    return tuple(run[0].number if len(run) == 1 else f"{run[0].number}–{run[-1].number}" for run in runs)


def _standing(one: Evidence) -> str:
    if one.grant:
        return "granted to this archive in writing"
    return "confirmed by the archive’s operator" if one.trusted else "a claim, which alone opens nothing"
