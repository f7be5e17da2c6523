"""Feeds: what programs and stock clients follow: every torrent, what is new, what needs copies.

    /torrents.json    every volume's torrent, and those that were replaced or recalled (recalls.py); beside them the
                      archive's own views, which have the same files once more: who counts, counts volumes
    /volumes.rss      torrents for clients that follow feeds; ?collection= ?genre= ?tier= ?needs=copies

docs/formats/feeds.md has every field. Each answer is kept until somebody writes to the catalogue or proves a copy, for
each host that it was asked of: a withdrawal is in the next answer.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from sonoteca.catalogue import following, views, volumes
from sonoteca.catalogue.views import ListedView
from sonoteca.formats import json
from sonoteca.model.copies import Copies
from sonoteca.torrents.planner import neediest
from sonoteca.web import recalls, words
from sonoteca.web.answers import Page, answering, page
from sonoteca.web.memory import Look
from sonoteca.web.offered import Offered, base_of, offered, offered_lately
from sonoteca.web.rss import MEDIA_TYPE, Channel, Item, format_feed
from sonoteca.web.site import Site
from sonoteca.web.torrent_files import is_dark, view_magnet
from sonoteca.web.volume_pages import NO_COLLECTION

TORRENTS = "sonoteca/torrents/1"
JSON = "application/json"
NEEDIEST = 50  # what qBittorrent keeps of a feed unless it is told otherwise
MAX_VALUE = 200
ASKED = ("collection", "genre", "tier", "needs")


def torrents(site: Site, look: Look, request: Request) -> Page:
    """Every torrent of a volume that is published, then those that were; the same of views."""
    base = base_of(site, request)
    here = [told(one, base) for one in offered(site, look)]
    shown = [told_view(site, one, base) for one in _views(site, look)]
    # A name may tell what was in it: of a view that is gone, recalls say the infohash and nothing more, and a volume of
    # which nothing is left has no name here; whoever holds it must find that it is to be dropped.
    names = {one.name: one.name if one.files else "" for one in volumes.listed(look.tx)}
    viewed = {one["name"] for one in shown}
    gone = tuple(recalls.gone(look))
    here += [{**recalls.told(one), "name": names[one.torrent.name]} for one in gone if one.torrent.name in names]
    shown += [{**recalls.told(one), "view": True} for one in gone if one.torrent.name in viewed]
    return json_page({"schema": TORRENTS, "archive": site.settings.name, "torrents": here, "views": shown})


def told(one: Offered, base: str) -> dict[str, Any]:
    """A volume as its entry."""
    volume, group = one.volume, one.volume.group
    return {
        **recalls.hashes_told(volume.hashes),
        "name": volume.name,
        "revision": volume.revision,
        "flavour": "hybrid",
        "magnet": one.magnet,
        "torrent": base + one.torrent,
        "bytes": volume.bytes,
        "files": volume.files,
        "collection": group.collection,
        "tier": str(group.tier),
        "licence_class": group.licence_class,
        "opened_at": volume.opened_at,
        "issued_at": one.issued_at,
        "copies": {name: getattr(one.copies, name) for name in Copies.__dataclass_fields__},
        "obsolete": False,
    }


def told_view(site: Site, one: ListedView, base: str) -> dict[str, Any]:
    """An operator's view as its entry."""
    view = one.view
    return {
        **recalls.hashes_told(view.hashes),
        "view": True,
        "name": view.name,
        "title": view.title,
        "revision": view.revision,
        "flavour": "hybrid",
        "magnet": view_magnet(site, view),
        "torrent": f"{base}/view/{quote(view.name)}.torrent",
        "bytes": one.bytes,
        "files": one.files,
        "tier": view.tier,
        "issued_at": view.made_at,
        "obsolete": False,
    }


def _views(site: Site, look: Look) -> Iterator[ListedView]:
    """Operators' views that anybody may be given."""
    return (
        one for one in views.listed(look.tx) if one.files and one.view.hashes.short and not is_dark(site, one.view.name)
    )


def json_page(value: dict[str, Any]) -> Page:
    """A document for programs."""
    return page(json.format(value).decode(), media_type=JSON)


# ── torrents for clients that follow feeds ───────────────────────────────────────────────────────────────────────────


def volumes_rss(site: Site, look: Look, request: Request) -> Page:
    """Volumes, all or some."""
    query = dict(_query_of(request))
    if any(len(value) > MAX_VALUE for value in query.values()) or query.get("needs", "copies") != "copies":
        raise HTTPException(400)
    base = base_of(site, request)
    itself = f"{base}/volumes.rss" + (f"?{urlencode(query, errors='replace')}" if query else "")
    title = ": ".join([site.settings.name, *(_asked(name, value) for name, value in query.items())])
    channel = Channel(title=title, about="Volumes to hold, as torrents.", link=f"{base}/volumes", itself=itself)
    chosen = _chosen(site, look, query)
    return feed(site, channel, chosen, base)


def _query_of(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple((name, request.query_params[name]) for name in ASKED if request.query_params.get(name))


def feed(site: Site, channel: Channel, chosen: Iterable[Offered], base: str) -> Page:
    """A feed of these volumes."""
    return page(format_feed(channel, (_item(site, one, base) for one in chosen)), media_type=MEDIA_TYPE)


def _asked(name: str, value: str) -> str:
    return "needs copies" if name == "needs" else words.TIERS.get(value, value) if name == "tier" else value


def _chosen(site: Site, look: Look, query: dict[str, str]) -> list[Offered]:
    # Anybody can make up collections and genres without end.
    every = offered_lately(site, look) if {"collection", "genre"} & query.keys() else offered(site, look)
    found = [one for one in every if _has(one, query)]
    if "genre" in query:
        names = following.of_genre(look.tx, query["genre"])
        found = [one for one in found if one.name in names]
    if "needs" in query:
        by_name = {one.name: one for one in found}
        most = neediest((one.need for one in found), site.clock.now())[:NEEDIEST]
        found = [by_name[one.volume] for one in most]
    return found


def _has(one: Offered, query: dict[str, str]) -> bool:
    group = one.volume.group
    collection = query.get("collection")
    is_in = collection is None or collection == (group.collection or NO_COLLECTION)
    return is_in and query.get("tier", str(group.tier)) == str(group.tier)


def _item(site: Site, one: Offered, base: str) -> Item:
    group, torrent = one.volume.group, site.disk.find(f"torrents/{one.name}.torrent")
    copies = f"copies: {one.copies.seen} seen, {one.copies.proved} proved"
    about = [words.TIERS[group.tier], words.CLASSES.get(group.licence_class, group.licence_class)]
    about += [words.size(one.volume.bytes), words.plural(one.volume.files, "file"), copies]
    return Item(
        title=one.name,
        about="; ".join(about),
        guid=f"urn:btih:{one.volume.hashes.short}",
        at=one.issued_at,
        link=base + one.page,
        torrent=base + one.torrent,
        torrent_bytes=torrent.bytes if torrent else 0,
    )


ROUTES = (
    Route("/torrents.json", answering(torrents, private=True, hosted=True)),
    Route("/volumes.rss", answering(volumes_rss, asks=_query_of, today=True, private=True, hosted=True)),
)
