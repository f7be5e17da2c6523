"""Hash layers: against libtorrent's, against hashlib block by block; the `.pieces` file against every change."""

import dataclasses
import hashlib
import importlib.util
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import pieces
from sonoteca.formats.pieces import FileMeter, LayerMeter
from sonoteca.model.errors import Damaged
from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES, Copied, Layers
from tests import tools
from tests.tools import missing
from tests.vectors.pieces import generate

ROWS: list[dict[str, Any]] = json.loads(generate.GOLDEN.read_text(encoding="utf-8"))
SIZES = st.one_of(
    st.integers(0, 3 * PIECE_BYTES),
    st.builds(lambda blocks, off: max(0, blocks * BLOCK_BYTES + off), st.integers(0, 40), st.integers(-2, 2)),
)


def metered(content: bytes, cuts: tuple[int, ...] = (), extra: frozenset[str] = frozenset()) -> Copied:
    meter, view, at = FileMeter(extra=extra), memoryview(content), 0
    for cut in (*sorted(cuts), len(content)):
        meter.update(view[at:cut])
        at = max(at, cut)
    return meter.finish()


def layers_of(content: bytes) -> Layers:
    found = metered(content).layers
    assert found is not None
    return found


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@given(SIZES, st.lists(st.integers(0, 3 * PIECE_BYTES), max_size=3))
def test_layers_alone_are_those_with_digests(size: int, cuts: list[int]) -> None:
    content, meter, at = generate.content(size), LayerMeter(), 0
    for cut in (*sorted(min(cut, size) for cut in cuts), size):
        meter.update(memoryview(content)[at:cut])
        at = cut
    found = layers_of(content)
    assert meter.finish(found.digest) == found


# ── other people's ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["bytes"]))
def test_layers_are_those_of_libtorrent(row: dict[str, Any]) -> None:
    content = generate.content(row["bytes"])
    layers = layers_of(content)
    assert layers.pieces_root.hex() == row["root"]
    assert sha256(layers.piece_layer) == row["layer_sha256"]
    assert sha256(layers.sha1_pieces) == row["padded_sha256"]
    # A torrent of one file does not pad its last piece.
    assert sha256(layers.sha1_pieces[:-20] + layers.sha1_tail) == row["pieces_sha256"]


def test_the_vectors_are_what_libtorrent_says_today(tmp_path: Path) -> None:
    if importlib.util.find_spec("libtorrent") is None:
        missing("needs libtorrent, to make the vectors again (it has no wheel for Python 3.14 yet)")
    assert generate.rows(importlib.import_module("libtorrent"), tmp_path) == ROWS


# ── one pass ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(SIZES, st.lists(st.integers(0, 3 * PIECE_BYTES), max_size=6))
def test_any_split_gives_what_the_whole_gives(size: int, cuts: list[int]) -> None:
    content = generate.content(size)
    everything = pieces.EXTRA_DIGESTS
    assert metered(content, tuple(min(cut, size) for cut in cuts), everything) == metered(content, (), everything)


@given(SIZES)
def test_every_hash_is_that_of_its_bytes(size: int) -> None:
    content = generate.content(size)
    layers = layers_of(content)
    blocks = [content[at : at + BLOCK_BYTES] for at in range(0, size, BLOCK_BYTES)]
    parts = [content[at : at + PIECE_BYTES] for at in range(0, size, PIECE_BYTES)]
    assert (layers.bytes, layers.digest) == (size, sha256(content))
    assert layers.leaves == b"".join(hashlib.sha256(block).digest() for block in blocks)
    assert layers.sha1_pieces == b"".join(hashlib.sha1(part.ljust(PIECE_BYTES, b"\0")).digest() for part in parts)
    assert layers.sha1_tail == (hashlib.sha1(parts[-1]).digest() if parts else b"")


def test_extra_digests_are_those_asked_for() -> None:
    content = generate.content(300_000)
    found = metered(content, (5, 70_000), frozenset({"md5", "sha1", "sha512", "crc32"}))
    assert dict(found.extra) == {
        "crc32": f"{zlib.crc32(content):08x}",
        "md5": hashlib.md5(content).hexdigest(),
        "sha1": hashlib.sha1(content).hexdigest(),
        "sha512": hashlib.sha512(content).hexdigest(),
    }
    with pytest.raises(ValueError, match="blake"):
        FileMeter(frozenset({"blake2b"}))


def test_without_layers_only_digests_are_made() -> None:
    meter = FileMeter(frozenset({"crc32"}), layers=False)
    meter.update(memoryview(b"abc"))
    assert meter.finish() == Copied(
        digest=hashlib_digest(b"abc"), bytes=3, layers=None, extra=(("crc32", f"{zlib.crc32(b'abc'):08x}"),)
    )


def hashlib_digest(content: bytes) -> Any:
    return sha256(content)


