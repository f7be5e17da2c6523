"""Assemble: a function of name and members alone; pieces that hash what a reader would read; links; damaged layers."""

import dataclasses
import hashlib
import importlib
import importlib.util
import urllib.parse
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import bencode, metainfo
from sonoteca.formats.magnet import parse as parse_magnet
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Assembled, Flavour, InfoHashes, Member, Outside
from sonoteca.torrents.assemble import assemble, magnet
from tests.tools import missing
from tests.vectors.torrents.layouts import LAYOUTS, PIECE, content, files_of, members_of

FLAVOURS = list(Flavour)
SIZES = st.one_of(st.integers(1, 40_000), st.integers(PIECE - 2, PIECE + 2), st.integers(1, 3 * PIECE))
FILES = st.dictionaries(
    st.sampled_from(["a/1", "a/2", "a - b/1", "a.x", "b/c/d/e", "é/日本", "Z"]), SIZES, min_size=1
).map(lambda sizes: {path: content(path, size) for path, size in sizes.items()})
OUTSIDE = Outside(
    trackers=(("http://a/announce", "udp://b:1"), (), ("http://c/",)),
    web_seeds=("http://d/über/",),
    similar=("ab" * 20, "cd" * 32),
    comment="as of today",
)
NOTHING = Outside()


def made(name: str, files: dict[str, bytes], flavour: Flavour, outside: Outside = NOTHING) -> Assembled:
    members, layers = members_of(files)
    return assemble(name, members, layers.__getitem__, flavour, outside)


def info_of(assembled: Assembled) -> dict[bytes, Any]:
    root: Any = bencode.parse(assembled.torrent)
    found: dict[bytes, Any] = root[b"info"]
    return found


# ── a function of name and members ───────────────────────────────────────────────────────────────────────────────────


@given(FILES, st.sampled_from(FLAVOURS), st.randoms(use_true_random=False))
def test_the_order_given_does_not_count(files: dict[str, bytes], flavour: Flavour, random: Random) -> None:
    members, layers = members_of(files)
    shuffled = list(members)
    random.shuffle(shuffled)
    assert assemble("T", shuffled, layers.__getitem__, flavour, OUTSIDE) == made("T", files, flavour, OUTSIDE)


@given(FILES, st.sampled_from(FLAVOURS))
def test_what_stands_outside_does_not_count(files: dict[str, bytes], flavour: Flavour) -> None:
    plain, full = made("T", files, flavour), made("T", files, flavour, OUTSIDE)
    assert plain.hashes == full.hashes
    assert metainfo.parse(plain.torrent).info == metainfo.parse(full.torrent).info
    allowed = {b"name", b"piece length", b"files", b"length", b"pieces", b"file tree", b"meta version"}
    assert info_of(full).keys() <= allowed


@given(FILES, st.sampled_from(FLAVOURS))
def test_a_reader_finds_the_members(files: dict[str, bytes], flavour: Flavour) -> None:
    assembled = made("T", files, flavour, OUTSIDE)
    found = metainfo.parse(assembled.torrent)
    assert (found.name, found.flavour, found.hashes, found.piece_bytes) == ("T", flavour, assembled.hashes, PIECE)
    assert [(file.path, file.bytes) for file in found.files if not file.is_pad] == [
        (member.path, member.bytes) for member in assembled.members
    ]
    assert {member.path for member in assembled.members} == set(files)
    assert metainfo.hashes_of(found.info) == assembled.hashes
    assert not found.is_private


def test_a_file_that_leaves_and_comes_back() -> None:
    files = files_of("mixed")
    for flavour in FLAVOURS:
        whole = made("V", files, flavour)
        without = made("V", {path: files[path] for path in list(files)[2:]}, flavour)
        assert without.hashes != whole.hashes
        assert made("V", dict(reversed(files.items())), flavour) == whole


# ── the hashes are those of the bytes ────────────────────────────────────────────────────────────────────────────────


@given(FILES, st.sampled_from([Flavour.V1, Flavour.HYBRID]))
def test_pieces_hash_what_stands_in_the_stream(files: dict[str, bytes], flavour: Flavour) -> None:
    info = info_of(made("T", files, flavour))
    stream = b"".join(
        bytes(entry[b"length"]) if b"attr" in entry else files[b"/".join(entry[b"path"]).decode()]
        for entry in info[b"files"]
    )
    pieces = [hashlib.sha1(stream[at : at + PIECE]).digest() for at in range(0, len(stream), PIECE)]
    assert info[b"pieces"] == b"".join(pieces)


