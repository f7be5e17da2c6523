"""Found: what is known of a folder's files once their bytes were read, and what identify makes of it."""

from dataclasses import dataclass

from sonoteca.acquire.cue import CueSheet
from sonoteca.model.finding import Finding
from sonoteca.model.ids import Digest, ReleaseId
from sonoteca.model.media import AudioFacts, ProbeReport
from sonoteca.model.release import Release
from sonoteca.model.source import FolderPlan, PlannedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file that is kept. `planned.path` is relative to the release's folder, as found (surrogateescape); `path` its
    logical path in the object ("masters/…", "artwork/…"); `report` None for what was not looked into."""

    planned: PlannedFile
    digest: Digest
    bytes: int
    path: str
    report: ProbeReport | None

    @property
    def audio(self) -> AudioFacts | None:
        """Its properties when it is a recording that is kept."""
        return self.report.audio if self.report and not self.report.is_refused else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything identify may look at. `cues` and `texts` by original path: parsed cue sheets; small text files
    (manifests, info.txt, *.nfo). `release_id` is set when this source was added before: a release keeps its name."""

    plan: FolderPlan
    files: tuple[FoundFile, ...]
    cues: tuple[tuple[str, CueSheet], ...]
    texts: tuple[tuple[str, bytes], ...]
    collection: str
    source_key: str
    release_id: ReleaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The release as it would be described, and what seemed wrong on the way (`where` is an original path or "")."""

    release: Release
    findings: tuple[Finding, ...]
