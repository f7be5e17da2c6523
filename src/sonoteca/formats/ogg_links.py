"""Links of a chained Ogg file (RFC 3533 §4): recordings one after the other, as a radio's stream is kept.

Takes  the file as Bytes.   Gives  where each link begins, and the form of its sound: what a decoder is set up for.
Never  reads more than pages' heads and the first packets; a page that is none ends the walk.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.formats.ogg import BEGIN
from sonoteca.formats.sound_tags import Bytes

MAX_PAGES = 1 << 22
_HEAD_BYTES, _FLAGS_AT, _COUNT_AT = 27, 5, 26
# Rate and channels in the first packet of a stream: Vorbis I §4.2.2, RFC 7845 §5.1, Speex manual §6, RFC 9639 §10.1.
_FORMS = {
    b"\x01vorbis": slice(11, 16),
    b"OpusHead": slice(9, 10),
    b"Speex   ": slice(36, 52),
    b"\x7fFLAC": slice(27, 30),
}


@dataclass(frozen=True, slots=True)
class Link:
    """One link: the place of its first page, and the rate and channels of its first sound, as bytes."""

    at: int
    form: bytes


def find_links(file: Bytes) -> Iterator[Link]:
    """All of them in order; those without sound are passed over."""
    at, begins, link = 0, False, Link(-1, b"")
    for _ in range(MAX_PAGES):
        head = file.read(at, _HEAD_BYTES + 255 + 64)
        if head[:4] != b"OggS" or len(head) < _HEAD_BYTES:
            break
        table = head[_HEAD_BYTES : _HEAD_BYTES + head[_COUNT_AT]]
        if head[_FLAGS_AT] & BEGIN:
            if not begins and link.form:
                yield link
            link = link if begins and link.form else Link(link.at if begins else at, _form(head[27 + len(table) :]))
        begins = bool(head[_FLAGS_AT] & BEGIN)
        at += _HEAD_BYTES + len(table) + sum(table)
    if link.form:
        yield link


def _form(packet: bytes) -> bytes:
    return next((mark + packet[place] for mark, place in _FORMS.items() if packet.startswith(mark)), b"")
