"""Structure, piece by piece, against what others compute; and hostile bytes, which must not lead anybody astray."""

import binascii
import io
import struct
import wave
from dataclasses import dataclass

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.mp3 import HeaderNotFoundError, MPEGFrame

from sonoteca.acquire.containers import REFUSED, SIZED, SOUND, sniff
from sonoteca.acquire.containers_flac import crc8, parse_streaminfo
from sonoteca.acquire.containers_mpeg import parse_frame, walk_frames
from sonoteca.acquire.containers_ogg import page_checksum
from sonoteca.acquire.probe_checksums import crc16_reflected, flac_bytes
from sonoteca.acquire.probe_shape import SHAPES, ending_disagrees, find_shape
from sonoteca.acquire.pronom import PUIDS, WAVE, find_puid
from sonoteca.formats.sound_tags import find_tail, id3_size, skip_tags
from sonoteca.model.finding import FINDINGS


@dataclass(frozen=True)
class Memory:
    """Bytes, from memory."""

    raw: bytes

    @property
    def size(self) -> int:
        return len(self.raw)

    def read(self, at: int, count: int) -> bytes:
        return self.raw[at : at + count] if at >= 0 else b""


def codes(raw: bytes) -> list[str]:
    return [found.code for found in find_shape(Memory(raw)).findings]


# ── checksums ────────────────────────────────────────────────────────────────────────────────────────────────────────


def bitwise(raw: bytes, polynomial: int, width: int) -> int:
    """A CRC with the highest bit first, from 0, one bit at a time."""
    register, top = 0, 1 << width - 1
    for byte in raw:
        register ^= byte << width - 8
        for _ in range(8):
            register = (register << 1 ^ polynomial if register & top else register << 1) & (top << 1) - 1
    return register


def test_the_oracle_by_the_standard_library() -> None:
    assert bitwise(b"123456789", 0x1021, 16) == binascii.crc_hqx(b"123456789", 0)


@given(st.binary(max_size=300))
def test_ogg_checksum(raw: bytes) -> None:
    header, body = raw[:40].ljust(27, b"\0"), raw[40:]
    blank = header[:22] + bytes(4) + header[26:]
    assert page_checksum(header, body) == bitwise(blank + body, 0x04C11DB7, 32)


@given(st.binary(max_size=300))
def test_lame_checksum(raw: bytes) -> None:
    mirrored = bytes(int(f"{byte:08b}"[::-1], 2) for byte in raw)
    assert crc16_reflected(raw) == int(f"{bitwise(mirrored, 0x8005, 16):016b}"[::-1], 2)


def test_lame_checksum_of_much() -> None:
    raw = bytes(range(251)) * 300
    assert crc16_reflected(bytes(99) + raw) == crc16_reflected(raw) != crc16_reflected(raw[:-1])


@given(st.binary(max_size=60))
def test_flac_header_checksum(raw: bytes) -> None:
    assert crc8(raw) == bitwise(raw, 0x07, 8)


