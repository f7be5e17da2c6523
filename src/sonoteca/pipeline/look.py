"""Look: what people and programs ask of an archive, answered from the catalogue as plain values.

Takes  an id, or the beginning of one; words to search.
Gives  dicts that are JSON as they are, and that the command line draws.
Never  writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from sonoteca.catalogue import read, status
from sonoteca.catalogue import volumes as volume_rows
from sonoteca.catalogue.read import Kept, Place
from sonoteca.catalogue.volumes import Listed
from sonoteca.formats import plain
from sonoteca.holdings import standing
from sonoteca.model.copies import NO_COPIES
from sonoteca.model.errors import Refused, Unreachable
from sonoteca.model.finding import Finding
from sonoteca.model.ids import RECORDING_FORM, TRACK_FORM
from sonoteca.model.rights import Channel, Decision, Rendition, Verdict
from sonoteca.model.search import Query
from sonoteca.model.torrent import Flavour, InfoHashes
from sonoteca.pipeline import sidecars
from sonoteca.pipeline.alike import alike, told_track
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.covers import told_artwork
from sonoteca.pipeline.heed import damages, release_of
from sonoteca.pipeline.reach import warnings
from sonoteca.pipeline.torrents import seed_path
from sonoteca.ports.control import BRIEF, ask
from sonoteca.ports.keys import is_recovery_key_here
from sonoteca.ports.search import SqliteSearch
from sonoteca.swarm.copies import copies_book
from sonoteca.swarm.shards import peer_address
from sonoteca.torrents.assemble import magnet

URN = "urn:uuid:"
MIN_LETTERS = 4  # of a release id, without what all of them begin with


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A release, or some tracks of it (() is all)."""

    release: str
    tracks: tuple[str, ...] = ()


def find_ids(tx: Connection, word: str) -> list[Target]:
    """The releases, or tracks in releases, that a word names; Refused when it names none or could be several."""
    if TRACK_FORM.fullmatch(word) or RECORDING_FORM.fullmatch(word):
        found = [Target(release=place.release, tracks=(place.track,)) for place in read.every_place(tx, word)]
    else:
        found = [Target(release=release) for release in _release_ids(tx, word)]
    if not found:
        raise Refused("unknown-id", "nothing here has this id", where=word, cure="sonoteca search WORDS finds ids")
    return found


def _release_ids(tx: Connection, word: str) -> tuple[str, ...]:
    beginning = word if word.startswith(URN) else URN + word
    if len(beginning) < len(URN) + MIN_LETTERS:
        # A script's empty variable must never mean "the only release there is".
        cure = "sonoteca search WORDS finds ids"
        raise Refused("short-id", f"at least {MIN_LETTERS} letters of an id are needed", where=word, cure=cure)
    found = read.find_release_ids(tx, beginning.lower())
    if len(found) > 1:
        cure = "give more of it: " + ", ".join(found[:3])
        raise Refused("several-ids", f"{len(found)} releases begin like this", where=word, cure=cure)
    return tuple(found)


def all_of(tx: Connection, collection: str = "") -> Iterator[Kept]:
    """Every release, of one collection or all, page by page."""
    after = ""
    while page := read.all_releases(tx, collection or None, after, read.MAX_PAGE):
        after = page[-1].release.id
        yield from page


def show(archive: Archive, word: str) -> dict[str, Any]:
    """A release, recording or track, with rights and provenance."""
    with archive.database.read() as tx:
        if RECORDING_FORM.fullmatch(word):
            return _recording(tx, word)
        if TRACK_FORM.fullmatch(word):
            return _track(tx, word)
        return _release(tx, find_ids(tx, word)[0].release)


def _release(tx: Connection, release_id: str) -> dict[str, Any]:
    kept = read.release(tx, release_id)
    if kept is None:
        raise Refused(
            "unknown-id", "nothing here has this id", where=release_id, cure="sonoteca search WORDS finds ids"
        )
    facts = {name: getattr(kept, name) for name in ("source_key", "captured_at", "version", "added_at", "changed_at")}
    return {
        "kind": "release",
        "release": plain.to_plain(kept.release),
        "withdrawn": kept.withdrawn,
        **facts,
        "rights": rights(tx, Target(release=release_id)),
        "findings": [plain.to_plain(one) for one in (*read.release_findings(tx, release_id), *_same(tx, kept))],
        "refused": [plain.to_plain(one) for one in read.refused_files(tx, kept.source_key)],
    }


