"""Invariant: any bytes have a shape and tags; nothing raises, grows without bounds, or says what is in no table.

Structure and tags are fuzzed here, in this process; the decoders behind them are only ever shown strange bytes in a
limited one (tests/scenarios/test_mutations.py).
"""

import struct
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sonoteca.acquire.probe_comments import read_block
from sonoteca.acquire.probe_file import OpenFile
from sonoteca.acquire.probe_shape import find_shape
from sonoteca.acquire.probe_tags import MAX_ALL_CHARS, MAX_TAGS, read_tags
from sonoteca.formats.sound_tags import Block
from sonoteca.model.finding import FINDINGS

MAX_BYTES = 4096
NUMBERS = st.sampled_from([0, 1, 2, 3, 4, 8, 127, 128, 255, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
SIZES = st.builds(lambda order, number: struct.pack(order + "I", number), st.sampled_from("<>"), NUMBERS)
WORDS = st.sampled_from(
    [
        *(b"fLaC\0\0\0\x22", b"OggS\0\x02", b"\x01vorbis", b"\x03vorbis", b"OpusHead", b"OpusTags", b"RIFF", b"RF64"),
        *(
            b"WAVEfmt ",
            b"data",
            b"LIST",
            b"INFO",
            b"INAM",
            b"bext",
            b"iXML",
            b"id3 ",
            b"ds64",
            b"FORM",
            b"AIFF",
            b"AIFC",
        ),
        *(b"COMM", b"SSND", b"NAME", b"ID3\x02\0\0", b"ID3\x03\0\x80", b"ID3\x04\0\x10", b"TIT2", b"TT2", b"TXXX"),
        *(b"APIC", b"\x01\xff\xfe", b"\x03", b"TAG", b"APETAGEX\xd0\x07\0\0", b"LYRICSBEGIN", b"ftypM4A ", b"moov"),
        *(b"udta", b"meta", b"ilst", b"\xa9nam", b"wvpk", b"TTA1", b"MAC ", b"tBaK", b"MP+", b"MPCK", b"DSD ", b"FRM8"),
        *(b"\xff\xfb\x90\x64", b"\xff\xf1\x50\x80", b"\x0b\x77", b"#!AMR\n", b".snd", b"caff\0\1", b"\x1a\x45\xdf\xa3"),
        *(b"TITLE=a", b"title=\x82\xb1", b"METADATA_BLOCK_PICTURE=AAAA", b"\0", b"\0\0\0\0", b"\xff" * 8),
    ]
)
FILES = st.lists(st.one_of(WORDS, SIZES, st.binary(max_size=24)), min_size=1, max_size=60).map(b"".join)
KINDS = ("vorbis", "ape", "id3v1", "riff-info", "bext", "ixml", "xmp", "text:NAME", "picture", "nonsense")


class Memory:
    """Bytes (containers.py) without a file."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @property
    def size(self) -> int:
        return len(self._raw)

    def read(self, at: int, count: int) -> bytes:
        return self._raw[at : at + count]


@given(FILES)
@example(b"")
@example(b"ID3\x04\0\0\x7f\x7f\x7f\x7f")
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300)
def test_any_file_has_a_shape_and_tags(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x")
        path.write_bytes(raw[:MAX_BYTES])
        with OpenFile(str(path)) as file:
            shape = find_shape(file)
            assert all(block.at >= 0 and block.size >= 0 for block in shape.blocks)
            tags = read_tags(file, shape, ())
    assert len(tags.values) <= MAX_TAGS and sum(len(one.text) for one in tags.values) <= MAX_ALL_CHARS
    assert all(found.code in FINDINGS and found.detail.isprintable() for found in (*shape.findings, *tags.findings))


@given(st.sampled_from(KINDS), FILES)
def test_any_block_is_read(kind: str, raw: bytes) -> None:
    tags, pictures, findings = read_block(Memory(raw), Block(kind=kind, at=0, size=len(raw)))
    assert all(found.code in FINDINGS and found.detail.isprintable() for found in findings)
    assert len(tags) + len(pictures) <= len(raw) + 1
