"""Listen: what a file sounds like, and nothing made of it; in a limited process (ports/workshop.py).

Takes  a RenderOrder whose one span is the whole and wants no file.   Gives  a Heard; or why nothing can be decoded.
Never  writes, measures what nobody asked for, or raises over anything that the file may hold.
"""

from typing import Any

from sonoteca.convert.consumers import Draft, Measure
from sonoteca.convert.decoding import Decoding
from sonoteca.convert.ends import why_cut
from sonoteca.convert.fingerprint import Fingerprint
from sonoteca.convert.opening import UNREADABLE, open_master
from sonoteca.convert.samples import SampleSum
from sonoteca.convert.second import SECOND, Decoder, SecondDecoding, open_second
from sonoteca.convert.spent import Spent
from sonoteca.formats.plain import from_plain, to_plain
from sonoteca.model.errors import Refused
from sonoteca.model.sound import Heard, RenderOrder


def listen_plain(order: Any) -> Any:
    """`listen` for the workshop: plain values cross."""
    return to_plain(listen(from_plain(RenderOrder, order)))


def listen(order: RenderOrder) -> Heard:
    """The fingerprint and the sum of the samples of a whole file; by the second decoder when the first gets nothing out
    of it (render.py)."""
    heard = Heard(refused="it was refused when it was looked into")
    if order.audio.container != SECOND:
        heard, may_try = _first(order)
        if not heard.refused or not may_try:
            return heard
    other = _second(order, heard.refused)
    return heard if other.refused else other


def _first(order: RenderOrder) -> tuple[Heard, bool]:
    """What came of it, and whether the other decoder may try."""
    spent = Spent()
    try:
        with open_master(order) as opened:
            cut = why_cut(order.path, order.audio.container)
            return _heard(order, Decoding(opened, order.audio, cut, spent), spent), True
    except Refused as error:
        return Heard(refused=error.what), error.code == UNREADABLE


def _second(order: RenderOrder, why: str) -> Heard:
    spent = Spent()
    try:
        with open_second(order) as sound:
            return _heard(order, SecondDecoding(sound, order.audio, why, spent), spent)
    except Refused as error:
        return Heard(refused=error.what)


def _heard(order: RenderOrder, decoding: Decoder, spent: Spent) -> Heard:
    measures: dict[str, Measure] = {"fingerprint": Fingerprint(order.audio), "samples": SampleSum(order.audio)}
    draft, samples = Draft(), 0
    for block in decoding.blocks([], order.max_seconds):
        samples += block.samples
        for name, measure in measures.items():
            spent.begin()
            measure.take(block)
            spent.end(name)
    if not samples:
        return Heard(refused=decoding.why_nothing())
    for name, measure in measures.items():
        spent.begin()
        measure.finish()
        measure.tell(draft)
        spent.end(name)
    seconds = round(samples / order.audio.sample_rate_hz, 3)
    return Heard(seconds=seconds, fingerprint=draft.fingerprint, pcm_md5=draft.pcm_md5, cpu_s=spent.by_name)
