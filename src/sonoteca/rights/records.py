"""Records: the operator's decisions about rights, as values: grants, holds, trust.

Takes  what records/ holds (docs/formats/rights.md says what each body means).
Gives  which grants speak of a track, whether it is held, whether a source is trusted.
Never  trusts by a likeness of names: a path is compared part by part, and what is not named is not meant.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote_to_bytes

from sonoteca.formats import json, plain
from sonoteca.model.errors import Refused
from sonoteca.model.ids import Digest, is_digest
from sonoteca.model.release import Master, MasterRole, Release, Track
from sonoteca.model.rights import Channel, Evidence, EvidenceKind, Layer
from sonoteca.rights.licence_table import ALL_RIGHTS_RESERVED, LicenceClass
from sonoteca.rights.licences import understand

DATE_FORM = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\dZ)?)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The operator says: these may be used so. `targets` are release ids, track ids, or original paths within the
    release that the record is about. `licence` in any words that are understood, or "" when the permission is in
    words alone (`statement`). `channels` () is every channel, `territories` () the world, dates ISO 8601, "" open.
    `evidence_digest` is that of the letter or page kept with the record. `id` "" stands for the digest of the grant
    itself."""

    targets: tuple[str, ...] = ()
    licence: str = ""
    statement: str = ""
    channels: tuple[Channel, ...] = ()
    territories: tuple[str, ...] = ()
    valid_from: str = ""
    valid_until: str = ""
    evidence_digest: str = ""
    issuer: str = ""
    note: str = ""
    made_at: str = ""
    id: str = ""
    kind: EvidenceKind = EvidenceKind.LETTER
    layer: Layer = Layer.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The operator says: these stay inside; or, `lifted`, that they need not any longer. Targets are release or track
    ids. `withdrawal`: they were public and are taken back, or, lifted, reinstated; a hold on the same target stays.
    `layer` is what of them: all, or the artwork of a release alone."""

    targets: tuple[str, ...] = ()
    reason: str = ""
    lifted: bool = False
    made_at: str = ""
    withdrawal: bool = False
    layer: Layer = Layer.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The operator stands behind the manifests and licence files of a source: everything whose source key begins with
    the path `source_key`, or everything added to `collection`; of both together when both are given. `withdrawn`
    takes it back."""

    source_key: str = ""
    collection: str = ""
    reason: str = ""
    made_at: str = ""
    withdrawn: bool = False


# ── grants ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def verify_grant(grant: Grant) -> None:
    """Refused when the grant could not mean what a person thinks: a licence nobody understands, a date that is none."""
    if grant.licence and not understand(grant.licence).licence:
        cure = "an SPDX id (CC-BY-4.0), a licence's address or LicenseRef-NAME; or none, and the permission in words"
        raise Refused("unknown-licence", f"{grant.licence!r} is no known licence", where="the grant", cure=cure)
    if not grant.licence and not grant.statement:
        what = "it says neither which licence nor in words what is permitted"
        raise Refused("empty-grant", what, where="the grant", cure="name a licence, or say it in words")
    if not grant.statement and understand(grant.licence).licence_class is LicenceClass.RESERVED:
        what = "it names reserved rights and does not say what is permitted"
        raise Refused("nothing-granted", what, where="the grant", cure="say in words what the holder permits")
    for name, date in (("valid_from", grant.valid_from), ("valid_until", grant.valid_until)):
        if date and not is_date(date):
            raise Refused(
                "bad-date", f"{date!r} is no date", where=f"the grant's {name}", cure="write it as 2026-12-31"
            )
    if grant.evidence_digest and not is_digest(grant.evidence_digest):
        raise Refused(
            "bad-digest", "the digest of the evidence is no sha256", where="the grant", cure="give the file itself"
        )


def is_date(text: str) -> bool:
    """Whether it has the form of a year, month, day or second of ISO 8601 in UTC."""
    if DATE_FORM.fullmatch(text) is None:
        return False
    try:
        # The first month and day stand for those not said; a thirteenth month is no date.
        datetime.fromisoformat(text + "0001-01-01"[len(text) : 10])
    except ValueError:
        return False
    return True


def grant_id(grant: Grant) -> str:
    """The id of a grant: its own, or the digest of its canonical form."""
    return grant.id or hashlib.sha256(json.format(plain.to_plain(grant))).hexdigest()


