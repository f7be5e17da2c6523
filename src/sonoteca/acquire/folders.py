"""Folders: from the entries of a source to the releases in it, by names alone.

Takes  entries in the order of ports/source.py (what is no folder first, then the folders, each with what is in it).
Gives  one FolderPlan for each release, as soon as its folder is behind us: memory holds the folders on the way down and
       what is still open of them, never the archive.
Never  opens anything, and never drops an entry: each that is no folder is in exactly one plan, in a role or refused.

The rules, in the order in which they decide when a folder is closed (docs/formats/folders.md has the examples):

1. A folder with a rights.json is one release with everything below it, except folders that have their own.
2. A folder with recordings of its own, or with discs or sides in folders, is a release. Discs and sides merge into it.
3. Folders of formats (FLAC, MP3) merge into the folder above, unless that has other releases below it too.
4. Scans, booklets, logs, extras, and whatever has no recordings belong to the release in the folder above.
5. What then belongs to nothing is a plan without recordings, with the finding F015: nobody can say it was overlooked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sonoteca.acquire.parts import find_format, find_part, is_beside
from sonoteca.acquire.planned import MAX_FILES, Above, Item, Place, is_manifest, judged, planned
from sonoteca.acquire.roles import ending_of, is_named_like_sound, role_of
from sonoteca.formats.naming import raw_name
from sonoteca.model.finding import Finding, finding
from sonoteca.model.source import Entry, FolderPlan, Kind, Role

MAX_DEPTH = 256
"""Folders nested deeper were not entered by the source."""


def name_of(root: str) -> str:
    """What a listed root is called: its last name."""
    return root.rstrip("/").rpartition("/")[2]


def plan(entries: Iterable[Entry], root_name: str) -> Iterator[FolderPlan]:
    """The releases of a source. `root_name` names the listed folder itself, or the one file that was listed.

    ValueError when the entries are not in a source's order: a folder would come back and be planned twice."""
    shelf = _Shelf(root_name)
    for entry in entries:
        yield from shelf.put(entry)
    yield from shelf.close()


@dataclass(slots=True)
class _Folder:
    """A folder that is still open: what lies in it, and what folders below it left to it when they were closed."""

    path: str
    name: str
    parent: "_Folder | None" = None
    own: list[Item] = field(default_factory=list)
    evidence: list[Entry] = field(default_factory=list)
    discs: list["_Group"] = field(default_factory=list)
    formats: list["_Group"] = field(default_factory=list)
    beside: list["_Group"] = field(default_factory=list)
    silent: list[Item] = field(default_factory=list)
    has_manifest: bool = False
    has_releases: bool = False
    newest: bytes | None = None
    entry: Entry | None = None

    @property
    def is_within_manifest(self) -> bool:
        """Whether a folder above it has a manifest that covers it."""
        above = self.parent
        return above is not None and not self.has_manifest and (above.has_manifest or above.is_within_manifest)


class _Group(NamedTuple):
    """A folder that could be a release, and all that would be in it."""

    folder: _Folder
    items: list[Item]


class _Shelf:
    """The folders on the way down. Putting an entry closes the folders that are behind it."""

    def __init__(self, root_name: str) -> None:
        self._open = [_Folder(path="", name=root_name)]

    def put(self, entry: Entry) -> Iterator[FolderPlan]:
        """Plans of the folders that this entry leaves behind."""
        above, _, name = entry.path.rpartition("/")
        yield from self._stand_in(above)
        folder = self._open[-1]
        if entry.kind is Kind.FOLDER:
            self._enter(name).entry = entry
            return
        if folder.newest is not None:
            raise ValueError(f"{entry.path!r} comes after a folder beside it: not the order of a source")
        item = judged(entry)
        folder.own.append(item)
        if item.role is Role.EVIDENCE:
            folder.has_manifest = folder.has_manifest or is_manifest(entry)
            folder.evidence.append(entry)

    def close(self) -> Iterator[FolderPlan]:
        """Plans of all that is still open."""
        while self._open:
            yield from _closed(self._open.pop())

    def _stand_in(self, path: str) -> Iterator[FolderPlan]:
        """Closes and opens folders until this one is the last that is open."""
        while not _is_on_the_way(self._open[-1].path, path):
            yield from _closed(self._open.pop())
        here = self._open[-1].path
        for name in path[len(here) :].strip("/").split("/") if path != here else ():
            self._enter(name)

    def _enter(self, name: str) -> _Folder:
        above = self._open[-1]
        raw = raw_name(name)
        if above.newest is not None and raw <= above.newest:
            raise ValueError(f"{name!r} comes after a folder that it precedes: not the order of a source")
        above.newest = raw
        folder = _Folder(path=f"{above.path}/{name}" if above.path else name, name=name, parent=above)
        self._open.append(folder)
        return folder


