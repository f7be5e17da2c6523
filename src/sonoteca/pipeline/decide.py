"""Decide: the operator's word about rights and descriptions, recorded, and what follows from it made again.

Takes  targets (releases, tracks, everything held by a rule, a collection) and a grant, a hold or edits.
Gives  how many releases were judged again, and what is still held.
Order  what a crash left is ended first; an intent for every release that is meant; then, for each of them, the
       decision as a durable record, its verdicts and rows. After a crash in between, the next command that writes
       ends the release that was being decided on; the others are judged by the old word until the same command is run
       again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sonoteca.catalogue import read, status
from sonoteca.catalogue.write import Intent
from sonoteca.formats import json, plain
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.record import RecordKind
from sonoteca.model.rights import Layer
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.decisions import holds_of
from sonoteca.pipeline.describe import decided, intend, judge_again, raise_troubles, settle_debts
from sonoteca.pipeline.look import Target, all_of, find_ids
from sonoteca.pipeline.recover import recover
from sonoteca.pipeline.volumes import settle_volumes
from sonoteca.rights.records import Grant, Hold, holds_in_force, verify_grant

ISSUE_AT_ONCE = 200  # releases: their volumes are issued together


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person pointed at: ids, and/or everything held by a rule, and/or a collection."""

    ids: tuple[str, ...] = ()
    rule: str = ""
    collection: str = ""


def find_targets(archive: Archive, choice: Choice) -> list[Target]:
    """The releases and tracks meant; Refused when an id is unknown or nothing is meant."""
    found: dict[str, set[str]] = {}
    whole: set[str] = set()
    with archive.database.read() as tx:
        for word in choice.ids:
            for target in find_ids(tx, word):
                found.setdefault(target.release, set()).update(target.tracks)
                whole.update(() if target.tracks else {target.release})
        for release in _chosen(tx, choice):
            whole.add(release)
            found.setdefault(release, set())
    if not found:
        cure = "name a release or track id, or --rule R002, or --collection NAME"
        raise Refused("no-target", "nothing is meant", where="the command", cure=cure)
    return [
        Target(release=release, tracks=() if release in whole else tuple(sorted(tracks)))
        for release, tracks in sorted(found.items())
    ]


def _chosen(tx: Connection, choice: Choice) -> Iterator[str]:
    """Releases by rule and collection, page by page; both must hold when both are given."""
    if choice.rule:
        yield from _held_by(tx, choice.rule, choice.collection)
    elif choice.collection:
        yield from (kept.release.id for kept in all_of(tx, choice.collection))


def _held_by(tx: Connection, rule: str, collection: str) -> Iterator[str]:
    after = ("", "", "")
    while page := status.held(tx, rule, after, status.MAX_PAGE):
        after = page[-1].cursor
        yield from (one.release for one in page if collection in ("", one.collection))


def grant(archive: Archive, targets: Iterable[Target], terms: Grant) -> Iterator[str]:
    """Records the grant for each release and judges it again; yields release ids as they are done."""
    verify_grant(terms)
    return _decide(archive, RecordKind.GRANT, {target.release: _body(terms, target) for target in targets})


def hold(archive: Archive, targets: Iterable[Target], terms: Hold) -> Iterator[str]:
    """Records the hold, or its lifting, for each release and judges it again. Pictures are a release's: Refused for a
    track's."""
    targets = tuple(targets)
    part = next((one for one in targets if one.tracks), None)
    if part is not None and terms.layer is not Layer.ALL:
        what = f"the {terms.layer} is of a release, not of a track"
        raise Refused("part-of-it", what, where=part.tracks[0], cure=f"sonoteca rights hold {part.release} --artwork")
    return _decide(archive, RecordKind.HOLD, {target.release: _body(terms, target) for target in targets})


