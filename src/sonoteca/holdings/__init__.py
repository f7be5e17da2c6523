"""Holdings: what is known of a release, and which of its files may leave by which channel; for pipeline and website.

Takes  a snapshot of the catalogue.
Gives  a Standing for a release; its PublicFiles: originals, files made of tracks, credits, each with its channels.
Never  gives a file of a track that was withdrawn, held or refused in decoding; never a master of which one span may not
       leave, or a file that carries a picture which may not leave with it; never reads the store.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sonoteca.catalogue.volumes import File
from sonoteca.holdings.artwork import Covers, is_refused
from sonoteca.holdings.standing import PUBLIC, Standing, standing
from sonoteca.model.ids import Digest, TrackId, track_id
from sonoteca.model.release import Release, Track
from sonoteca.model.rights import Channel, Rendition
from sonoteca.model.sound import Tier
from sonoteca.rights.clear import public_masters

__all__ = ["MAX_TITLE", "PUBLIC", "PublicFile", "Standing", "name_of", "public_files", "standing"]

MAX_TITLE = 100
ENDINGS = {Tier.ACCESS: ".opus", Tier.LOW: ".low.opus", Tier.ARCHIVE: ".flac"}


def name_of(release: Release, track: Track, tier: Tier) -> str:
    """What a file made of a track should be called: "07 Aria.opus"."""
    width = len(str(max((one.position for one in release.tracks), default=0)))
    title = track.title.text[:MAX_TITLE].replace("/", "_") or "untitled"
    return f"{track.position:0{max(2, width)}} {title}{ENDINGS[tier]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFile:
    """A file that may leave by `channels`. `path` is its logical path in the release's object, `name` what it should be
    called; `track` for an original the track that is its whole; `tier` also "credits"; `stands_in`: whether bytes that
    it has replaced may leave like it, which is not so while artwork is held: they may carry it."""

    release: str
    track: str
    tier: str
    path: str
    name: str
    digest: Digest
    bytes: int
    channels: frozenset[Channel]
    stands_in: bool = True


def public_files(found: Standing) -> tuple[PublicFile, ...]:
    """Every file of a release that may leave by some channel: originals, then what was made, then credits. What has no
    credits to travel with yet stays."""
    credited = {one.track for one in found.files if one.tier == "credits"}
    files = [one for one in (*_originals(found), *_made(found)) if one.track in credited]
    open_to = {one.track: one.channels for one in files}
    for one in files:
        open_to[one.track] |= one.channels
    stands_in = not is_refused(found)
    return (*(replace(one, stands_in=stands_in) for one in files), *_credits(found, open_to))


def _originals(found: Standing) -> Iterator[PublicFile]:
    public = {channel: public_masters(found.release, found.verdicts, channel) for channel in Channel}
    shut = dict(found.inside) if is_refused(found) else {}
    for master in sorted(found.release.masters, key=lambda one: one.path):
        channels = frozenset(channel for channel in Channel if master.path in public[channel])
        spans = {one.id for one in found.release.tracks if one.recording == master.recording}
        if channels and not spans & found.refused and master.path not in shut:
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
    tracks, covers = {one.id: one for one in reversed(found.release.tracks)}, Covers(found)
    made = [file for file in found.files if file.tier != "credits" and TrackId(file.track) in tracks]
    # What may not be shown any more leaves with the file that carries it, until that is made again without it.
    made = [file for file in made if not file.cover or covers.may(file.track, file.cover)]
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
