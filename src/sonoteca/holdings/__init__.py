"""Holdings: what is known of a release, and which of its files may leave by which channel; for pipeline and website.

Takes  a snapshot of the catalogue.
Gives  a Standing for a release; its PublicFiles: originals, files made of tracks, credits, each with its channels.
Never  gives a file of a track that was withdrawn, held or refused in decoding; never a master of which one span may not
       leave; never reads the store.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sonoteca.catalogue import read, volumes
from sonoteca.catalogue.volumes import File
from sonoteca.model.ids import Digest, TrackId, track_id
from sonoteca.model.release import Release, Track
from sonoteca.model.rights import Channel, Decision, Evidence, Rendition, Verdict
from sonoteca.model.sound import Tier
from sonoteca.rights.clear import TrackVerdict, public_masters

# The channels by which strangers get something; what is on site alone is made of nothing and told by nobody.
PUBLIC = (Channel.DOWNLOAD, Channel.SWARM, Channel.STREAM, Channel.MIRROR)
MAX_TITLE = 100
ENDINGS = {Tier.ACCESS: ".opus", Tier.LOW: ".low.opus", Tier.ARCHIVE: ".flac"}


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


def name_of(release: Release, track: Track, tier: Tier) -> str:
    """What a file made of a track should be called: "07 Aria.opus"."""
    width = len(str(max((one.position for one in release.tracks), default=0)))
    title = track.title.text[:MAX_TITLE].replace("/", "_") or "untitled"
    return f"{track.position:0{max(2, width)}} {title}{ENDINGS[tier]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFile:
    """A file that may leave by `channels`. `path` is its logical path in the release's object, `name` what it should be
    called; `track` for an original the track that is its whole; `tier` also "credits"."""

    release: str
    track: str
    tier: str
    path: str
    name: str
    digest: Digest
    bytes: int
    channels: frozenset[Channel]


def public_files(found: Standing) -> tuple[PublicFile, ...]:
    """Every file of a release that may leave by some channel: originals, then what was made, then credits. What has no
    credits to travel with yet stays."""
    credited = {one.track for one in found.files if one.tier == "credits"}
    files = [one for one in (*_originals(found), *_made(found)) if one.track in credited]
    open_to = {one.track: one.channels for one in files}
    for one in files:
        open_to[one.track] |= one.channels
    return (*files, *_credits(found, open_to))


def _originals(found: Standing) -> Iterator[PublicFile]:
    public = {channel: public_masters(found.release, found.verdicts, channel) for channel in Channel}
    for master in sorted(found.release.masters, key=lambda one: one.path):
        channels = frozenset(channel for channel in Channel if master.path in public[channel])
        spans = {one.id for one in found.release.tracks if one.recording == master.recording}
        if channels and not spans & found.refused:
            yield PublicFile(
                release=found.release.id,
                track=track_id(master.recording),
                tier=Tier.ORIGINAL,
                path=master.path,
                name=master.path.removeprefix("masters/"),
                digest=master.digest,
                bytes=master.bytes,
                channels=channels,
            )


def _made(found: Standing) -> Iterator[PublicFile]:
    tracks = {one.id: one for one in reversed(found.release.tracks)}
    made = [file for file in found.files if file.tier != "credits" and TrackId(file.track) in tracks]
    for file in sorted(made, key=lambda one: (one.tier, tracks[TrackId(one.track)].position, one.path)):
        channels = frozenset(one for one in Channel if found.may(file.track, Rendition.DERIVED, [one]))
        if channels:
            track = tracks[TrackId(file.track)]
            yield _file(found, file, name_of(found.release, track, Tier(file.tier)), channels)


def _credits(found: Standing, open_to: Mapping[str, frozenset[Channel]]) -> Iterator[PublicFile]:
    for file in found.files:
        if file.tier == "credits" and file.track in open_to:
            yield _file(found, file, f"{file.track}.credits.txt", open_to[file.track])


def _file(found: Standing, file: File, name: str, channels: frozenset[Channel]) -> PublicFile:
    return PublicFile(
        release=found.release.id,
        track=file.track,
        tier=file.tier,
        path=file.path,
        name=name,
        digest=file.digest,
        bytes=file.bytes,
        channels=channels,
    )