def withdraw(archive: Archive, targets: Iterable[Target], reason: str) -> Iterator[str]:
    """Takes tracks or releases out of the public: their volumes leave the seeder and are issued without them."""
    terms = Hold(reason=reason, withdrawal=True)
    return _decide(archive, RecordKind.WITHDRAWAL, {target.release: _body(terms, target) for target in targets})


def reinstate(archive: Archive, targets: Iterable[Target]) -> Iterator[str]:
    """Ends withdrawals: what may be public otherwise has its former place, path and infohash again. Refused when
    nothing meant is withdrawn, or a track's whole release is."""
    terms = Hold(withdrawal=True, lifted=True)
    # What a crash kept from coming back comes back, though it is not withdrawn any more.
    recover(archive)
    targets = tuple(targets)
    settle_volumes(archive, [target.release for target in targets])
    meant = [_withdrawn(archive, target) for target in targets]
    return _decide(archive, RecordKind.WITHDRAWAL, {target.release: _body(terms, target) for target in meant})


def _withdrawn(archive: Archive, target: Target) -> Target:
    """The target with every name under which it, or a part of it, is withdrawn."""
    back = holds_in_force([one for one in holds_of(archive, target.release) if one.withdrawal])
    names = tuple(one for one in back if not target.tracks or one in target.tracks)
    if names:
        return Target(release=target.release, tracks=names)
    if target.release in back:
        cure = f"sonoteca reinstate {target.release}, then withdraw the tracks that stay out"
        raise Refused("withdrawn-whole", "the release is withdrawn as a whole", where=target.tracks[0], cure=cure)
    where = target.tracks[0] if target.tracks else target.release
    raise Refused("not-withdrawn", "it is not withdrawn", where=where, cure="sonoteca status shows what is")


def edit(archive: Archive, edits: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Records the curator's words for each release and makes its rows again."""
    bodies = {release: json.format(dict(fields)).decode() for release, fields in sorted(edits.items())}
    return _decide(archive, RecordKind.EDIT, bodies)


def _body(terms: Grant | Hold, target: Target) -> str:
    described = plain.to_plain(terms)
    described["targets"] = list(target.tracks) or [target.release]
    return json.format(described).decode()


def _decide(archive: Archive, kind: RecordKind, bodies: Mapping[str, str]) -> Iterator[str]:
    recover(archive)
    releases, troubles = tuple(bodies), list[Damaged]()
    for start in range(0, len(releases), ISSUE_AT_ONCE):
        some = releases[start : start + ISSUE_AT_ONCE]
        for intent in intend(archive, some):
            archive.records.append(kind, intent.release, bodies[intent.release], archive.clock.now())
            # The decision is durable and nothing follows from it yet: recovery goes on from here.
            _decided(archive, intent, troubles)
        settle_debts(archive)
        # Rights changes re-issue at once: what may not be public any more leaves the swarm before the rest goes on.
        if kind is not RecordKind.EDIT:
            settle_volumes(archive, some)
        yield from some
    raise_troubles(troubles)


def _decided(archive: Archive, intent: Intent, troubles: list[Damaged]) -> None:
    try:
        decided(archive, intent)
    except Damaged as trouble:
        troubles.append(trouble)


def audit(archive: Archive) -> list[str]:
    """Judges every release by what holds now; gives those whose verdicts changed. Damaged, at the end, when some cannot
    be read."""
    recover(archive)
    changed, troubles = list[str](), list[Damaged]()
    after = ""
    while True:
        with archive.database.read() as tx:
            page = [kept.release.id for kept in read.all_releases(tx, None, after, read.MAX_PAGE)]
        if not page:
            raise_troubles(troubles)
            return changed
        some = judge_again(archive, page, troubles)
        settle_debts(archive)
        settle_volumes(archive, some)
        changed += some
        after = page[-1]


def attach_evidence(archive: Archive, content: bytes, suffix: str) -> str:
    """Keeps a letter or page that a grant rests on; gives its digest."""
    return archive.records.attach(content, suffix)
