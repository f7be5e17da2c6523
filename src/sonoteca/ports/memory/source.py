"""MemorySource: the source door on folders that exist in memory only, for tests.

Takes  what lies where: {"/music/a.flac": Thing(content=b"…")}. Folders exist because something lies in them; one that
       is empty or closed is named itself, as a Thing of Kind.FOLDER.
Gives  what ports/source.py promises, in the same order and with the same errors (tests/contract/test_source.py).
"""

import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, ClassVar

from sonoteca.model.errors import Unreachable
from sonoteca.model.source import Entry, Kind
from sonoteca.ports import source


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What stands under a name."""

    kind: Kind = Kind.FILE
    content: bytes = b""
    modified_ns: int = 0
    readable: bool = True


class MemorySource:
    """See SourceFolder. `things` may be changed while the source is used, as a folder may."""

    PLACES: ClassVar[tuple[str, ...]] = ("source",)

    def __init__(self, things: dict[str, Thing]) -> None:
        self.things = things

    def resolve(self, path: str, archive: str) -> str:
        """See SourceFolder.resolve."""
        if not path:
            raise source.missing(path)
        root = posixpath.normpath(posixpath.join("/", path))
        kind = self._verify_root(root)
        if _is_within(root, archive):
            raise source.source_in_archive(path)
        if kind is Kind.FOLDER and _is_within(archive, root):
            raise source.archive_in_source(path)
        return root

    def exists(self, root: str) -> bool:
        """See SourceFolder.exists."""
        return self._kind(root) in (Kind.FILE, Kind.FOLDER)

    def list(self, root: str) -> Iterator[Entry]:
        """See SourceFolder.list."""
        if self._verify_root(root) is Kind.FILE:
            yield self._entry(root, posixpath.basename(root))
        else:
            yield from self._below(root, "")

    def open(self, root: str, path: str) -> IO[bytes]:
        """See SourceFolder.open."""
        full = self._full_path(root, path)
        thing = self.things.get(full)
        if thing is None and self._kind(full) is None:
            raise source.gone(path)
        if thing is None or thing.kind is not Kind.FILE:
            raise source.not_a_file(path)
        if not thing.readable:
            raise source.unreadable(path)
        return io.BytesIO(thing.content)

    def read_small(self, root: str, path: str, max_bytes: int) -> bytes:
        """See SourceFolder.read_small."""
        with self.open(root, path) as file:
            found = file.read(max_bytes + 1)
        if len(found) > max_bytes:
            raise source.too_large(path, max_bytes)
        return found

    def remove_original(self, root: str, path: str, size_bytes: int, modified_ns: int) -> bool:
        """See SourceFolder.remove_original."""
        thing = self.things.get(posixpath.join(root, path))
        source.path_parts(path)
        if thing is None or thing.kind is not Kind.FILE:
            return False
        if (len(thing.content), thing.modified_ns) != (size_bytes, modified_ns):
            return False
        del self.things[posixpath.join(root, path)]
        return True

    def key(self, root: str, folder: str) -> str:
        """See SourceFolder.key."""
        whole = posixpath.normpath(posixpath.join("/", root, folder))
        return source.file_address(whole.encode("utf-8", "surrogateescape"))

    def _kind(self, full: str) -> Kind | None:
        if full in self.things:
            return self.things[full].kind
        return Kind.FOLDER if any(path.startswith(full.rstrip("/") + "/") for path in self.things) else None

    def _verify_root(self, root: str) -> Kind:
        kind = self._kind(root)
        if kind is None:
            raise source.missing(root)
        if kind not in (Kind.FILE, Kind.FOLDER):
            raise source.not_a_folder(root)
        if kind is Kind.FOLDER and not self.things.get(root, Thing()).readable:
            raise Unreachable("source-unreadable", "The folder may not be read", where=root)
        return kind

    def _full_path(self, root: str, path: str) -> str:
        """The path, once it is sure that only folders lie on the way."""
        source.path_parts(path)
        if self._verify_root(root) is Kind.FILE:
            if path != posixpath.basename(root):
                raise source.gone(path)
            return root
        above = posixpath.dirname(path)
        while above:
            kind = self._kind(posixpath.join(root, above))
            if kind not in (None, Kind.FOLDER):
                raise source.not_a_file(path)
            above = posixpath.dirname(above)
        return posixpath.join(root, path)

    def _below(self, root: str, folder: str) -> Iterator[Entry]:
        here = posixpath.join(root, folder) if folder else root
        start = here.rstrip("/") + "/"
        names = {path[len(start) :].split("/")[0] for path in self.things if path.startswith(start)}
        ordered = sorted(names, key=lambda name: name.encode("utf-8", "surrogateescape"))
        folders = [name for name in ordered if self._kind(start + name) is Kind.FOLDER]
        yield from (self._entry(start + name, posixpath.join(folder, name)) for name in ordered if name not in folders)
        for name in folders:
            entry = self._entry(start + name, posixpath.join(folder, name))
            yield entry
            if entry.readable:
                yield from self._below(root, entry.path)

    def _entry(self, full: str, path: str) -> Entry:
        thing = self.things.get(full, Thing(kind=Kind.FOLDER))
        size = len(thing.content) if thing.kind is Kind.FILE else 0
        return Entry(path=path, kind=thing.kind, bytes=size, modified_ns=thing.modified_ns, readable=thing.readable)


def _is_within(inner: str, outer: str) -> bool:
    return (inner.rstrip("/") + "/").startswith(outer.rstrip("/") + "/")
