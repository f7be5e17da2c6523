"""Requests: what visitors ask to be seeded, as the website writes it down and the coordinator reads it. Pure.

Takes  a Wish, or bytes from the inbox, which anybody may have written.
Gives  the bytes and the name they are kept under, or the Wish; ValueError names the law that is broken.
Never  lets a view pass whose name is not that of what is in it, or whose paths some client would write otherwise: it
       could take another torrent's place. Whether its files may leave, only the catalogue says.
"""

import hashlib
from dataclasses import dataclass

from sonoteca.formats import json, plain
from sonoteca.model.errors import Refused
from sonoteca.model.torrent import Flavour, InfoHashes
from sonoteca.model.view import View
from sonoteca.torrents import limits, views
from sonoteca.torrents.volumes import AUDIO, CREDITS

SCHEMA = "sonoteca/request/1"
MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """That this flavour of a volume or view be seeded for some time; with `view`, that there be such a view."""

    name: str
    flavour: Flavour = Flavour.HYBRID
    view: View | None = None


def name_of(name: str, flavour: Flavour) -> str:
    """What a request for this is called in the inbox."""
    return hashlib.sha256(f"{name}\0{flavour}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


def format_wish(wish: Wish) -> bytes:
    """Canonical JSON."""
    return json.format({"schema": SCHEMA, **plain.to_plain(wish)})


def parse_wish(raw: bytes, archive: str) -> Wish:
    """What is asked of the archive of this name."""
    told = json.parse_object(raw)
    if told.pop("schema", None) != SCHEMA:
        raise ValueError(f"the schema is not {SCHEMA}")
    wish = plain.from_plain(Wish, told)
    if not 0 < len(wish.name) <= MAX_NAME:
        raise ValueError("a name is missing")
    if wish.view is not None:
        _verify_view(wish, wish.view, archive)
    return wish


def _verify_view(wish: Wish, view: View, archive: str) -> None:
    if not (wish.name == view.name == views.selection_name(archive, view.slots)):
        raise ValueError("a view that is not called after what is in it")
    if view.tier not in views.TIERS or len(view.title) > views.MAX_TITLE or view.hashes != InfoHashes():
        raise ValueError("a view of another form")
    if len(view.slots) > 2 * views.MAX_RECORDINGS or not all(slot.present for slot in view.slots):
        raise ValueError("places that nobody asked for")
    for first, second in zip(view.slots[::2], view.slots[1::2], strict=True):
        if (first.kind, second.kind) != (AUDIO, CREDITS) or first.track != second.track:
            raise ValueError("a recording travels with its credits")
    try:
        limits.verify_openable(view.name, view.members)
    except Refused as refused:
        raise ValueError(refused.what) from refused
