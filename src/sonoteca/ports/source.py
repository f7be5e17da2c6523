"""Source folder: what somebody offers, read as it lies there, and never trusted.

Takes  a root as `resolve` gave it (a folder; or one file, then only that file is seen) and paths below it,
       "/"-separated, decoded with surrogateescape.
Gives  entries in a fixed order, and files opened for reading.
Never  follows a link below the root, opens what is not a regular file, leaves the root, or changes anything; only
       `remove_original` does, for `--move`, after what was taken is safe.

Order of `list`: in each folder first all that is not a folder, then the folders, both sorted by the bytes of their
names, each folder followed by what is in it. So everything that lies in a folder is known before anything below it,
which acquire/folders.py needs to plan without holding the whole list.
"""

from collections.abc import Iterator
from typing import IO, ClassVar, Protocol
from urllib.parse import quote

from sonoteca.model.errors import Refused, Unreachable
from sonoteca.model.source import Entry


class SourceFolder(Protocol):
    """A door to folders outside the archive."""

    PLACES: ClassVar[tuple[str, ...]]

    def resolve(self, path: str, archive: str) -> str:
        """The root, absolute, for a path that a person named; `archive` is the archive's own folder.

        Unreachable "source-missing", "source-unreadable"; Refused "not-a-folder", "source-in-archive",
        "archive-in-source" (compared by device and inode, so links and mounts are seen through)."""

    def exists(self, root: str) -> bool:
        """Whether there is a folder or a regular file of this name."""

    def list(self, root: str) -> Iterator[Entry]:
        """Every entry below the root, in the order above; memory bounded by the folders on the way down. A folder that
        cannot be entered is an entry that is not readable. Raises at the first step as `resolve` does."""

    def open(self, root: str, path: str) -> IO[bytes]:
        """The file, unbuffered. Refused "not-a-file" (links on the way too), "unreadable", "path-escapes";
        Unreachable "source-gone", "source-failed"."""

    def read_small(self, root: str, path: str, max_bytes: int) -> bytes:
        """The whole file; Refused "too-large" above max_bytes; else as `open`."""

    def remove_original(self, root: str, path: str, size_bytes: int, modified_ns: int) -> bool:
        """Removes a file whose size and time are still those that were taken. False: nothing was done, because it was
        changed, is a link now, is gone, or may not be removed."""

    def key(self, root: str, folder: str) -> str:
        """The name of a folder of the source for ever: "file:///…", the bytes of the absolute, normalised path
        percent-encoded (RFC 8089). Needs nothing to exist. For a root that is one file, folder "" names the file."""


def path_parts(path: str) -> list[bytes]:
    """The names on the way, as bytes; Refused "path-escapes" for what could leave the root."""
    parts = path.encode("utf-8", "surrogateescape").split(b"/")
    if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise Refused("path-escapes", "This path does not stay inside the source", where=path)
    return parts


def file_address(path: bytes) -> str:
    """The address of an absolute, normalised path."""
    return "file://" + quote(b"/" + path.lstrip(b"/"), safe="/")  # POSIX lets a path begin with "//", a URI does not


def missing(root: str) -> Unreachable:
    """Nothing there."""
    return Unreachable(
        "source-missing",
        "There is no such folder or file",
        where=root,
        cure="check the path, and that its drive is mounted",
    )


def gone(path: str) -> Unreachable:
    """It was listed and is not there now."""
    return Unreachable("source-gone", "The file is not there any more", where=path, cure="add the folder again")


def not_a_file(path: str) -> Refused:
    """A link, folder, FIFO, socket or device, itself or on the way."""
    return Refused(
        "not-a-file", "Not a regular file, and links are not followed", where=path, cure="put the file itself there"
    )


def unreadable(path: str) -> Refused:
    """Its mode lets nobody read it, or not us."""
    return Refused("unreadable", "The file may not be read", where=path, cure="chmod u+r, or run as its owner")


def too_large(path: str, max_bytes: int) -> Refused:
    """A small file that is not small."""
    return Refused(
        "too-large", f"The file has more than {max_bytes} bytes", where=path, cure="shorten it, or take it out"
    )


def not_a_folder(root: str) -> Refused:
    """The person named a device, socket or FIFO."""
    return Refused("not-a-folder", "Neither a folder nor a regular file", where=root, cure="name a folder")


def source_in_archive(root: str) -> Refused:
    """The archive must not take itself in."""
    return Refused(
        "source-in-archive", "This is inside the archive itself", where=root, cure="name a folder outside the archive"
    )


def archive_in_source(root: str) -> Refused:
    """The archive must not take itself in."""
    return Refused(
        "archive-in-source", "The archive lies inside this folder", where=root, cure="name the folders beside it"
    )
