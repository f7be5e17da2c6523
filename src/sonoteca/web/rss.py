"""RSS: a feed of torrents as readers and stock clients take it (RSS 2.0, BEP 36). Pure.

Takes  a channel and its items, every text as it was found.
Gives  the XML, escaped, without what misleads; newest first, since qBittorrent keeps the newest only.
Never  an item without an identity of its own: a torrent is named by its infohash, so that a new revision is news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from sonoteca.web.text import xml

MEDIA_TYPE = "application/rss+xml; charset=utf-8"
TORRENT = "application/x-bittorrent"
TTL_MINUTES = 60
MAX_ABOUT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`torrent` is the address of a .torrent of `torrent_bytes`, "" when there is none to take; `at` ISO 8601."""

    title: str
    about: str
    guid: str
    at: str
    link: str = ""
    torrent: str = ""
    torrent_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed says of itself; `itself` is its own address."""

    title: str
    about: str
    link: str
    itself: str


def format_feed(channel: Channel, items: Iterable[Item]) -> str:
    """The feed."""
    newest_first = sorted(items, key=lambda one: (one.at, one.guid), reverse=True)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{xml(channel.title)}</title>\n<link>{xml(channel.link, MAX_ABOUT)}</link>\n"
        f"<description>{xml(channel.about, MAX_ABOUT)}</description>\n"
        f'<atom:link rel="self" type="application/rss+xml" href="{xml(channel.itself, 16_000)}"/>\n'
        f"<ttl>{TTL_MINUTES}</ttl>\n" + "".join(map(_item, newest_first)) + "</channel>\n</rss>\n"
    )


def _item(one: Item) -> str:
    link = f"<link>{xml(one.link, MAX_ABOUT)}</link>\n" if one.link else ""
    enclosed = f'<enclosure url="{xml(one.torrent, MAX_ABOUT)}" length="{one.torrent_bytes}" type="{TORRENT}"/>\n'
    return (
        f"<item>\n<title>{xml(one.title)}</title>\n{link}<description>{xml(one.about, MAX_ABOUT)}</description>\n"
        f'<guid isPermaLink="false">{xml(one.guid)}</guid>\n<pubDate>{_date(one.at)}</pubDate>\n'
        + (enclosed if one.torrent else "")
        + "</item>\n"
    )


def _date(at: str) -> str:
    return format_datetime(datetime.fromisoformat(at))
