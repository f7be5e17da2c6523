"""Standing: what is known of a release that matters for its publication, from the catalogue's rows.

Takes  a snapshot of the catalogue.   Gives  a Standing, None for what is not there.
Never  reads the store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sonoteca.catalogue import pictures, read, volumes
from sonoteca.catalogue.volumes import File
from sonoteca.model.ids import TrackId
from sonoteca.model.release import Release
from sonoteca.model.rights import Channel, Decision, Evidence, Rendition, Verdict
from sonoteca.rights.clear import TrackVerdict

# The channels by which strangers get something; what is on site alone is made of nothing and told by nobody.
PUBLIC = (Channel.DOWNLOAD, Channel.SWARM, Channel.STREAM, Channel.MIRROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a release. `refused` are tracks that decoding refused; `pictures` are (logical path, digest) of
    its artwork, `inside` the masters (logical paths) that came with pictures, each with the digest of its
    front cover, "" for none that files could carry."""

    release: Release
    words: Mapping[tuple[str, Rendition, Channel], Verdict]
    files: tuple[File, ...]
    refused: frozenset[str]
    evidence: tuple[Evidence, ...] = ()
    source: str = ""
    pictures: tuple[tuple[str, str], ...] = ()
    inside: tuple[tuple[str, str], ...] = ()

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
        pictures=pictures.digests_of(tx, release, kept.release.artwork),
        inside=pictures.pictures_inside(tx, release),
    )