@pytest.mark.parametrize("size", [1, 16_384, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_torrent_that_is_its_file(size: int) -> None:
    raw = content("x.opus", size)
    pieces = b"".join(hashlib.sha1(raw[at : at + PIECE]).digest() for at in range(0, size, PIECE))
    for flavour in (Flavour.V1, Flavour.HYBRID):
        info = info_of(made("x.opus", {"x.opus": raw}, flavour))
        assert (info[b"length"], info[b"pieces"]) == (size, pieces)
        assert b"files" not in info
    tree = info_of(made("x.opus", {"x.opus": raw}, Flavour.V2))[b"file tree"]
    assert list(tree) == [b"x.opus"]
    assert tree[b"x.opus"][b""][b"length"] == size


def test_equal_files_share_a_piece_layer() -> None:
    root: Any = bencode.parse(made("T", files_of("twice-the-same"), Flavour.V2).torrent)
    assert len(root[b"piece layers"]) == 1


# ── refused and damaged ──────────────────────────────────────────────────────────────────────────────────────────────


def test_layers_of_another_file_are_damage() -> None:
    members, layers = members_of(files_of("flat"))
    one = layers[members[0].digest]
    for other in (dataclasses.replace(one, digest=members[1].digest), dataclasses.replace(one, bytes=one.bytes + 1)):
        with pytest.raises(Damaged, match="those of another file"):
            assemble("T", members[:1], lambda digest, other=other: other, Flavour.V1, NOTHING)


def test_what_does_not_open_everywhere_is_refused_before_a_layer_is_asked_for() -> None:
    def none(digest: Digest) -> Any:
        raise RuntimeError("asked")

    one = Member(path="a", digest=Digest("0" * 64), bytes=1)
    for name, members in (("T", []), ("T:", [one]), ("T", [one, one]), ("T", [dataclasses.replace(one, bytes=0)])):
        with pytest.raises(Refused):
            assemble(name, members, none, Flavour.HYBRID, NOTHING)


# ── outside, and links ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_stands_outside() -> None:
    root: Any = bencode.parse(made("T", files_of("flat"), Flavour.V1, OUTSIDE).torrent)
    assert root.pop(b"info")
    assert root == {
        b"announce": b"http://a/announce",
        b"announce-list": [[b"http://a/announce", b"udp://b:1"], [b"http://c/"]],
        b"url-list": ["http://d/über/".encode()],
        b"similar": [b"\xab" * 20, b"\xcd" * 20],
        b"comment": b"as of today",
    }
    root = bencode.parse(made("T", files_of("flat"), Flavour.V2, Outside(trackers=(("http://a/",),))).torrent)
    assert list(root) == [b"announce", b"info", b"piece layers"]
    assert list(bencode.parse_with_raw(made("T", files_of("flat"), Flavour.V1).torrent, b"info")[0]) == [b"info"]


HASHES = InfoHashes(v1="11" * 20, v2="22" * 32)


def test_a_link() -> None:
    assert magnet(
        HASHES, "a & b/é", Outside(trackers=(("http://t/?x=1",),), web_seeds=("http://w/a b",)), "[::1]:5"
    ) == (
        f"magnet:?xt=urn:btih:{'11' * 20}&xt.2=urn:btmh:1220{'22' * 32}&dn=a%20%26%20b%2F%C3%A9"
        "&tr=http:%2F%2Ft%2F%3Fx%3D1&ws=http:%2F%2Fw%2Fa%20b&x.pe=%5B::1%5D:5"
    )
    assert magnet(InfoHashes(v1="11" * 20), "a", NOTHING) == f"magnet:?xt=urn:btih:{'11' * 20}&dn=a"
    assert magnet(InfoHashes(v2="22" * 32), "a", NOTHING) == f"magnet:?xt=urn:btmh:1220{'22' * 32}&dn=a"


DIGITS = st.integers(0, 2**160 - 1).map(lambda number: f"{number:040x}")
LONG_DIGITS = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
ADDRESSES = st.text("aB1/%&=+#~ü é?", max_size=12).map(lambda text: f"http://a/{urllib.parse.quote(text)}")


@given(
    st.builds(InfoHashes, v1=st.just("") | DIGITS, v2=st.just("") | LONG_DIGITS).filter(lambda one: one.short),
    st.text(max_size=40).filter(str.isprintable),
    st.lists(ADDRESSES, max_size=3, unique=True),
    st.lists(ADDRESSES, max_size=3, unique=True),
    st.sampled_from(["", "127.0.0.1:6881", "[::1]:1", "archive.example:65535"]),
)
def test_our_reader_of_links_finds_what_ours_say(
    hashes: InfoHashes, name: str, trackers: list[str], seeds: list[str], peer: str
) -> None:
    outside = Outside(trackers=tuple((one,) for one in trackers), web_seeds=tuple(seeds))
    found = parse_magnet(magnet(hashes, name, outside, peer))
    assert (found.hashes, found.name) == (hashes, name)
    assert (list(found.trackers), list(found.web_seeds)) == (trackers, seeds)
    assert found.peers == ((peer,) if peer else ())


def test_libtorrent_reads_our_links() -> None:
    if importlib.util.find_spec("libtorrent") is None:
        missing("needs libtorrent (it has no wheel for Python 3.14 yet)")
    libtorrent = importlib.import_module("libtorrent")
    found = libtorrent.parse_magnet_uri(magnet(HASHES, "a & b/é=+%", OUTSIDE, "127.0.0.1:6881"))
    assert (str(found.info_hashes.v1), str(found.info_hashes.v2)) == (HASHES.v1, HASHES.v2)
    assert found.name == "a & b/é=+%"
    assert found.trackers == ["http://a/announce", "udp://b:1", "http://c/"]
    assert found.url_seeds == list(OUTSIDE.web_seeds)
    assert found.peers == [("127.0.0.1", 6881)]


def test_every_layout_is_assembled_in_every_flavour() -> None:
    seen = {made(layout, files_of(layout), flavour).hashes for layout in LAYOUTS for flavour in FLAVOURS}
    assert len(seen) == len(LAYOUTS) * len(FLAVOURS)