# ── what a file is ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"fLaC\0\0\0\x22", "flac"),
        (b"RIFF\x24\0\0\0WAVE", "riff"),
        (b"RIFF\x24\0\0\0RMID", "midi"),
        (b"RIFF\x24\0\0\0WEBP", "picture"),
        (b"FORM\0\0\0\x24AIFC", "aiff"),
        (b"FORM\0\0\0\x24ILBM", "picture"),
        (b"\0\0\0\x20ftypM4A ", "mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mp4"),
        (b"\xff\xfb\x90\x64", "mpeg"),
        (b"\xff\xf1\x50\x80", "adts"),
        (b"MThd\0\0\0\x06", "midi"),
        (b"Extended Module: x", "module"),
        (b"IMPM", "module"),
        (bytes(44) + b"SCRM", "module"),
        (bytes(1080) + b"M.K.", "module"),
        (b"#EXTM3U\n", "playlist"),
        (b"\xef\xbb\xbf#EXTM3U\n", "playlist"),
        (b"[playlist]\n", "playlist"),
        (b"ffconcat version 1.0\n", "playlist"),
        (b"file '/etc/passwd'\n", "playlist"),
        (b"<?xml version='1.0'?>", "text"),
        (b"  <HTML>", "text"),
        (b"plain words\n", "text"),
        ("Wörter\n".encode("latin-1"), "text"),
        (b"PK\x03\x04", "packed"),
        (b"\x7fELF", "program"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x00\x01\x02\x03", ""),
        (b"", ""),
    ],
)
def test_sniffed(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


def test_refused_kinds_have_a_meaning() -> None:
    assert all(code in FINDINGS for code in REFUSED.values())
    assert not set(REFUSED) & ({kind for kind, _, _ in SOUND} | set(SHAPES))
    assert {kind for kinds in SIZED.values() for kind in kinds.values()} <= set(REFUSED) | set(SHAPES) | {"iff", "avi"}


@pytest.mark.parametrize(
    ("name", "kind", "disagrees"),
    [
        ("a.mp3", "ogg", True),
        ("a.WAV", "flac", True),
        ("a.WAV", "riff", False),
        ("a.oga", "ogg", False),
        ("a", "mpeg", False),
        ("a.x", "flac", False),
        ("a.mp3", "", False),
    ],
)
def test_endings(name: str, kind: str, disagrees: bool) -> None:
    assert (ending_disagrees(name, kind) is not None) == disagrees


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_streaminfo() -> None:
    packed = 44100 << 44 | 1 << 41 | 15 << 36 | 123_456
    raw = struct.pack(">HH", 4096, 4096) + bytes(3) + b"\0\x2f\x37" + packed.to_bytes(8, "big") + bytes(range(16))
    info = parse_streaminfo(raw)
    assert info is not None
    assert (info.rate, info.channels, info.bits, info.samples, info.max_frame_bytes) == (44100, 2, 16, 123_456, 0x2F37)
    assert info.md5 == bytes(range(16)).hex()
    assert parse_streaminfo(raw[:-1]) is None


@pytest.mark.parametrize("bits", [8, 12, 16, 20, 24])
def test_samples_as_flac_digests_them(bits: int) -> None:
    """FFmpeg gives 16 or 32 bits, shifted to the top; FLAC digests as few bytes as the bits need."""
    width = 16 if bits <= 16 else 32
    values = [-(1 << bits - 1), -1, 0, 1, (1 << bits - 1) - 1]
    block = (numpy.array(values, "i8") << width - bits).astype(f"i{width // 8}").reshape(1, -1)
    size = -(-bits // 8)
    assert flac_bytes(block, bits) == b"".join(value.to_bytes(size, "little", signed=True) for value in values)


@given(st.integers(0, 255), st.integers(0, 255))
def test_frames_are_as_long_as_mutagen_says(second: int, third: int) -> None:
    head = bytes([0xFF, second, third, 0x64])
    file = io.BytesIO(head + bytes(4096))
    try:
        frame = MPEGFrame(file)  # type: ignore[no-untyped-call]
    except HeaderNotFoundError:
        assert parse_frame(head) is None
        return
    found = parse_frame(head)
    assert found is not None
    kind, size = found
    # Of layer I mutagen takes four times the length: ISO 11172-3 has 12 slots of four bytes, not 48.
    length = 4 * (12 * frame.bitrate // frame.sample_rate + frame.padding) if frame.layer == 1 else file.tell()
    assert (kind.layer, kind.rate, size) == (frame.layer, frame.sample_rate, length)
    seen = walk_frames(Memory((head + bytes(size - 4)) * 5), 0, size * 5, kind)
    assert (seen.frames, seen.gaps, seen.cut) == (5, 0, 0)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 70_000, (1 << 28) - 1])
def test_length_of_an_id3_tag(size: int) -> None:
    coded = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    assert id3_size(b"ID3\x04\0\0" + coded) == size + 10
    assert id3_size(b"ID3\x04\0\x10" + coded) == size + 20
    assert id3_size(b"ID3\x04\0\0\x80" + coded[1:]) == 0


def test_a_tag_longer_than_the_file_ends_it() -> None:
    start, blocks = skip_tags(Memory(b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(100)))
    assert start == 110 and blocks[0].size == 110


def test_tags_at_the_end_in_any_order() -> None:
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8)
    old = b"TAG" + bytes(125)
    lyrics = b"LYRICSBEGIN" + b"000011" + b"LYRICS200"
    for tail in (ape + old, lyrics + old, ape + lyrics + old, old):
        found = find_tail(Memory(b"sound" + tail))
        assert found.end == 5 and sum(block.size for block in found.blocks) == len(tail)
    assert find_tail(Memory(b"sound")).end == 5


