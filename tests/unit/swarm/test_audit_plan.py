"""Which blocks are asked for, how sure that makes us, and what answers mean."""

import dataclasses
import hashlib
import math
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import metainfo
from sonoteca.formats.pieces import FileMeter
from sonoteca.model.copies import Outcome
from sonoteca.model.files import BLOCK_BYTES, PIECE_BYTES
from sonoteca.model.peers import Call, Endpoint, Got, Heard
from sonoteca.model.torrent import Flavour, Member, Outside
from sonoteca.swarm.audit_plan import (
    Ground,
    Span,
    confidence,
    ground_of,
    holder_of,
    judge,
    parse_endpoint,
    percentile,
    sample,
)
from sonoteca.torrents.assemble import assemble

CHANCE = bytes(32)
SIZES = {"A/1.opus": 700_000, "A/1.txt": 5, "B/2.opus": PIECE_BYTES, "B/3.opus": PIECE_BYTES + 1}


def ground(*sizes: int) -> Ground:
    spans, piece = [], 0
    for number, size in enumerate(sizes):
        spans.append(Span(path=f"{number}", first_piece=piece, bytes=size))
        piece += -(-size // PIECE_BYTES)
    return Ground(piece_bytes=PIECE_BYTES, pieces=piece, spans=tuple(spans))


def files() -> dict[str, bytes]:
    return {path: hashlib.shake_128(path.encode()).digest(size) for path, size in SIZES.items()}


def torrent(flavour: Flavour, contents: dict[str, bytes], name: str = "volume") -> bytes:
    layers, members = {}, []
    for path, raw in contents.items():
        meter = FileMeter()
        meter.update(memoryview(raw))
        made = meter.finish().layers
        assert made is not None
        layers[made.digest] = made
        members.append(Member(path=path, digest=made.digest, bytes=len(raw)))
    return assemble(name, members, layers.__getitem__, flavour, Outside()).torrent


def v1_bytes(found: metainfo.Metainfo, contents: dict[str, bytes]) -> bytes:
    """The pieces of a torrent, one after the other, as BEP 3 has them."""
    return b"".join(bytes(file.bytes) if file.is_pad else contents[file.path] for file in found.files)


# ── where blocks lie ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("flavour", [Flavour.HYBRID, Flavour.V1])
def test_a_block_is_where_the_pieces_have_it(flavour: Flavour) -> None:
    contents = files()
    found = metainfo.parse(torrent(flavour, contents))
    here, whole = ground_of(found), v1_bytes(found, contents)
    assert here.pieces * PIECE_BYTES == len(whole)
    blocks = sample(here, 1000, CHANCE)
    assert sum(block.bytes for block in blocks) == sum(SIZES.values())
    for block in blocks:
        start = block.piece * PIECE_BYTES + block.begin
        wanted = contents[block.path][block.leaf * BLOCK_BYTES :][: block.bytes]
        assert whole[start : start + block.bytes] == wanted


def test_v2_has_no_pads() -> None:
    here = ground_of(metainfo.parse(torrent(Flavour.V2, files())))
    assert here == ground_of(metainfo.parse(torrent(Flavour.HYBRID, files())))


def test_a_torrent_that_is_its_file() -> None:
    here = ground_of(metainfo.parse(torrent(Flavour.HYBRID, {"one.opus": bytes(300_000)}, "one.opus")))
    assert (here.pieces, here.blocks, here.spans[0].path) == (2, 19, "one.opus")


def test_a_torrent_without_pads_cannot_be_asked_by_leaves() -> None:
    found = metainfo.parse(torrent(Flavour.V1, files()))
    bare = dataclasses.replace(found, files=tuple(file for file in found.files if not file.is_pad))
    with pytest.raises(ValueError, match="no piece begins"):
        ground_of(bare)


# ── chance ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(st.integers(1, 600_000), min_size=1, max_size=8), st.integers(1, 100), st.binary(min_size=32, max_size=32)
)
def test_every_block_once_and_within_its_file(sizes: list[int], count: int, chance: bytes) -> None:
    here = ground(*sizes)
    blocks = sample(here, count, chance)
    assert len(set(blocks)) == len(blocks) == min(count, here.blocks)
    assert sample(here, count, chance) == blocks
    for block in blocks:
        size = sizes[block.file]
        assert 0 < block.bytes <= BLOCK_BYTES
        assert block.leaf * BLOCK_BYTES + block.bytes <= size
        assert (
            block.piece - here.spans[block.file].first_piece
        ) * PIECE_BYTES + block.begin == block.leaf * BLOCK_BYTES


def test_every_block_is_as_likely() -> None:
    here = ground(20 * BLOCK_BYTES, 5, 19 * BLOCK_BYTES)
    rounds = 4000
    counts = Counter(
        (block.file, block.leaf)
        for number in range(rounds)
        for block in sample(here, 10, hashlib.sha256(number.to_bytes(4, "big")).digest())
    )
    assert len(counts) == 40
    # Each count is binomial (4,000, 1/4): six standard deviations are 164.
    assert all(abs(count - rounds / 4) < 164 for count in counts.values())


