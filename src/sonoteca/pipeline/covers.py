"""Covers: the picture of a release that goes into its files, as a block, and which of them get it.

Takes  a release's standing, and its object.
Gives  a Cover; the files that are wanted, each with the picture it is to carry; what people are told of it.
Order  a picture that is a file of the release is read when the work is planned; one that came inside a master just
       before that is decoded, because a limited process has to get it out (acquire/probe_inside.py).
Never  takes a large picture, whose bytes every file would have once more, or one that is not what its name says
       (formats/picture.py); changes a byte of it.

The coordinator looks at both itself, against ADR 4: some lengths and marks of at most MAX_BYTES, in Python alone. What
it hands to the limited process is a block of which nothing is read any more.
"""

import base64
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sonoteca.acquire.probe_reports import INSIDE
from sonoteca.catalogue.entries import ObjectFacts
from sonoteca.convert.recipes import covered, recipe_of, uncovered
from sonoteca.formats.ocfl import Inventory
from sonoteca.formats.picture import MAX_BYTES, format_block
from sonoteca.holdings.artwork import Covers, find_artwork, is_refused
from sonoteca.holdings.standing import Standing
from sonoteca.model.errors import Damaged
from sonoteca.model.sound import RenderOrder, Span, Wanted
from sonoteca.pipeline.archive import Archive
from sonoteca.ports.disk import Disk
from sonoteca.ports.workshop import Done, Limits
from sonoteca.preserve.deposit import read_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The picture of a release: `digest` and `block` (base64), both "" when no file of the release can be carried. What
    files carry already is `carried`."""

    covers: Covers
    carried: frozenset[str]
    digest: str = ""
    block: str = ""

    def on(self, track: str, wanted: Wanted) -> Wanted:
        """A file of this track, with the picture that it may carry: the release's, else the one inside its master; one
        that is carried already before both."""
        if not recipe_of(wanted.tier).carries:
            return wanted
        known = sorted((self.digest, self.covers.inside(track)), key=lambda one: one not in self.carried)
        chosen = next((one for one in known if self.covers.may(track, one)), "")
        return replace(wanted, cover=chosen, recipe=covered(wanted.recipe)) if chosen else wanted

    def block_for(self, spans: Iterable[Span]) -> str:
        """The block for files of these spans, "" when none carries the release's."""
        return self.block if any(one.cover == self.digest for span in spans for one in span.wanted) else ""


def load_cover(disk: Disk, inventory: Inventory, found: Standing, facts: ObjectFacts) -> Cover:
    """The picture as the object has it. One that files carry already comes first, so that they stay as they are for as
    long as it may leave; also when it is damaged since, and can be put into no other."""
    covers, state = Covers(found), inventory.state()
    carried = frozenset(one.cover for sound in facts.sounds for one in sound.made if one.cover)
    small = {one.path for one in facts.source.files if one.path and one.bytes <= MAX_BYTES}
    for path in sorted(covers.paths, key=lambda one: state.get(one) not in carried):
        if path in state and (path in small or state[path] in carried):
            block = _block(disk, inventory, path)
            # What is not what its name says is left out, and a smaller one may be whole.
            if block or state[path] in carried:
                return Cover(covers=covers, carried=carried, digest=state[path], block=block)
    return Cover(covers=covers, carried=carried)


def _block(disk: Disk, inventory: Inventory, path: str) -> str:
    """In base64; "" for what is none, and for what is damaged: sound is not kept back for a picture, and `verify` names
    it."""
    with suppress(ValueError, Damaged):
        return base64.b64encode(format_block(read_file(disk, inventory, path))).decode()
    return ""


def with_inside(archive: Archive, order: RenderOrder) -> RenderOrder:
    """The order with the picture that came inside its master, when files of it are to carry that; without, when it
    cannot be had: sound is not kept back for a picture. Called in threads."""
    wanted = {one.cover for span in order.spans for one in span.wanted if one.cover}
    if not wanted or order.picture:
        return order
    block = _inside(archive, order, wanted.pop()) if len(wanted) == 1 else ""
    return replace(order, picture=block) if block else replace(order, spans=tuple(map(_bare, order.spans)))


def _inside(archive: Archive, order: RenderOrder, digest: str) -> str:
    limits = Limits(calls_per_child=1, memory_bytes=archive.settings.render_memory_bytes)
    result = next(iter(archive.studio.run_each(INSIDE, [(order.path, digest)], limits)))
    try:
        raw = base64.b64decode(result.value, validate=True) if isinstance(result, Done) else b""
        is_it = len(raw) <= MAX_BYTES and hashlib.sha256(raw).hexdigest() == digest
        return base64.b64encode(format_block(raw)).decode() if is_it else ""
    except (TypeError, ValueError):
        return ""


def _bare(span: Span) -> Span:
    return replace(span, wanted=tuple(replace(one, cover="", recipe=uncovered(one.recipe)) for one in span.wanted))


def told_artwork(found: Standing) -> dict[str, Any]:
    """The front cover as people are told of it: its place and digest, whether pages show it, which files that were made
    carry a picture, and which masters came with one inside. `held`: its rights are reserved, or it is held."""
    path = next(iter(found.release.artwork), "")
    return {
        "path": path,
        "sha256": dict(found.pictures).get(path, ""),
        "shown": bool(path) and find_artwork(found) == path,
        "held": is_refused(found),
        "carried_by": sorted(one.path for one in found.files if one.cover),
        "inside": sorted(path for path, _ in found.inside),
    }