def test_puids() -> None:
    assert find_puid("wav", "pcm_s16le", "riff", "pcm") == "fmt/141"
    assert find_puid("wav", "pcm_s16le", "riff", "bext-1-pcm") == "fmt/704"
    assert find_puid("ogg", "opus") == "fmt/946"
    assert find_puid("aiff", "pcm_s16be", "aiff", "AIFC") == "x-fmt/136"
    assert find_puid("wv", "wavpack") == ""
    assert all(puid.startswith(("fmt/", "x-fmt/")) for puid in (*PUIDS.values(), *WAVE.values()))


# ── WAVE, as the standard library writes it ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def wav() -> bytes:
    """Half a second of something."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(range(250)) * 64)
    return file.getvalue()


def test_wave_as_it_should_be(wav: bytes) -> None:
    shape = find_shape(Memory(wav))
    assert (shape.kind, shape.variant, shape.samples, shape.rate, shape.bits, shape.exact) == (
        ("riff", "pcm", 4000, 8000, 16, True)
    )
    assert shape.findings == ()


def test_wave_that_lies(wav: bytes) -> None:
    filled = wav[:4] + b"\xff\xff\xff\xff" + wav[8:40] + b"\xff\xff\xff\xff" + wav[44:]
    assert codes(filled) == ["A102"] and find_shape(Memory(filled)).samples == 4000
    assert codes(wav[:-1]) == ["A101"]
    assert codes(wav[:40] + struct.pack("<I", 1 << 31) + wav[44:]) == ["A101"]
    assert codes(wav + b"garbage!" * 99) == ["A103"]
    assert codes(wav + b"few") == ["A116"]
    assert codes(wav + bytes(999)) == []
    assert codes(wav[:36] + b"dat!" + wav[40:]) == ["F107"]
    assert codes(b"RIFF\xff\0\0\0WAVE" + b"LIST\0\0\0\0" * 10_000) == ["F107"]


def test_wave_with_a_chunk_of_odd_length(wav: bytes) -> None:
    note = b"note" + struct.pack("<I", 3) + b"abc\0"
    outer = struct.pack("<I", len(wav) - 8 + len(note))
    assert codes(wav[:4] + outer + wav[8:36] + note + wav[36:]) == []


# ── hostile bytes ────────────────────────────────────────────────────────────────────────────────────────────────────

MARKS = [
    *(mark for _, at, mark in SOUND if at == 0),
    b"\0\0\0\x18ftypM4A \0\0\0\0",
    b"RIFF\x40\0\0\0WAVE",
    b"FORM\0\0\0\x40AIFF",
    b"ID3\x03\0\0\0\0\0\x0a",
    b"\xff\xfb\x90\x64",
    b"\xff\xf1\x50\x80\x0a\xbf\xfc",
    b"",
]


@given(st.sampled_from(MARKS), st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(MARKS)), max_size=12))
def test_no_bytes_lead_astray(mark: bytes, parts: list[bytes]) -> None:
    """Whatever follows a mark: an answer, no sample that cannot be there, no tag outside the file."""
    raw = mark + b"".join(parts)
    shape = find_shape(Memory(raw))
    assert all(0 <= block.at <= len(raw) and block.size >= 0 for block in shape.blocks)
    assert shape.samples >= 0 and all(found.code in FINDINGS for found in shape.findings)
    if shape.exact and shape.kind in ("riff", "aiff", "au"):
        assert shape.samples <= len(raw)
