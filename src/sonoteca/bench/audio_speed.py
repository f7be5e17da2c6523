"""Speed: a recording as a turntable that runs too fast plays it, pitch and all.

Takes  a recording and by how many percent.   Gives  the fingerprint of that.
"""

import os

from av.audio.frame import AudioFrame

from sonoteca.acquire.probe import probe
from sonoteca.convert.blocks import Block
from sonoteca.convert.consumers import Draft
from sonoteca.convert.decoding import Decoding
from sonoteca.convert.fingerprint import Fingerprint
from sonoteca.convert.opening import open_master
from sonoteca.convert.spent import Spent
from sonoteca.formats import fingerprint
from sonoteca.formats.fingerprint import Raw
from sonoteca.model.ids import TrackId
from sonoteca.model.sound import RenderOrder, Span

MAX_SECONDS = 600.0


def faster(path: str, percent: float) -> Raw:
    """The same samples, told to be of a higher rate."""
    audio = probe(path, os.path.basename(path)).audio
    if audio is None:
        raise RuntimeError(f"the corpus' recording cannot be read: {path}")
    rate_hz = round(audio.sample_rate_hz * (1 + percent / 100))
    order = RenderOrder(
        path=path, folder="/", master="", audio=audio, spans=(Span(track=TrackId("")),), max_seconds=MAX_SECONDS
    )
    measure, draft = Fingerprint(audio), Draft()
    with open_master(order) as opened:
        for block in Decoding(opened, audio, "", Spent()).blocks([], order.max_seconds):
            measure.take(_told(block, rate_hz))
    measure.finish()
    measure.tell(draft)
    return fingerprint.parse(draft.fingerprint)


def _told(block: Block, rate_hz: int) -> Block:
    frame: AudioFrame = block.frame
    frame.sample_rate = rate_hz
    return block
