"""Lint: every .torrent of the archive, or files of anybody, looked at as the clients of strangers will.

Takes  the archive, or paths of .torrent files.   Gives  (name, findings) of each.
Never  changes anything; reads more of a file than a .torrent may have.
"""

from collections.abc import Iterator, Sequence

from sonoteca.model.errors import Refused
from sonoteca.model.finding import Finding
from sonoteca.pipeline.archive import Archive
from sonoteca.torrents.limits import STOCK
from sonoteca.torrents.lint import lint

Linted = tuple[str, list[Finding]]


def lint_archive(archive: Archive) -> Iterator[Linted]:
    """All that are in torrents/."""
    for name in archive.disk.list("torrents"):
        if name.endswith(".torrent"):
            yield name, lint(archive.disk.read(f"torrents/{name}"))


def lint_files(paths: Sequence[str]) -> Iterator[Linted]:
    """These; Refused when one cannot be read."""
    for path in paths:
        try:
            # One byte more than is allowed tells that there are more.
            with open(path, "rb") as file:
                raw = file.read(STOCK.max_torrent_bytes + 1)
        except OSError as error:
            cure = "name a .torrent file"
            raise Refused("no-file", f"cannot be read ({error.strerror})", where=path, cure=cure) from error
        yield path, lint(raw)
