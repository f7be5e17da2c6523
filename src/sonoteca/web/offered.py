"""Offered: the volumes that strangers may hold, with what feeds and plans say of each.

Takes  a look at the catalogue, private.sqlite's copies, and the address under which the website was asked.
Gives  each volume with its links, copies and need; which torrents were replaced or recalled.
Never  names a volume that nobody is to be given: empty, or dark, because it has to lose a file and cannot be issued
       without it. Never keeps anything that is made of the host that somebody named for anybody else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request

from sonoteca.catalogue import following, volumes
from sonoteca.catalogue.volumes import Listed
from sonoteca.model.copies import NO_COPIES, Copies
from sonoteca.model.need import Need, need_of
from sonoteca.swarm.copies import copies_book
from sonoteca.web.memory import Look
from sonoteca.web.release_page import magnet_of
from sonoteca.web.site import Site
from sonoteca.web.torrent_files import is_dark

WEIGHT = 1_500
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A volume with its links. `issued_at` is when it became what it is; `magnet` is never empty."""

    volume: Listed
    magnet: str
    copies: Copies
    issued_at: str

    @property
    def name(self) -> str:
        """The volume's."""
        return self.volume.name

    @property
    def page(self) -> str:
        """The place of its page."""
        return f"/volume/{quote(self.name)}"

    @property
    def torrent(self) -> str:
        """The place of its .torrent."""
        return f"{self.page}.torrent"

    @property
    def need(self) -> Need:
        """How much it needs a copy."""
        return need_of(self.name, (self.volume.files, self.volume.bytes), self.copies)


def base_of(site: Site, request: Request) -> str:
    """The website's own address, without "/" at its end: by the settings, else as it was asked for."""
    if site.settings.web_address:
        return site.settings.web_address.rstrip("/")
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise HTTPException(400)
    return f"{request.url.scheme}://{host}"


def offered(site: Site, look: Look) -> tuple[Offered, ...]:
    """All of them, by name."""
    book = copies_book(site.private, site.clock.now())
    issued = following.issued_at(look.tx)
    return tuple(
        Offered(
            volume=one,
            magnet=magnet,
            copies=book.get(one.hashes.short, NO_COPIES),
            issued_at=issued.get(one.name, one.opened_at),
        )
        for one, magnet in _open(site, look)
    )


def offered_lately(site: Site, look: Look) -> tuple[Offered, ...]:
    """The same, with copies as they were at most a minute ago: for addresses that anybody can make up without end."""
    key = ("offered", site.clock.now()[:16])
    return look.once(key, lambda: offered(site, look), lambda some: 1_000 + WEIGHT * len(some))


def _open(site: Site, look: Look) -> Iterator[tuple[Listed, str]]:
    for one in volumes.listed(look.tx):
        magnet = magnet_of(site, one)
        if one.files and magnet and not is_dark(site, one.name):
            yield one, magnet
