"""Invariant: any bytes, in whatever parts they come, give the same messages, each of a known kind and a lawful length,
or a ValueError; what we say ourselves is read back; a name out of them is short and printable. Nothing else, ever."""

import struct
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats import peer_wire as wire
from sonoteca.formats.peer_wire import Handshake, Kind, Message

PIECES = 13
BODIES = st.one_of(
    st.binary(max_size=20),
    st.tuples(st.sampled_from(list(Kind)), st.binary(max_size=14)).map(lambda one: bytes([one[0]]) + one[1]),
    st.sampled_from([b"", b"\x00", b"\x01", b"\x0e", b"\x05\xff\xf8", b"\x04\0\0\0\x0c", b"\x14\0d1:v3:abce"]),
)
FRAMES = BODIES.map(lambda body: struct.pack(">I", len(body)) + body)
STREAMS = st.one_of(st.binary(max_size=300), st.lists(FRAMES, max_size=8).map(b"".join))


def read(parts: list[bytes], *, is_fast: bool) -> list[Message] | None:
    reader, found = wire.Reader(PIECES, is_fast=is_fast), []
    try:
        for part in parts:
            found += reader.feed(part)
    except ValueError:
        return None
    return found


@given(STREAMS, st.lists(st.integers(0, 300), max_size=6), st.booleans())
@example(b"\xff\xff\xff\xff", [], True)
@example(struct.pack(">IB", 1 + 8 + 16_385, 7), [], True)
def test_any_bytes(raw: bytes, cuts: list[int], is_fast: bool) -> None:
    whole = read([raw], is_fast=is_fast)
    ends = sorted({min(cut, len(raw)) for cut in cuts} | {0, len(raw)})
    parts = [raw[start:end] for start, end in pairwise(ends)]
    assert read(parts or [raw], is_fast=is_fast) == whole
    for message in whole or ():
        assert message.kind in set(Kind)
        assert len(message.body) <= 64 * 1024
        if message.kind is Kind.HAVE:
            assert message.numbers[0] < PIECES


@given(st.binary(max_size=100))
def test_any_handshake(raw: bytes) -> None:
    try:
        found = wire.parse_handshake(raw)
    except ValueError:
        return
    assert wire.format_handshake(found)[28:] == raw[28:]


@given(
    st.binary(min_size=20, max_size=20),
    st.binary(min_size=20, max_size=20),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_handshake_comes_back(info_hash: bytes, peer_id: bytes, fast: bool, extended: bool, v2: bool) -> None:
    said = Handshake(info_hash=info_hash, peer_id=peer_id, is_fast=fast, is_extended=extended, is_v2=v2)
    assert wire.parse_handshake(wire.format_handshake(said)) == said


@given(st.integers(0, PIECES - 1), st.integers(0, 2**32 - 1), st.binary(max_size=16_384))
def test_what_we_say_is_read_back(piece: int, begin: int, block: bytes) -> None:
    raw = wire.request(piece, begin, 5) + wire.piece(piece, begin, block) + wire.reject(piece, begin, 5)
    asked, given_, refused = read([raw], is_fast=True) or []
    assert asked.numbers == refused.numbers == (piece, begin, 5)
    assert given_.numbers == (piece, begin)
    assert given_.body[8:] == block


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=90).map(lambda name: b"\0d1:v%d:%be" % (len(name), name))))
def test_any_name(raw: bytes) -> None:
    for name in (wire.client_of(raw), wire.client_of_id(raw)):
        assert len(name) <= wire.MAX_CLIENT_CHARACTERS
        assert name.isprintable()
