"""Offers: what of a release may be in a swarm now, as the catalogue knows it.

Takes  a release's rows: its description with the curator's edits, verdicts, the files made of its tracks.
Gives  an Offer for the volumes room: every file that may leave by the swarm and has credits to travel with.
Never  offers a file without its credits, or what `public_files` does not let out.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from sonoteca.catalogue import volumes
from sonoteca.catalogue.entries import artist_of
from sonoteca.holdings import MAX_TITLE, PUBLIC, PublicFile, Standing, public_files, standing
from sonoteca.holdings.artwork import is_refused
from sonoteca.model.ids import track_id
from sonoteca.model.release import Release, Track
from sonoteca.model.rights import Channel, Rendition
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group, Slot
from sonoteca.torrents.volumes import AUDIO, Item, Offer, Sidecar

# From the least strict: a master of several spans is in the class of the strictest.
CLASSES = ("free", "nc", "nd", "nc-nd", "custom")


def offer_of(tx: Connection, release: str) -> Offer:
    """What may be in a swarm of this release; nothing, when it is not there."""
    found = standing(tx, release)
    return Offer(release=release, folder="", items=()) if found is None else offer_from(found)


def offer_from(found: Standing) -> Offer:
    """What may be in a swarm of a release of which this is known."""
    files = [one for one in public_files(found) if Channel.SWARM in one.channels]
    sidecars = {one.track: one for one in files if one.tier == "credits"}
    items = tuple(
        _item(found, one, sidecars[one.track]) for one in files if one.tier != "credits" and one.track in sidecars
    )
    return Offer(release=found.release.id, folder=_folder(found.release), items=items)


class Offers:
    """What releases offer to the swarm, each looked at once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._known: dict[str, tuple[Item, ...]] = {}
        self._shut = set[str]()

    def _items(self, release: str) -> tuple[Item, ...]:
        if release not in self._known:
            found = standing(self._tx, release)
            self._known[release] = () if found is None else offer_from(found).items
            if found is not None and is_refused(found):
                self._shut.add(release)
        return self._known[release]

    def may(self, slot: Slot) -> bool:
        """Whether what stands in this place may be in a swarm: these bytes, or what has replaced them; these bytes
        alone where artwork is held, because what was replaced may carry it."""
        items = self._items(slot.release)
        is_shut = slot.kind == AUDIO and slot.release in self._shut
        named = {slot.digest} if is_shut else {slot.file, slot.digest}
        return any(not named.isdisjoint({one.file, one.digest, one.credits.file, one.credits.digest}) for one in items)

    def has(self, slot: Slot) -> bool:
        """Whether the release offers just this."""
        said = (slot.track, slot.file, slot.digest, slot.bytes)
        return any(
            said in ((one.track, other.file, other.digest, other.bytes) for other in (one, one.credits))
            for one in self._items(slot.release)
        )


def is_settled(tx: Connection, release: str) -> bool:
    """Whether what may be public of a release was decoded, and is in volumes as it is."""
    found = standing(tx, release)
    if found is None:
        return False
    tracks = {one.id for one in found.release.tracks if any(found.may(one.id, way, PUBLIC) for way in Rendition)}
    offered = {(one.file, one.digest) for one in offer_from(found).items}
    return tracks <= volumes.heard(tx, release) and offered == volumes.present_of(tx, release)


def _item(found: Standing, file: PublicFile, sidecar: PublicFile) -> Item:
    tier = Tier(file.tier)
    return Item(
        group=_group(found, tier, _spans(found.release, file)),
        track=file.track,
        file=file.path,
        name=file.name,
        digest=file.digest,
        bytes=file.bytes,
        credits=Sidecar(file=sidecar.path, digest=sidecar.digest, bytes=sidecar.bytes),
    )


def _spans(release: Release, file: PublicFile) -> list[Track]:
    """The tracks that a file holds: an original all of its recording's, anything else its own."""
    if file.tier == Tier.ORIGINAL:
        return [one for one in release.tracks if track_id(one.recording) == file.track]
    return [one for one in release.tracks if one.id == file.track]


def _group(found: Standing, tier: Tier, tracks: Iterable[Track]) -> Group:
    rendition = Rendition.ORIGINAL if tier is Tier.ORIGINAL else Rendition.DERIVED
    judged = (found.verdict(one.id, rendition, Channel.SWARM) for one in tracks)
    classes = {one.licence_class if one.licence_class in CLASSES else "custom" for one in judged if one}
    strictest = max(classes, key=CLASSES.index, default="custom")
    return Group(collection=found.release.collection, tier=tier, licence_class=strictest)


def _folder(release: Release) -> str:
    """ "Artist - Title (1999)", as much of it as is known; what is long is cut."""
    artist, title = artist_of(release.contributors)[:MAX_TITLE], release.title.text[:MAX_TITLE]
    named = " - ".join(one for one in (artist, title) if one) or "untitled"
    year = release.date[:4]
    return (f"{named} ({year})" if year else named).replace("/", "_")
