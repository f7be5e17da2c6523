"""Planned: the plan of one release, from where it lies and what is in it.

Takes  entries, judged one by one; the folder of the release and the folders above it.
Gives  a FolderPlan: paths relative to the release's folder, each with its role or the finding that refuses it, disc and
       side from the names of the folders on the way, and the evidence that lies above.
Never  leaves out an item: more than MAX_FILES are refused as a whole, each one by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sonoteca.acquire.parts import Part, find_part
from sonoteca.acquire.roles import role_of
from sonoteca.formats.naming import split_ending
from sonoteca.model.finding import Finding, finding
from sonoteca.model.source import Entry, FolderPlan, Kind, PlannedFile, Role

MAX_FILES = 20_000
"""Of one release: above it, a folder is no release but a dump."""

MANIFEST = "rights.json"
_SOUNDING = (Role.AUDIO, Role.UNKNOWN)


class Item(NamedTuple):
    """An entry and what it is taken for; `code` says why when it is refused."""

    entry: Entry
    role: Role
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """A folder above a release, with the evidence that lies directly in it."""

    name: str
    evidence: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folder of a release; `above` nearest first."""

    path: str
    name: str
    above: tuple[Above, ...] = ()


def judged(entry: Entry) -> Item:
    """What an entry is taken for: refused for what it is, then for its name, then for what it lacks."""
    role, code = role_of(entry.path)
    code = {Kind.LINK: "F001", Kind.OTHER: "F002"}.get(entry.kind, code)
    if not code and not entry.readable:
        code = "F003"
    if not code and not entry.bytes:
        code = "F004"
    return Item(entry, Role.REFUSED if code else role, code)


def is_manifest(entry: Entry) -> bool:
    """Whether this is the rights.json that makes its folder one release."""
    return entry.path.rpartition("/")[2].strip(" ").lower() == MANIFEST


def planned(place: Place, items: list[Item], findings: tuple[Finding, ...] = ()) -> FolderPlan:
    """The plan of a release."""
    too_many = len(items) > MAX_FILES
    if too_many:
        detail = f"{len(items):,} files; at most {MAX_FILES:,}"
        findings += (finding("F014", where=place.path or place.name, detail=detail),)
    # A rights.json above speaks of its own release, which this one is not part of.
    inherited = [entry for folder in place.above for entry in folder.evidence if not is_manifest(entry)]
    return FolderPlan(
        folder=place.path,
        name=_called(place, items),
        parents=tuple(folder.name for folder in reversed(place.above) if folder.name),
        files=tuple(_files(place, sorted(items, key=lambda item: item.entry.path), "F014" if too_many else "")),
        inherited=tuple(entry.path for entry in inherited),
        inherited_bytes=sum(entry.bytes for entry in inherited),
        findings=findings,
    )


def _called(place: Place, items: list[Item]) -> str:
    """The folder's name; for one file that was listed alone, the file's."""
    is_alone = not place.path and len(items) == 1 and items[0].entry.path == place.name
    return split_ending(place.name)[0] if is_alone else place.name


def _files(place: Place, items: list[Item], refusal: str) -> Iterator[PlannedFile]:
    start = len(place.path) + 1 if place.path else 0
    parts = _parts(place.name, {item.entry.path[start:].rpartition("/")[0] for item in items})
    discs = {parts[item.entry.path[start:].rpartition("/")[0]].disc for item in items if item.role in _SOUNDING}
    for entry, role, code in items:
        path = entry.path[start:]
        part = parts[path.rpartition("/")[0]]
        code = code or refusal
        yield PlannedFile(
            path=path,
            role=Role.REFUSED if code else role,
            bytes=entry.bytes,
            modified_ns=entry.modified_ns,
            disc=0 if discs == {1} else part.disc,
            side=part.side,
            finding=finding(code, where=path) if code else None,
        )


def _parts(name: str, folders: set[str]) -> dict[str, Part]:
    """The disc and side of each folder of a release; a folder within a disc is of that disc."""
    found = {"": Part()}
    for folder in sorted(folders):
        names = [name, *folder.split("/")]
        for depth in range(1, len(names)):
            path = "/".join(names[1 : depth + 1])
            if path not in found:
                above = found["/".join(names[1:depth])]
                here = find_part(names[depth], names[depth - 1]) or Part()
                found[path] = Part(disc=here.disc or above.disc, side=here.side or above.side)
    return found