def _same(tx: Connection, kept: Kept) -> Iterator[Finding]:
    return alike(tx, ((one.id, one.title.text) for one in kept.release.tracks))


def _track(tx: Connection, track_id: str) -> dict[str, Any]:
    places = read.every_place(tx, track_id)
    if not places:
        raise Refused("unknown-id", "nothing here has this id", where=track_id, cure="sonoteca search WORDS finds ids")
    told = [rights(tx, Target(release=place.release, tracks=(track_id,))) for place in places]
    return {
        "kind": "track",
        "track": track_id,
        "places": [_place(place) for place in places],
        "like": told_track(tx, track_id),
        "rights": told,
    }


def _recording(tx: Connection, recording_id: str) -> dict[str, Any]:
    kept = read.recording(tx, recording_id)
    if kept is None:
        raise Refused(
            "unknown-id", "nothing here has this id", where=recording_id, cure="sonoteca search WORDS finds ids"
        )
    names = ("digest", "bytes", "container", "codec", "duration_s", "sample_rate_hz", "channels", "bits", "lossless")
    facts = {name: getattr(kept, name) for name in names}
    # Of each of its tracks: a cue sheet gives several.
    tracks = dict.fromkeys(one.track for one in read.every_place(tx, recording_id))
    like = [{"of": track, **one} for track in tracks for one in told_track(tx, track)]
    places = [_place(one) for one in kept.places]
    return {"kind": "recording", "recording": recording_id, **facts, "places": places, "like": like}


def _place(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in Place.__dataclass_fields__}


def rights(tx: Connection, target: Target) -> dict[str, Any]:
    """Evidence and verdicts, equal verdicts said once with the channels and the number of tracks they are for."""
    groups: dict[tuple[Verdict, Rendition], dict[str, set[str]]] = {}
    for track, rendition, channel, verdict in read.release_verdicts(tx, target.release):
        if not target.tracks or track in target.tracks:
            group = groups.setdefault((verdict, rendition), {"channels": set(), "tracks": set()})
            group["channels"].add(str(channel))
            group["tracks"].add(track)
    evidence = [plain.to_plain(one) | {"trusted": one.trusted} for one in read.release_evidence(tx, target.release)]
    found = standing(tx, target.release)
    return {
        "release": target.release,
        "artwork": {} if found is None else told_artwork(found),
        "evidence": evidence,
        "verdicts": [_verdict(key, group) for key, group in groups.items()],
    }


def _verdict(key: tuple[Verdict, Rendition], group: dict[str, set[str]]) -> dict[str, Any]:
    verdict, rendition = key
    order = [str(channel) for channel in Channel if str(channel) in group["channels"]]
    said = {"licence": verdict.licence, "licence_class": verdict.licence_class, "evidence": list(verdict.evidence)}
    return {
        "decision": str(verdict.decision),
        "rule": verdict.rule,
        "because": verdict.because,
        "cure": verdict.cure,
        "rendition": str(rendition),
        "channels": order,
        "tracks": len(group["tracks"]),
        **said,
    }


def rights_of(archive: Archive, word: str) -> list[dict[str, Any]]:
    """Evidence and verdicts for everything that a word names."""
    with archive.database.read() as tx:
        return [rights(tx, target) for target in find_ids(tx, word)]


def summary(archive: Archive, releases: list[str]) -> dict[str, Any]:
    """After a decision: how many tracks of these releases may be downloaded, and what still holds the others."""
    tracks: set[tuple[str, str]] = set()
    public: set[tuple[str, str]] = set()
    held: dict[str, dict[str, Any]] = {}
    with archive.database.read() as tx:
        for release in releases:
            for track, rendition, channel, verdict in read.release_verdicts(tx, release):
                if (rendition, channel) != (Rendition.ORIGINAL, Channel.DOWNLOAD):
                    continue
                tracks.add((release, track))
                if verdict.decision is Decision.PUBLISH:
                    public.add((release, track))
                else:
                    one = held.setdefault(
                        verdict.rule,
                        {"rule": verdict.rule, "because": verdict.because, "cure": verdict.cure, "tracks": 0},
                    )
                    one["tracks"] += 1
    return {"releases": len(set(releases)), "tracks": len(tracks), "public": len(public), "held": list(held.values())}


