"""What a source offers, as seen before anything is taken: entries of a folder, and the plan of what is a release.

Names come from outside and may hold any byte: `path` is relative, "/"-separated, decoded with surrogateescape, so that
the bytes as found can be had back.
"""

from dataclasses import dataclass
from enum import StrEnum

from sonoteca.model.finding import Finding


class Kind(StrEnum):
    """What an entry of a folder is. Links are never followed; OTHER is a device, socket or FIFO."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: size in bytes (0 unless FILE), time of change in nanoseconds, whether its mode lets its owner read."""

    path: str
    kind: Kind
    bytes: int = 0
    modified_ns: int = 0
    readable: bool = True


class Role(StrEnum):
    """What a file of a release is taken for, by name, before it is opened. UNKNOWN files are probed as audio."""

    AUDIO = "audio"
    DOCUMENT = "document"
    ARTWORK = "artwork"
    EVIDENCE = "evidence"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """A file of a release. `path` is relative to the release's folder; `disc` 0 when there is one disc; `side` "A"…"";
    `finding` says why it is refused, when role is REFUSED."""

    path: str
    role: Role
    bytes: int
    modified_ns: int = 0
    disc: int = 0
    side: str = ""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPlan:
    """One release to be, from names alone. `folder` is relative to the listed root ("" is the root itself); `parents`
    are the names of the folders above it (for artist and collection), nearest last; `files` sorted by path.
    `inherited` are evidence files (rights.toml, licence texts) of folders above, nearest first, relative to the
    root."""

    folder: str
    name: str
    parents: tuple[str, ...]
    files: tuple[PlannedFile, ...]
    inherited: tuple[str, ...] = ()
    inherited_bytes: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def bytes(self) -> int:
        """Total size of what would be taken."""
        return sum(file.bytes for file in self.files if file.role is not Role.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file as received: `original` is its path relative to the release's folder, `path` its logical path in the
    object ("" when it was refused), `digest` "" when it was refused before it could be read."""

    original: str
    path: str
    digest: str
    bytes: int
    modified_ns: int
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatement:
    """Where a release came from: what source.json holds (docs/formats/source.md). `source_key` names the source for
    ever ("file:///…" for a folder, percent-encoded bytes); refused files are listed too, and said why in `findings`
    (whose `where` is the original path)."""

    source_key: str
    address: str
    collection: str
    captured_at: str
    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...] = ()