def test_the_buffer_may_be_used_again_at_once() -> None:
    content, buffer, meter = generate.content(700_000), bytearray(100_000), FileMeter()
    for at in range(0, len(content), len(buffer)):
        part = content[at : at + len(buffer)]
        buffer[: len(part)] = part
        meter.update(memoryview(buffer)[: len(part)])
        buffer[:] = bytes(len(buffer))
    assert meter.finish() == metered(content)


# ── the .pieces file ─────────────────────────────────────────────────────────────────────────────────────────────────


@given(SIZES)
def test_round_trip(size: int) -> None:
    layers = layers_of(generate.content(size))
    raw = pieces.format(layers)
    assert pieces.parse(raw) == layers
    assert pieces.format(pieces.parse(raw)) == raw


def test_the_worked_example_of_the_docs() -> None:
    raw = pieces.format(layers_of(b"sonoteca\n"))
    page = (tools.PROJECT / "docs" / "formats" / "pieces.md").read_text(encoding="utf-8")
    shown = bytes.fromhex("".join(line[9:57] for line in page.splitlines() if line[:4] == "0000"))
    assert shown == raw


@pytest.mark.parametrize("size", [0, 1, BLOCK_BYTES + 1])
def test_every_flipped_bit_is_seen(size: int) -> None:
    raw = pieces.format(layers_of(generate.content(size)))
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
            with pytest.raises(ValueError):
                pieces.parse(changed)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES + 1])
def test_every_truncation_and_addition_is_seen(size: int) -> None:
    raw = pieces.format(layers_of(generate.content(size)))
    for cut in range(len(raw)):
        with pytest.raises(ValueError):
            pieces.parse(raw[:cut])
    for more in (b"\0", raw[-32:], raw):
        with pytest.raises(ValueError):
            pieces.parse(raw + more)


def resealed(raw: bytes) -> bytes:
    """With a checksum that is right again: an error of a writer, not of a disk."""
    return raw[:-32] + hashlib.sha256(raw[:-32]).digest()


def wrong_forms() -> Iterator[tuple[str, bytes]]:
    empty = pieces.format(layers_of(b""))
    full = pieces.format(layers_of(generate.content(PIECE_BYTES)))
    yield "not a .pieces file", resealed(b"\x89PNG\r\n\x1a\n" + empty[8:])
    yield "version 2", resealed(empty[:8] + b"\0\0\0\2" + empty[12:])
    yield "no root", resealed(empty[:52] + b"\1" + empty[53:])
    yield "the tail's", resealed(full[:-33] + bytes([full[-33] ^ 1]) + full[-32:])
    yield "no file has", resealed(empty[:12] + b"\xff" * 8 + empty[20:])
    yield "not what the layers", resealed(empty[:12] + b"\x7f" + b"\xff" * 7 + empty[20:])


@pytest.mark.parametrize(
    ("message", "raw"), list(wrong_forms()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_wrong_forms_are_refused_even_with_a_right_checksum(message: str, raw: bytes) -> None:
    with pytest.raises(ValueError, match=message):
        pieces.parse(raw)


@pytest.mark.parametrize(
    "change",
    [
        {"bytes": 5},
        {"bytes": -1},
        {"leaves": b""},
        {"pieces_root": b""},
        {"piece_layer": bytes(32)},
        {"sha1_pieces": bytes(19)},
        {"sha1_tail": b""},
        {"digest": "ABC"},
        {"digest": "A" * 64},
    ],
    ids=str,
)
def test_layers_that_no_file_has_are_not_written(change: dict[str, Any]) -> None:
    layers = dataclasses.replace(layers_of(generate.content(BLOCK_BYTES + 1)), **change)
    with pytest.raises(ValueError):
        pieces.format(layers)


@given(st.binary(max_size=400))
def test_any_bytes_give_layers_or_a_value_error(raw: bytes) -> None:
    try:
        layers = pieces.parse(raw)
    except ValueError:
        return
    assert pieces.format(layers) == raw


# ── are they right ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_verify_pieces_hashes_the_file_again() -> None:
    content = generate.content(600_001)
    raw = pieces.format(layers_of(content))
    assert pieces.verify_pieces(raw, [memoryview(content)]) == layers_of(content)
    with pytest.raises(Damaged, match="not those of the file"):
        pieces.verify_pieces(raw, [memoryview(content)[:-1]], where="pieces/x")
    with pytest.raises(Damaged, match="cannot be read"):
        pieces.verify_pieces(raw[:-1], [memoryview(content)])


def test_verify_layers_needs_no_file() -> None:
    layers = layers_of(generate.content(600_001))
    pieces.verify_layers(layers)
    for change in ({"pieces_root": bytes(32)}, {"piece_layer": bytes(96)}, {"leaves": bytes(len(layers.leaves))}):
        with pytest.raises(Damaged, match="does not follow"):
            pieces.verify_layers(dataclasses.replace(layers, **change))