def search(archive: Archive, query: Query) -> dict[str, Any]:
    """Hits for words, hydrated from the rows: what is withdrawn is left out even when the index is stale."""
    with archive.database.read() as tx:
        page = SqliteSearch(tx).search(query)
        hits = [{name: getattr(one, name) for name in one.__dataclass_fields__} for one in read.hydrate(tx, page.hits)]
    return {"hits": hits, "total": page.total, "total_is_exact": page.total_is_exact, "cursor": page.cursor}


def volumes(archive: Archive) -> dict[str, Any]:
    """Every volume as it is now, with its magnet link; and how many releases were edited since their credits were
    written."""
    outside = archive.settings.outside
    with archive.database.read() as tx:
        found = [_volume(one) for one in volume_rows.listed(tx)]
        stale = len(sidecars.stale(archive, tx))
    book = copies_book(archive.private, archive.clock.now())
    for one in found:
        hashes = InfoHashes(v1=one["v1"], v2=one["v2"])
        copies = book.get(hashes.short, NO_COPIES)
        one["copies"] = {name: getattr(copies, name) for name in copies.__dataclass_fields__}
        one["magnet"] = magnet(hashes, one["name"], outside, _peer(archive, hashes)) if one["v1"] else ""
    return {"volumes": found, "stale": stale}


def _peer(archive: Archive, hashes: InfoHashes) -> str:
    return peer_address(archive.settings.seed_address, hashes, archive.settings.seed_shards)


def _volume(one: Listed) -> dict[str, Any]:
    return {
        "name": one.name,
        "collection": one.group.collection,
        "tier": str(one.group.tier),
        "licence_class": one.group.licence_class,
        "revision": one.revision,
        "files": one.files,
        "bytes": one.bytes,
        "v1": one.hashes.v1,
        "v2": one.hashes.v2,
    }


def after_withdrawal(archive: Archive, releases: list[str]) -> dict[str, Any]:
    """What of these releases is public now, and the volumes in which they have places; `is_dark` are those that could
    not be issued without what has to go: nobody is given them."""
    with archive.database.read() as tx:
        names = set(volume_rows.names_of(tx, releases))
        found = [_volume(one) for one in volume_rows.listed(tx) if one.name in names]
    for one in found:
        # What has to lose a file and cannot be issued without it is listed for no seeder (volumes.py).
        lists = [seed_path(one["name"], Flavour(flavour)) for flavour in archive.settings.flavours]
        one["is_dark"] = bool(one["files"]) and any(archive.disk.find(path) is None for path in lists)
    return {**summary(archive, releases), "volumes": found}


def overview(archive: Archive) -> dict[str, Any]:
    """What is where, what is held and why, space and health."""
    with archive.database.read() as tx:
        counted = status.status(tx)
    found: dict[str, Any] = plain.to_plain(counted)
    found["publishable"] = {str(channel): count for channel, count in counted.publishable.items()}
    found["ledger_entries"] = archive.ledger.size
    found["free_bytes"] = archive.disk.free_bytes()
    found["reserve_bytes"] = archive.settings.reserve_bytes
    found["recovery_key_is_here"] = is_recovery_key_here(archive.disk)
    found["name"] = archive.settings.name
    found["damages"] = [{**plain.to_plain(one), "release": release_of(one.path)} for one in damages(archive)]
    found["swarm"] = _swarm(archive)
    return found


def _seeder(archive: Archive) -> dict[str, Any] | None:
    try:
        return ask(archive.root, "status", timeout_s=5.0, about=BRIEF)
    except Unreachable:
        # One runs and is busy or stuck: `seed --status` tells more, the rest of the overview does not wait for it.
        return {"peers": 0, "uploaded_bytes": 0, "failed": 0}


def _swarm(archive: Archive) -> dict[str, Any]:
    """What is in the swarm, whether a seeder runs, and what keeps strangers from it."""
    with archive.database.read() as tx:
        every = list(volume_rows.listed(tx))
        waiting = volume_rows.count_waiting(tx)
    published = [one for one in every if one.files]
    told = _seeder(archive) if published else None
    return {
        "volumes": len(published),
        "files": sum(one.files for one in published),
        "bytes": sum(one.bytes for one in published),
        "waiting": waiting,
        "is_seeding": told is not None,
        "peers": told["peers"] if told else 0,
        "uploaded_bytes": told["uploaded_bytes"] if told else 0,
        "failed": told["failed"] if told else 0,
        "warnings": list(warnings(archive.settings)) if published else [],
    }
