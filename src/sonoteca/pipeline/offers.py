"""Offers: what of a release may be in a swarm now, as the catalogue knows it.

Takes  a release's rows: its description with the curator's edits, verdicts, the files made of its tracks.
Gives  an Offer for the volumes room: every file that may leave by the swarm and has credits to travel with.
Never  offers a file without its credits, a master of which one span may not be public, or what decoding refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sonoteca.catalogue import read, volumes
from sonoteca.catalogue.entries import artist_of
from sonoteca.catalogue.volumes import File
from sonoteca.model.ids import TrackId, track_id
from sonoteca.model.release import Release, Track
from sonoteca.model.rights import Channel, Decision, Evidence, Rendition, Verdict
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group
from sonoteca.rights.clear import TrackVerdict, public_masters
from sonoteca.torrents.volumes import Item, Offer, Sidecar

# From the least strict: a master of several spans is in the class of the strictest.
CLASSES = ("free", "nc", "nd", "nc-nd", "custom")
MAX_TITLE = 100
ENDINGS = {Tier.ACCESS: ".opus", Tier.ARCHIVE: ".flac"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a release that matters for its publication. `refused` are tracks that decoding refused."""

    release: Release
    words: Mapping[tuple[str, Rendition, Channel], Verdict]
    files: tuple[File, ...]
    refused: frozenset[str]
    evidence: tuple[Evidence, ...] = ()
    source: str = ""

    @property
    def verdicts(self) -> tuple[TrackVerdict, ...]:
        """Every verdict, as the rights room says it."""
        return tuple(
            TrackVerdict(track=TrackId(track), rendition=rendition, channel=channel, verdict=verdict)
            for (track, rendition, channel), verdict in self.words.items()
        )

    def verdict(self, track: str, rendition: Rendition, channel: Channel) -> Verdict | None:
        """What was judged of it."""
        return self.words.get((track, rendition, channel))

    def may(self, track: str, rendition: Rendition, channels: Iterable[Channel]) -> bool:
        """Whether it may leave by any of these channels."""
        found = (self.verdict(track, rendition, channel) for channel in channels)
        return track not in self.refused and any(one and one.decision is Decision.PUBLISH for one in found)


def standing(tx: Connection, release: str) -> Standing | None:
    """A release as the catalogue has it, None when it is not there."""
    kept = read.release(tx, release)
    if kept is None:
        return None
    judged = read.release_verdicts(tx, release)
    return Standing(
        release=kept.release,
        words={(track, rendition, channel): verdict for track, rendition, channel, verdict in judged},
        files=volumes.files_of(tx, release),
        refused=volumes.refused_tracks(tx, release),
        evidence=read.release_evidence(tx, release),
        source=kept.address,
    )


def offer_of(tx: Connection, release: str) -> Offer:
    """What may be in a swarm of this release; nothing, when it is not there."""
    found = standing(tx, release)
    if found is None:
        return Offer(release=release, folder="", items=())
    credits = {one.track: one for one in found.files if one.tier == "credits"}
    items = (*_originals(found, credits), *_made(found, credits))
    return Offer(release=release, folder=_folder(found.release), items=items)


def _originals(found: Standing, credits: dict[str, File]) -> Iterator[Item]:
    public = public_masters(found.release, found.verdicts, Channel.SWARM)
    for master in sorted(found.release.masters, key=lambda one: one.path):
        sidecar = credits.get(track_id(master.recording))
        spans = [one for one in found.release.tracks if one.recording == master.recording]
        if master.path not in public or sidecar is None or any(one.id in found.refused for one in spans):
            continue
        yield Item(
            group=_group(found, Tier.ORIGINAL, spans),
            track=track_id(master.recording),
            file=master.path,
            name=master.path.removeprefix("masters/"),
            digest=master.digest,
            bytes=master.bytes,
            credits=_sidecar(sidecar),
        )


def _made(found: Standing, credits: dict[str, File]) -> Iterator[Item]:
    tracks = {one.id: one for one in reversed(found.release.tracks)}
    for file in sorted(found.files, key=lambda one: (one.tier, _position(tracks, one), one.path)):
        track, sidecar = tracks.get(TrackId(file.track)), credits.get(file.track)
        if file.tier == "credits" or track is None or sidecar is None:
            continue
        if not found.may(track.id, Rendition.DERIVED, [Channel.SWARM]):
            continue
        yield Item(
            group=_group(found, Tier(file.tier), [track]),
            track=file.track,
            file=file.path,
            name=name_of(found.release, track, Tier(file.tier)),
            digest=file.digest,
            bytes=file.bytes,
            credits=_sidecar(sidecar),
        )


def _position(tracks: dict[TrackId, Track], file: File) -> int:
    track = tracks.get(TrackId(file.track))
    return track.position if track else 0


def name_of(release: Release, track: Track, tier: Tier) -> str:
    """What a file made of a track should be called: "07 Aria.opus"."""
    width = len(str(max((one.position for one in release.tracks), default=0)))
    title = track.title.text[:MAX_TITLE].replace("/", "_") or "untitled"
    return f"{track.position:0{max(2, width)}} {title}{ENDINGS[tier]}"


def _group(found: Standing, tier: Tier, tracks: Iterable[Track]) -> Group:
    rendition = Rendition.ORIGINAL if tier is Tier.ORIGINAL else Rendition.DERIVED
    judged = (found.verdict(one.id, rendition, Channel.SWARM) for one in tracks)
    classes = {one.licence_class if one.licence_class in CLASSES else "custom" for one in judged if one}
    strictest = max(classes, key=CLASSES.index, default="custom")
    return Group(collection=found.release.collection, tier=tier, licence_class=strictest)


def _sidecar(file: File) -> Sidecar:
    return Sidecar(file=file.path, digest=file.digest, bytes=file.bytes)


def _folder(release: Release) -> str:
    """ "Artist - Title (1999)", as much of it as is known; what is long is cut."""
    artist, title = artist_of(release.contributors)[:MAX_TITLE], release.title.text[:MAX_TITLE]
    named = " - ".join(one for one in (artist, title) if one) or "untitled"
    year = release.date[:4]
    return (f"{named} ({year})" if year else named).replace("/", "_")