def _is_on_the_way(above: str, path: str) -> bool:
    return not above or path == above or path.startswith(f"{above}/")


# ── closing a folder ─────────────────────────────────────────────────────────────────────────────────────────────────


def _closed(folder: _Folder) -> Iterator[FolderPlan]:
    """What the folder is, once everything in it is known: its plans, or what it leaves to the folder above."""
    _leave_itself(folder)
    if folder.is_within_manifest and folder.parent:
        folder.parent.silent += folder.own + folder.silent
    elif folder.has_manifest:
        yield from _released(folder, folder.own + folder.silent)
    elif _is_release(folder):
        merged, apart = (folder.formats, []) if not folder.has_releases else ([], folder.formats)
        yield from _emitted(folder, apart)
        groups = [*folder.discs, *merged, *folder.beside]
        yield from _left(
            _Group(folder, folder.own + folder.silent + [item for group in groups for item in group.items])
        )
    else:
        yield from _emitted(folder, folder.formats + folder.beside)
        yield from _left_silent(folder)
    if folder.parent and folder.has_releases:
        folder.parent.has_releases = True


def _is_release(folder: _Folder) -> bool:
    return _sounds(folder.own) or bool(folder.discs) or (bool(folder.formats) and not folder.has_releases)


def _sounds(items: list[Item]) -> bool:
    """Whether there are recordings, or files that nobody knows and that are not fewer than the documents."""
    roles = [item.role for item in items if item.role is not Role.REFUSED]
    unknown = roles.count(Role.UNKNOWN)
    return Role.AUDIO in roles or (unknown > 0 and 2 * unknown >= len(roles))


def _left(group: _Group) -> Iterator[FolderPlan]:
    """A release, unless its name says that it is a part of the one above."""
    folder = group.folder
    if folder.parent is None:
        yield from _released(folder, group.items)
    elif find_part(folder.name, folder.parent.name):
        folder.parent.discs.append(group)
    elif _is_of_format(group):
        folder.parent.formats.append(group)
    elif is_beside(folder.name):
        folder.parent.beside.append(group)
    else:
        yield from _released(folder, group.items)


def _is_of_format(group: _Group) -> bool:
    """The name says a format, and a file has it: "Opus" may be an album."""
    endings = find_format(group.folder.name)
    return endings is not None and any(ending_of(item.entry.path) in endings for item in group.items)


def _left_silent(folder: _Folder) -> Iterator[FolderPlan]:
    """No recordings of its own: it belongs to the folder above, unless it is the first of all, stands above releases,
    or has more than any release may have."""
    items = folder.own + folder.silent
    if folder.parent and not folder.has_releases and len(items) <= MAX_FILES:
        folder.parent.silent += items
    elif items:
        yield _plan(folder, items, (finding("F015", where=folder.path or folder.name),))


def _emitted(folder: _Folder, groups: list[_Group]) -> Iterator[FolderPlan]:
    for group in groups:
        folder.has_releases = True
        yield from _released(group.folder, group.items)


def _released(folder: _Folder, items: list[Item]) -> Iterator[FolderPlan]:
    if folder.parent:
        folder.parent.has_releases = True
    yield _plan(folder, items)


def _plan(folder: _Folder, items: list[Item], findings: tuple[Finding, ...] = ()) -> FolderPlan:
    return planned(Place(path=folder.path, name=folder.name, above=tuple(_above(folder))), items, findings)


def _above(folder: _Folder) -> Iterator[Above]:
    """The folders above, nearest first."""
    while folder.parent:
        folder = folder.parent
        yield Above(name=folder.name, evidence=tuple(folder.evidence))


def _leave_itself(folder: _Folder) -> None:
    """A folder that is itself something to refuse: closed, too deep, or empty and named like a recording."""
    entry, above = folder.entry, folder.parent
    if entry is None or above is None:
        return
    code = ""
    if not entry.readable:
        junk = role_of(f"{entry.path}/x")[1]
        code = junk or ("F013" if entry.path.count("/") >= MAX_DEPTH else "F003")
    elif is_named_like_sound(folder.name) and not (folder.own or folder.newest):
        code = "F012"
    if code:
        above.own.append(Item(entry, Role.REFUSED, code))
