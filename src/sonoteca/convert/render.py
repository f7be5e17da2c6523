"""Render: an order becomes an answer, in a limited process (ports/workshop.py): decode once, feed everything.

Takes  a RenderOrder: one master, its tracks, the files wanted of each, and the one folder to write them to.
Gives  a RenderAnswer: a Sound a track and the names of the files that were made; or why nothing can be decoded.
Never  raises over anything that a master may hold; opens a second file; decodes a sample twice; writes outside the
       folder (only encoders write here at all).
Order  a track's consumers are made when its first block comes and end when the next track begins, so a disc image of
       99 tracks holds one track's encoders at a time. What is known only at the end (gain) is written last.

The answer is a function of the master's bytes, the order and the versions of the libraries; but for `cpu_s`.
"""

from typing import Any

from sonoteca.convert.decoding import Decoding
from sonoteca.convert.desk import Desk
from sonoteca.convert.ends import why_cut
from sonoteca.convert.opening import UNREADABLE, open_master
from sonoteca.convert.second import SECOND, Decoder, SecondDecoding, open_second
from sonoteca.convert.spent import Spent
from sonoteca.formats.plain import from_plain, to_plain
from sonoteca.model.errors import Refused
from sonoteca.model.sound import RenderAnswer, RenderOrder


def render_plain(order: Any) -> Any:
    """`render` for the workshop: plain values cross."""
    return to_plain(render(from_plain(RenderOrder, order)))


def render(order: RenderOrder) -> RenderAnswer:
    """The answer to one order. What the first decoder gets nothing out of is shown to the second; when that has nothing
    either, the first one's reason is told."""
    if order.audio.container == SECOND:
        return _second(order, "refused it, or read other samples, when it was taken in")
    try:
        answer = _first(order)
    except Refused as error:
        answer = RenderAnswer(spans=(), refused=error.what)
        if error.code != UNREADABLE:
            return answer
    if not answer.refused:
        return answer
    other = _second(order, answer.refused)
    return answer if other.refused else other


def _first(order: RenderOrder) -> RenderAnswer:
    spent = Spent()
    with open_master(order) as opened:
        cut = why_cut(order.path, order.audio.container)
        return _answer(order, Decoding(opened, order.audio, cut, spent), spent)


def _second(order: RenderOrder, why: str) -> RenderAnswer:
    spent = Spent()
    try:
        with open_second(order) as sound:
            return _answer(order, SecondDecoding(sound, order.audio, why, spent), spent)
    except Refused as error:
        return RenderAnswer(spans=(), refused=error.what)


def _answer(order: RenderOrder, decoding: Decoder, spent: Spent) -> RenderAnswer:
    desks = [Desk(order, span, spent) for span in order.spans]
    _decode_once(order, decoding, desks)
    if not decoding.decoded:
        return RenderAnswer(spans=(), refused=decoding.why_nothing(), cpu_s=spent.by_name)
    return RenderAnswer(spans=tuple(desk.finish(decoding) for desk in desks), cpu_s=spent.by_name)


def _decode_once(order: RenderOrder, decoding: Decoder, desks: list[Desk]) -> None:
    cuts = [cut for span in order.spans for cut in (span.start_sample, span.end_sample) if cut is not None]
    for block in decoding.blocks(cuts, order.max_seconds):
        for desk in desks:
            desk.show(block, decoding)
        if all(desk.is_done for desk in desks):
            return
