"""A ZIP of .torrent files, made while it is sent: a plan for some terabytes has a gigabyte of them.

Takes  the volumes of a plan, and what stands outside of info dicts for this visitor.
Gives  the ZIP, without length or ranges: what is withdrawn meanwhile is left out.
Never  holds more than one .torrent; never gives one that the catalogue does not name any more when its turn comes.
"""

import zlib
from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response, StreamingResponse

from sonoteca.catalogue.volumes import listed
from sonoteca.formats.zip_store import Member, format_head, layout
from sonoteca.model.errors import Damaged
from sonoteca.model.torrent import Flavour, Outside
from sonoteca.web.memory import Look
from sonoteca.web.offered import Offered
from sonoteca.web.site import Site
from sonoteca.web.torrent_files import is_dark, kept_torrent, torrent_path

NAME = "sonoteca-plan.zip"


def zipped(site: Site, volumes: Sequence[Offered], outside: Outside) -> Response:
    """The answer."""
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"', "Cache-Control": "no-store"}
    return StreamingResponse(_parts(site, volumes, outside), media_type="application/zip", headers=headers)


async def _parts(site: Site, volumes: Sequence[Offered], outside: Outside) -> AsyncIterator[bytes]:
    members: list[Member] = []
    crcs: list[int] = []
    for one in volumes:
        content = await _torrent(site, one, outside)
        if content is None:
            continue
        members.append(Member(name=f"{one.name}.torrent", size=len(content)))
        crcs.append(zlib.crc32(content))
        yield format_head(members[-1], crcs[-1])
        yield content
    yield layout(members).directory(crcs)


async def _torrent(site: Site, one: Offered, outside: Outside) -> bytes | None:
    """None when it was withdrawn since the plan was made, or is not there."""

    def load(look: Look) -> bytes | None:
        hashes = look.once(("hashes",), lambda: {now.name: now.hashes for now in listed(look.tx) if now.files})
        if hashes.get(one.name) != one.volume.hashes or is_dark(site, one.name):
            return None
        try:
            return kept_torrent(site, torrent_path(one.name, Flavour.HYBRID), outside)
        except Damaged:
            return None

    return await site.look(load)
