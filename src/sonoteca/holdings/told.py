"""Told: views and lists of files as programs read them (docs/formats/views.md).

Takes  views and FileLists.   Gives  plain values, and a list as text.
"""

from collections.abc import Iterator
from typing import Any

from sonoteca.catalogue.views import ListedView
from sonoteca.config import Settings
from sonoteca.holdings.groupings import FileList, Part
from sonoteca.torrents.assemble import magnet

LIST = "sonoteca/file-list/1"


def told_view(one: ListedView, settings: Settings) -> dict[str, Any]:
    """A view, with its magnet link."""
    view = one.view
    return {
        "name": view.name,
        "title": view.title,
        "tier": view.tier,
        "revision": view.revision,
        "made_at": view.made_at,
        "until": view.until,
        "files": one.files,
        "bytes": one.bytes,
        "v1": view.hashes.v1,
        "v2": view.hashes.v2,
        "magnet": magnet(view.hashes, view.name, settings.outside, settings.seed_address) if one.files else "",
    }


def told_list(found: FileList, after: str = "") -> dict[str, Any]:
    """A list of files, by volume; `after` is the address of its next page, "" where there is none."""
    every = [file for part in found.parts for _, file in part.files]
    return {
        "schema": LIST,
        "asked": found.asked,
        "tier": found.tier,
        "page": found.page,
        "pages": found.pages,
        "next": after,
        "files": len(every),
        "bytes": sum(one.bytes for one in every),
        "volumes": [_part(one) for one in found.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    hashes = part.volume.hashes
    files = [
        {"index": number, "path": one.path, "bytes": one.bytes, "sha256": one.digest} for number, one in part.files
    ]
    return {"name": part.volume.name, "v1": hashes.v1, "v2": hashes.v2, "magnet": part.magnet, "files": files}


def list_text(found: FileList, after: str = "") -> str:
    """The same for people and shells: a line each, fields with tabs between."""
    return "".join(f"{line}\n" for line in _lines(found, after))


def _lines(found: FileList, after: str) -> Iterator[str]:
    yield f"# {found.asked}; {found.tier}"
    if found.pages > 1:
        yield f"# page {found.page} of {found.pages}" + (f"; the next is {after}" if after else "")
    yield "# volume, number in its torrent, bytes, sha256, path"
    for part in found.parts:
        yield f"# {part.magnet}"
        for number, one in part.files:
            yield f"{part.volume.name}\t{number}\t{one.bytes}\t{one.digest}\t{one.path}"