def primaries(release: Release, track: Track) -> tuple[Master, ...]:
    """The primary masters of a track; more than one when the release has the same bytes twice."""
    return tuple(one for one in release.masters if one.recording == track.recording and one.role is MasterRole.PRIMARY)


def grants_for(release: Release, track: Track, grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants that name this track, its release, or the original path of its primary master."""
    names = {release.id, track.id, *(master.original for master in primaries(release, track))}
    return tuple(grant for grant in grants if names & set(grant.targets))


def evidence_of(grant: Grant, paths: tuple[str, ...]) -> Evidence:
    """The grant as evidence for these original paths or track ids (() is the whole release)."""
    said = understand(grant.licence or grant.statement)
    return with_id(
        Evidence(
            id="",
            kind=grant.kind,
            statement=grant.statement or grant.licence,
            licence=said.licence,
            trusted=True,
            layer=grant.layer,
            paths=paths,
            channels=grant.channels,
            territories=grant.territories,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            captured_at=grant.made_at,
            digest=Digest(grant.evidence_digest) if grant.evidence_digest else None,
            issuer=grant.issuer,
            note=grant.note,
            grant=grant_id(grant),
            names=said.names,
        )
    )


def with_id(evidence: Evidence) -> Evidence:
    """The same evidence with the id that follows from everything else in it."""
    described = plain.to_plain(replace(evidence, id=""))
    described.pop("id")
    return replace(evidence, id=hashlib.sha256(json.format(described)).hexdigest())


# ── holds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def holds_in_force(holds: Iterable[Hold], layer: Layer = Layer.ALL) -> dict[str, str]:
    """Each target of which this layer is held now, with the reason. The newest word about a target counts; of two made
    in the same second the later one in the sequence."""
    found: dict[str, str] = {}
    for hold in sorted((one for one in holds if one.layer is layer), key=lambda one: one.made_at):
        for target in hold.targets:
            found.pop(target, None)
            if not hold.lifted:
                found[target] = hold.reason or "no reason given"
    return found


def evidence_of_holds(release: str, holds: Iterable[Hold]) -> tuple[Evidence, ...]:
    """A hold on the artwork of a release, as the evidence that it is: what is said of the artwork itself counts, also
    when it says no (holdings/artwork.py)."""
    reason = holds_in_force(holds, Layer.ARTWORK).get(release)
    if reason is None:
        return ()
    said = Evidence(
        id="",
        kind=EvidenceKind.OPERATOR,
        statement=f"held: {reason}",
        licence=ALL_RIGHTS_RESERVED,
        trusted=True,
        layer=Layer.ARTWORK,
    )
    return (with_id(said),)


# ── trust ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def is_trusted(source_key: str, collection: str, trusts: Sequence[Trust]) -> bool:
    """Whether the operator stands behind what this source says. The most exact decision that fits counts, of equally
    exact ones the newest."""
    fitting = [one for one in trusts if _fits(one, source_key, collection)]
    # sorted() is stable: of two made in the same second the later one in the sequence comes last.
    ordered = sorted(fitting, key=lambda one: (len(_parts(one.source_key)), bool(one.collection), one.made_at))
    return bool(ordered) and not ordered[-1].withdrawn


def key_of_place(source_key: str, folder: str) -> str:
    """The source key of a folder given relative to that of a release: "../.." is two folders above it."""
    climbs = folder.split("/").count("..")
    return source_key.rstrip("/").rsplit("/", climbs)[0] if climbs else source_key


def _fits(trust: Trust, source_key: str, collection: str) -> bool:
    if not trust.source_key and not trust.collection:
        return False
    if trust.collection and trust.collection != collection:
        return False
    return not trust.source_key or _is_below(source_key, trust.source_key)


def _is_below(key: str, above: str) -> bool:
    parts, wanted = _parts(key), _parts(above)
    # A path with "." or ".." may lead anywhere: nothing is said about it.
    if {b".", b".."} & {*parts, *wanted}:
        return False
    return parts[: len(wanted)] == wanted


def _parts(key: str) -> list[bytes]:
    # "file:///a/b/" and "file:///a/b" are one folder; "%41" and "A" are one byte.
    return [unquote_to_bytes(part) for part in key.rstrip("/").split("/")] if key else []
