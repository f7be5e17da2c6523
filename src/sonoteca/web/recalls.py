"""Recalls: what must not be shared any more, for whoever holds it; and what was replaced.

    /recalls.json     infohashes that must be dropped, newest first; nothing that would name what they were
    /recalls.rss      the same, for readers

Takes  the torrents that are obsolete (catalogue/volumes.py).   Gives  both feeds, and the entries for /torrents.json.
Why    a revision from which nothing was taken is recalled as well when something was taken from a later one: what left
       that may be in this one. Who holds an old revision may have missed those between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue.volumes import RECALLED, Obsolete, obsoletes
from sonoteca.formats import json
from sonoteca.model.torrent import InfoHashes
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.offered import base_of
from sonoteca.web.rss import MEDIA_TYPE, Channel, Item, format_feed
from sonoteca.web.site import Site

SCHEMA = "sonoteca/recalls/1"
JSON = "application/json"
ABOUT = "Torrents that must not be shared any more. Remove them, and every file of them that their successor lacks."


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A torrent that is obsolete; `is_recall` when something in it may have been taken back."""

    torrent: Obsolete
    is_recall: bool


def gone(look: Look) -> Iterator[Gone]:
    """Everything that is obsolete, newest first."""
    return _gone(obsoletes(look.tx))


def _gone(found: Iterable[Obsolete]) -> Iterator[Gone]:
    recalled: set[str] = set()
    for one in found:
        if one.reason == RECALLED:
            recalled.add(one.name)
        yield Gone(torrent=one, is_recall=one.name in recalled)


def told(one: Gone) -> dict[str, Any]:
    """As its entry in /torrents.json."""
    return {
        **hashes_told(one.torrent.hashes),
        "name": one.torrent.name,
        "revision": one.torrent.revision,
        "flavour": str(one.torrent.flavour),
        "obsolete": True,
        "obsolete_at": one.torrent.at,
        "recalled": one.is_recall,
        "replaced_by": _successor(one),
    }


def hashes_told(hashes: InfoHashes) -> dict[str, str]:
    """Both, "" for one that it has not."""
    return {"infohash_v1": hashes.v1, "infohash_v2": hashes.v2}


def _successor(one: Gone) -> dict[str, str] | None:
    return hashes_told(one.torrent.replaced_by) if one.torrent.replaced_by.short else None


def recalls(site: Site, look: Look, request: Request) -> Page:
    """For programs."""
    found = [
        {**hashes_told(one.torrent.hashes), "at": one.torrent.at, "replaced_by": _successor(one)}
        for one in gone(look)
        if one.is_recall
    ]
    said = {"schema": SCHEMA, "archive": site.settings.name, "recalls": found}
    return page(json.format(said).decode(), media_type=JSON)


def recalls_rss(site: Site, look: Look, request: Request) -> Page:
    """For people who follow it with a reader."""
    base = base_of(site, request)
    channel = Channel(
        title=f"{site.settings.name}: recalls", about=ABOUT, link=f"{base}/volumes", itself=f"{base}/recalls.rss"
    )
    return page(format_feed(channel, (_item(one) for one in gone(look) if one.is_recall)), media_type=MEDIA_TYPE)


def _item(one: Gone) -> Item:
    hashes, after = one.torrent.hashes, one.torrent.replaced_by.short
    named = [f"infohash v1 {hashes.v1}"] if hashes.v1 else []
    named += [f"infohash v2 {hashes.v2}"] if hashes.v2 else []
    named.append(f"in its place is {after}" if after else "nothing is in its place")
    return Item(
        title=f"Drop {hashes.short}",
        about="; ".join(named),
        guid=f"recall:{hashes.short}:{one.torrent.at}",
        at=one.torrent.at,
    )


ROUTES = (
    Route("/recalls.json", answering(recalls)),
    Route("/recalls.rss", answering(recalls_rss, hosted=True)),
)