def test_the_order_tells_nothing() -> None:
    firsts = Counter(
        sample(ground(40 * BLOCK_BYTES), 10, hashlib.sha256(number.to_bytes(4, "big")).digest())[0].leaf
        for number in range(4000)
    )
    assert len(firsts) == 40
    assert max(firsts.values()) < 100 + 6 * 10


@pytest.mark.parametrize(("count", "chance"), [(0, CHANCE), (1001, CHANCE), (5, b""), (5, bytes(31))])
def test_no_sample_without_chance(count: int, chance: bytes) -> None:
    with pytest.raises(ValueError, match="chance"):
        sample(ground(50), count, chance)


def test_what_the_command_says() -> None:
    """ "With 30 blocks a peer that lacks 10 % is caught with 95.8 %"."""
    assert f"{confidence(1_000_000, 30):.1%}" == "95.8%"


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0.01, 1))
def test_confidence_is_what_counting_says(blocks: int, asked: int, lacks: float) -> None:
    missing = math.ceil(blocks * lacks)
    drawn = min(asked, blocks)
    kept = math.comb(blocks - missing, drawn) / math.comb(blocks, drawn)
    assert confidence(blocks, asked, lacks) == pytest.approx(1 - kept)


def test_a_peer_that_lacks_a_tenth_is_caught_that_often() -> None:
    here, lacking, caught = ground(400 * BLOCK_BYTES), set(range(40)), 0
    for number in range(1000):
        blocks = sample(here, 30, hashlib.sha256(b"%d" % number).digest())
        caught += any(block.leaf in lacking for block in blocks)
    assert abs(caught / 1000 - confidence(400, 30)) < 0.03


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

BLOCKS = sample(ground(40 * BLOCK_BYTES), 4, CHANCE)
CALL = Call(info_hash=bytes(20), is_v2=False, pieces=3, blocks=BLOCKS)
LEAVES = [bytes([number]) * 32 for number in range(4)]


def heard(
    digests: Sequence[bytes] = tuple(LEAVES), told: int | None = 3, why: str = "", garbage: bool = False
) -> Heard:
    got = tuple(Got(block=block, ms=1.0, digest=digest) for block, digest in zip(BLOCKS, digests, strict=False))
    return Heard(got=got, told=told, why=why, is_garbage=garbage)


@pytest.mark.parametrize(
    ("said", "outcome", "right"),
    [
        (heard(), Outcome.PROVED, 4),
        (heard([LEAVES[0], bytes(32), LEAVES[2]]), Outcome.FAILED, 2),
        (heard([LEAVES[0], b"\xff" * 32]), Outcome.FAILED, 1),
        (heard([b"\xff" * 32], why="stopped answering"), Outcome.FAILED, 0),
        (heard([b"\xff" * 32], garbage=True, why="a flood"), Outcome.FAILED, 0),
        (heard([b"\xff" * 32], told=2), Outcome.FAILED, 0),
        (heard([LEAVES[0], b"", *LEAVES[2:]]), Outcome.FAILED, 3),
        (heard(LEAVES[:2], told=2), Outcome.PARTIAL, 2),
        (heard([], told=0), Outcome.PARTIAL, 0),
        (heard(LEAVES[:2], why="stopped answering"), Outcome.SILENT, 2),
        (heard([], told=None, why="no connection"), Outcome.SILENT, 0),
        (heard(LEAVES[:3]), Outcome.SILENT, 3),
        (heard(LEAVES, garbage=True, why="a flood"), Outcome.GARBAGE, 4),
    ],
)
def test_what_answers_mean(said: Heard, outcome: Outcome, right: int) -> None:
    found = judge(CALL, said, LEAVES)
    assert found[:2] == (outcome, right)
    assert bool(found[2]) == (outcome is not Outcome.PROVED)


def test_percentiles() -> None:
    assert percentile([], 0.5) == 0
    assert [percentile(list(range(1, 101)), share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.0.2.7:6881", "192.0.2.7", 6881),
        ("[2001:db8::1]:1", "2001:db8::1", 1),
        ("a-b.example:65535", "a-b.example", 65535),
    ],
)
def test_an_endpoint(text: str, host: str, port: int) -> None:
    found = parse_endpoint(text)
    assert found == Endpoint(host=host, port=port)
    assert str(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        *("a\n:1", "x" * 254 + ":1", "a:99999999999", "[192.0.2.7]:1", "-:-1"),
        ":1",
        "a",
        "a:",
        "a:0",
        "a:65536",
        "a:٣",
        "a:1e3",
        "2001:db8::1:6881",
        "[a]:1",
        "[::1:1",
        "a b:1",
        "a/b:1",
    ],
)
def test_no_endpoint(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|brackets|no host"):
        parse_endpoint(text)


@pytest.mark.parametrize(
    ("host", "holder"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("Peer.Example", "peer.example"),
    ],
)
def test_one_holder(host: str, holder: str) -> None:
    assert holder_of(host) == holder
