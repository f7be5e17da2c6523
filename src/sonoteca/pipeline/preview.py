"""Preview: what `add` and `run` would do with a folder, from names, manifests and licence files alone.

Takes  the paths a person named.   Gives  releases, space, time and what would be held, with the rule and the cure.
Never  copies, decodes or records anything. Embedded tags are not read yet: they are claims, and could only add
       a reason to hold.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sonoteca.model.errors import SonotecaError
from sonoteca.model.ids import Digest, ReleaseId, recording_id, track_id
from sonoteca.model.media import AudioFacts
from sonoteca.model.release import Master, MasterRole, Release, Statement, Track
from sonoteca.model.rights import Channel, Decision, Rendition, Verdict
from sonoteca.model.source import Role
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.decisions import trusts_of
from sonoteca.pipeline.intake import Planned, Wish, find_releases
from sonoteca.rights.clear import cases_of, judge_all
from sonoteca.rights.evidence import Captured, gather
from sonoteca.rights.records import is_trusted

BYTES_PER_S = 120e6  # measured on two cores: copy, digests and layers of large files
SECONDS_PER_FILE = 0.02  # a limited process looks into each recording
NO_RELEASE = "urn:uuid:preview"
MAX_TEXT_BYTES = 4 * 1024 * 1024
NOTHING = AudioFacts(
    container="", codec="", duration_s=0.0, samples=0, sample_rate_hz=0, channels=0, bits=0, lossless=False, exact=False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One release: how many recordings, and how many of them could be downloaded."""

    name: str
    recordings: int
    refused: int
    bytes: int
    public: int

    @property
    def verdict(self) -> str:
        """In words."""
        if not self.recordings:
            return "refused: no recording in it"
        return "all" if self.public == self.recordings else f"{self.public} of {self.recordings}, the rest is held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen. `held` lists (rule, tracks, because, cure)."""

    releases: tuple[Foreseen, ...]
    held: tuple[tuple[str, int, str, str], ...]
    bytes: int
    free_bytes: int
    seconds: float
    fits: bool

    def plain(self) -> dict[str, Any]:
        """For --json."""
        releases = [
            {
                "name": one.name,
                "recordings": one.recordings,
                "refused": one.refused,
                "bytes": one.bytes,
                "public": one.public,
            }
            for one in self.releases
        ]
        held = [
            {"rule": rule, "tracks": count, "because": because, "cure": cure}
            for rule, count, because, cure in self.held
        ]
        return {
            "releases": releases,
            "held": held,
            "bytes": self.bytes,
            "free_bytes": self.free_bytes,
            "seconds": round(self.seconds, 1),
            "fits": self.fits,
        }


def preview(archive: Archive, wish: Wish) -> Preview:
    """What adding would do."""
    seen: list[Foreseen] = []
    held: Counter[tuple[str, str, str]] = Counter()
    files = 0
    for planned in find_releases(archive, wish):
        verdicts = _verdicts(archive, wish, planned)
        held.update((one.rule, one.because, _cure(one)) for one in verdicts if one.decision is Decision.HOLD)
        by_name = sum(file.role in (Role.AUDIO, Role.UNKNOWN) for file in planned.plan.files) - planned.recordings
        refused = by_name + sum(file.role is Role.REFUSED for file in planned.plan.files)
        public = sum(one.decision is Decision.PUBLISH for one in verdicts)
        seen.append(
            Foreseen(
                name=planned.plan.name,
                recordings=planned.recordings,
                refused=refused,
                bytes=planned.plan.bytes,
                public=public,
            )
        )
        files += planned.recordings
    total = sum(one.bytes for one in seen)
    free = archive.disk.free_bytes()
    reasons = tuple((rule, count, because, cure) for (rule, because, cure), count in held.most_common())
    seconds = total / BYTES_PER_S + files * SECONDS_PER_FILE
    return Preview(
        releases=tuple(seen),
        held=reasons,
        bytes=total,
        free_bytes=free,
        seconds=seconds,
        fits=free - total >= archive.settings.reserve_bytes,
    )


def _verdicts(archive: Archive, wish: Wish, planned: Planned) -> list[Verdict]:
    trusted = wish.trusts_manifest or is_trusted(planned.source_key, wish.collection, trusts_of(archive))
    release = _release(planned)
    gathered = gather(tuple(_captured(archive, planned)), (), trusted, (), release)
    cases = cases_of(release, gathered.evidence, archive.settings.policy, (), archive.clock.now())
    return [
        one.verdict
        for one in judge_all(cases)
        if one.channel is Channel.DOWNLOAD and one.rendition is Rendition.ORIGINAL
    ]


def _cure(verdict: Verdict) -> str:
    # The release has no id yet: `run` gives it one.
    return verdict.cure.replace(NO_RELEASE, "RELEASE")


def _captured(archive: Archive, planned: Planned) -> Iterator[Captured]:
    folder = planned.plan.folder
    prefix = f"{folder}/" if folder else ""
    depth = folder.count("/") + 1 if folder else 0
    own = [(file.path, prefix + file.path) for file in planned.plan.files if file.role is Role.EVIDENCE]
    above = [("../" * (depth - path.count("/")) + path.rsplit("/", 1)[-1], path) for path in planned.plan.inherited]
    for original, path in own + above:
        try:
            content = archive.source.read_small(planned.root, path, MAX_TEXT_BYTES)
        except SonotecaError:
            continue  # Unreadable evidence is no evidence: what it would have covered is held.
        digest = Digest(hashlib.sha256(content).hexdigest())
        name = original.rsplit("/", 1)[-1]
        yield Captured(
            name=name,
            content=content,
            digest=digest,
            folder=original.rpartition("/")[0],
            captured_from=planned.source_key,
            captured_at="",
        )


def _release(planned: Planned) -> Release:
    masters, tracks = [], []
    for position, file in enumerate(planned.sounding, 1):
        digest = Digest(hashlib.sha256(file.path.encode("utf-8", "surrogateescape")).hexdigest())
        recording = recording_id(digest)
        masters.append(
            Master(
                path=f"masters/{position}",
                original=file.path,
                digest=digest,
                bytes=file.bytes,
                recording=recording,
                role=MasterRole.PRIMARY,
                audio=NOTHING,
            )
        )
        tracks.append(
            Track(
                position=position,
                id=track_id(recording),
                recording=recording,
                title=Statement(text=file.path, source="file name"),
            )
        )
    title = Statement(text=planned.plan.name, source="folder name")
    return Release(id=ReleaseId(NO_RELEASE), title=title, masters=tuple(masters), tracks=tuple(tracks))
