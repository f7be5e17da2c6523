"""Metainfo: every field that can lie is caught lying; hashes are over the bytes as received; libtorrent agrees."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from sonoteca.formats import bencode, metainfo
from sonoteca.formats.torrent_files import TorrentFile
from sonoteca.model.malformed import MALFORMED, Malformed
from sonoteca.model.torrent import Flavour, InfoHashes, Outside
from sonoteca.torrents.assemble import assemble
from tests.tools import PROJECT
from tests.vectors.torrents.layouts import PIECE, files_of, members_of

Change = Callable[[dict[bytes, Any]], object]


NOTHING = Outside()


def made(layout: str, flavour: Flavour, outside: Outside = NOTHING) -> bytes:
    """A torrent of ours, which libtorrent would have made the same (tests/unit/torrents/test_vectors.py)."""
    members, layers = members_of(files_of(layout))
    return assemble(layout, members, layers.__getitem__, flavour, outside).torrent


def changed(raw: bytes, change: Change) -> bytes:
    """The torrent with something else in it."""
    root: Any = bencode.parse(raw)
    change(root)
    return bencode.format(root)


HYBRID = made("flat", Flavour.HYBRID)
V1 = made("flat", Flavour.V1)
V2 = made("flat", Flavour.V2)
ONE_V1 = made("many-pieces.flac", Flavour.V1)
ONE = made("many-pieces.flac", Flavour.HYBRID)


# ── what is believed ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hybrid_says_all_of_it() -> None:
    found = metainfo.parse(HYBRID)
    info = HYBRID[HYBRID.index(b"4:info") + 6 : HYBRID.index(b"12:piece layers")]
    assert found.info == info
    assert found.hashes == InfoHashes(v1=hashlib.sha1(info).hexdigest(), v2=hashlib.sha256(info).hexdigest())
    assert (found.name, found.flavour, found.piece_bytes) == ("flat", Flavour.HYBRID, PIECE)
    assert (found.is_one_file, found.is_private, found.outside) == (False, False, Outside())
    assert [(file.path, file.bytes) for file in found.files if not file.is_pad] == [
        ("01.opus", 70_000),
        ("02.opus", 300_000),
        ("cover.jpg", 9_999),
    ]
    assert [file.bytes for file in found.files if file.is_pad] == [192_144, 224_288, 252_145]
    assert list(found.piece_layers) == [found.files[2].pieces_root]
    assert len(found.sha1_pieces) == 4 * 20


def test_flavours_and_forms() -> None:
    assert metainfo.parse(V1).flavour is Flavour.V1
    assert metainfo.parse(V2).flavour is Flavour.V2
    assert metainfo.parse(V1).hashes.v2 == metainfo.parse(V2).hashes.v1 == ""
    assert metainfo.parse(V1).piece_layers == {}
    assert metainfo.parse(V2).sha1_pieces == b""
    one = metainfo.parse(ONE)
    assert one.is_one_file
    assert [file.path for file in one.files] == ["many-pieces.flac"]
    assert metainfo.parse(made("many-pieces.flac", Flavour.V2)).is_one_file
    assert not metainfo.parse(made("one-file-in-a-folder", Flavour.V2)).is_one_file


@pytest.mark.parametrize("raw", [HYBRID, V1, V2, ONE])
def test_hashes_of_an_info_dict(raw: bytes) -> None:
    found = metainfo.parse(raw)
    assert metainfo.hashes_of(found.info) == found.hashes


def test_what_is_not_known_is_hashed_and_passed_over() -> None:
    raw = changed(V1, lambda root: root[b"info"].update({b"source": b"X", b"private": 1, b"zzz": [1, {b"a": b""}]}))
    found = metainfo.parse(raw)
    assert found.is_private
    assert found.hashes.v1 != metainfo.parse(V1).hashes.v1
    assert b"6:source1:X" in found.info
    assert found.files == metainfo.parse(V1).files


def test_names_that_are_not_utf_8_are_kept() -> None:
    raw = changed(V1, lambda root: root[b"info"][b"files"][0].update({b"path": [b"\xc1bc"]}))
    assert metainfo.parse(raw).files[0].path.encode("utf-8", "surrogateescape") == b"\xc1bc"
    second = changed(raw, lambda root: root[b"info"][b"files"][0].update({b"path.utf-8": ["Ábc".encode()]}))
    assert metainfo.parse(second).files[0].path == "Ábc"


def test_an_empty_file_has_no_root() -> None:
    def change(root: dict[bytes, Any]) -> None:
        root[b"info"][b"file tree"][b"empty"] = {b"": {b"length": 0}}

    assert metainfo.parse(changed(V2, change)).files[-1] == TorrentFile(path="empty", bytes=0)


def test_outside() -> None:
    outside = Outside(
        trackers=(("http://a/announce", "udp://b:1"), ("http://c/",)),
        web_seeds=("http://d/", "http://e/"),
        similar=("ab" * 20,),
        comment="über",
    )
    assert metainfo.parse(made("flat", Flavour.HYBRID, outside)).outside == outside
    assert metainfo.parse(made("flat", Flavour.HYBRID, Outside(trackers=(("http://a/",),)))).outside.trackers == (
        ("http://a/",),
    )


def test_outside_is_never_a_reason_to_refuse() -> None:
    def change(root: dict[bytes, Any]) -> None:
        root |= {b"announce": 5, b"announce-list": [1, [2, b"http://x/"], b"http://y/"], b"url-list": b"http://z/"}
        root |= {b"similar": [b"short", 1, bytes(32)], b"comment": [b"a"], b"creation date": -1, b"nodes": b""}

    found = metainfo.parse(changed(V1, change)).outside
    assert found.trackers == (("http://x/",), ("http://y/",))
    assert (found.web_seeds, found.similar) == (("http://z/",), ("00" * 32,))


# ── what is not ──────────────────────────────────────────────────────────────────────────────────────────────────────


def of_info(change: Change) -> Change:
    return lambda root: change(root[b"info"])


def of_first(values: dict[bytes, Any]) -> Change:
    """The first file of the list has these."""
    return lambda root: root[b"info"][b"files"][0].update(values)


def of_leaf(values: dict[bytes, Any]) -> Change:
    """The first file of the tree has these."""
    return lambda root: root[b"info"][b"file tree"][b"01.opus"][b""].update(values)


def swap_layers(root: dict[bytes, Any]) -> None:
    for key in root[b"piece layers"]:
        root[b"piece layers"][key] = root[b"piece layers"][key][::-1]


def order_of_whole_paths(root: dict[bytes, Any]) -> None:
    root[b"info"][b"files"][:4] = root[b"info"][b"files"][2:4] + root[b"info"][b"files"][:2]


WRONG: list[tuple[str, bytes, Change]] = [
    ("no key 'info'", V1, lambda root: root.pop(b"info")),
    ("info is not a dict", V1, lambda root: root.update({b"info": []})),
    ("name is not a text", V1, of_info(lambda info: info.pop(b"name"))),
    ("name is not a text", V1, of_info(lambda info: info.update({b"name": 1}))),
    *(
        ("a name in name is no name", ONE_V1, of_info(lambda info, name=name: info.update({b"name": name})))
        for name in (b"", b".", b"..", b"a/b", b"/", b"a\0", b"../a")
    ),
    *(
        ("a name in path is no name", V1, of_first({b"path": path}))
        for path in ([b""], [b".."], [b"a", b"..", b"b"], [b"/etc"], [b"a/b"], [b"a\0b"], [b"."], [b"", b"a"])
    ),
    ("a name in path is not a text", V1, of_first({b"path": [[b"a"]]})),
    ("path is not a list", V1, of_first({b"path": []})),
    ("path is not a list", V1, of_first({b"path": b"a"})),
    ("a name in path is no name", V1, of_first({b"path.utf-8": [b".."]})),
    ("length is not a number", V1, of_first({b"length": -1})),
    ("length is not a number", V1, of_first({b"length": b"1"})),
    ("length is not a number", V1, of_first({b"length": 2**60})),
    ("files is not a list", V1, of_info(lambda info: info.update({b"files": []}))),
    ("files is not a dict", V1, of_info(lambda info: info.update({b"files": [b"a"]}))),
    ("one of them is wrong", V1, of_info(lambda info: info.update({b"length": 5}))),
    ("belong together", V1, of_info(lambda info: info.pop(b"files"))),
    ("belong together", V1, of_info(lambda info: info.pop(b"pieces"))),
    ("without pieces and without", V1, of_info(lambda info: (info.pop(b"pieces"), info.pop(b"files")))),
    ("piece length is not a number", V1, of_info(lambda info: info.update({b"piece length": -5}))),
    ("piece length is not a number", V1, of_info(lambda info: info.update({b"piece length": 2**40}))),
    ("a piece cannot have 0", V1, of_info(lambda info: info.update({b"piece length": 0}))),
    ("hashes of 4 pieces", V1, of_info(lambda info: info.update({b"pieces": bytes(79)}))),
    ("hashes of 4 pieces", V1, of_info(lambda info: info.update({b"pieces": bytes(60)}))),
    ("pieces is not a text", V1, of_info(lambda info: info.update({b"pieces": [bytes(80)]}))),
    ("two files have one path: '02.opus'", V1, of_first({b"path": [b"02.opus"]})),
    ("a file and a folder: '02.opus'", V1, of_first({b"path": [b"02.opus", b"a", b"b"]})),
    ("no files but pads", V1, of_info(lambda info: [file.update({b"attr": b"xp"}) for file in info[b"files"]])),
    ("meta version 3", V2, of_info(lambda info: info.update({b"meta version": 3}))),
    ("meta version", V2, of_info(lambda info: info.update({b"meta version": b"2"}))),
    ("belong together", V2, of_info(lambda info: info.pop(b"meta version"))),
    ("belong together", V2, of_info(lambda info: info.pop(b"file tree"))),
    ("file tree is not a dict", V2, of_info(lambda info: info.update({b"file tree": []}))),
    ("an empty folder", V2, of_info(lambda info: info.update({b"file tree": {}}))),
    ("an empty folder", V2, of_info(lambda info: info[b"file tree"].update({b"a": {}}))),
    ("file tree is not a dict", V2, of_info(lambda info: info[b"file tree"].update({b"a": 1}))),
    ("a file and a folder", V2, of_info(lambda info: info.update({b"file tree": {b"": {b"length": 0}}}))),
    ("a file and a folder", V2, of_info(lambda info: info[b"file tree"][b"01.opus"].update({b"x": {}}))),
    *(
        ("a name in file tree", V2, of_info(lambda info, name=name: info[b"file tree"].update({name: {b"a": {}}})))
        for name in (b"..", b".", b"a/b", b"a\0")
    ),
    ("with a root of 0 bytes", V2, lambda root: root[b"info"][b"file tree"][b"01.opus"][b""].pop(b"pieces root")),
    ("with a root of 31 bytes", V2, of_leaf({b"pieces root": bytes(31)})),
    ("with a root of 32 bytes", V2, of_leaf({b"length": 0})),
    ("pieces root is not a text", V2, of_leaf({b"pieces root": 1})),
    ("a piece cannot have", V2, of_info(lambda info: info.update({b"piece length": 3 * 2**16}))),
    ("a piece cannot have", V2, of_info(lambda info: info.update({b"piece length": 2**13}))),
    ("0 piece layers, and 1", V2, lambda root: root.pop(b"piece layers")),
    ("2 piece layers, and 1", V2, lambda root: root[b"piece layers"].update({bytes(32): bytes(64)})),
    ("does not give the root of '02.opus'", V2, swap_layers),
    (
        "does not give the root",
        V2,
        lambda root: root[b"piece layers"].update(dict.fromkeys(root[b"piece layers"], b"")),
    ),
    ("does not give the root", V2, lambda root: root[b"piece layers"].update(dict.fromkeys(root[b"piece layers"], 1))),
    (
        "does not give the root of 'liar'",
        V2,
        lambda root: root[b"info"][b"file tree"].update(
            {b"liar": {b"": {b"length": 3 * PIECE, b"pieces root": next(iter(root[b"piece layers"]))}}}
        ),
    ),
    ("piece layers is not a dict", V2, lambda root: root.update({b"piece layers": []})),
    ("different files at '01.opus'", HYBRID, of_leaf({b"length": 69_999})),
    ("different files at 'other'", HYBRID, of_first({b"path": [b"other"]})),
    ("different files at '02.opus'", HYBRID, order_of_whole_paths),
    ("the v1 half leaves out 'cover.jpg'", HYBRID, of_info(lambda info: info[b"files"].pop(-2))),
    ("different files at 'more'", HYBRID, of_info(lambda i: i[b"files"].append({b"length": 1, b"path": [b"more"]}))),
    ("no piece begins where this file does", HYBRID, of_info(lambda info: info[b"files"].pop(1))),
    (
        "whether there is a folder",
        ONE,
        of_info(lambda i: i.update({b"files": [{b"length": i.pop(b"length"), b"path": [i[b"name"]]}]})),
    ),
    ("different files at 'many", ONE, of_info(lambda info: info.update({b"length": 5}))),
]


@pytest.mark.parametrize(("said", "raw", "change"), WRONG, ids=[f"{n}-{one[0][:30]}" for n, one in enumerate(WRONG)])
def test_what_is_wrong_is_refused(said: str, raw: bytes, change: Change) -> None:
    with pytest.raises(ValueError) as caught:
        metainfo.parse(changed(raw, change))
    assert said in str(caught.value)


def tree_of(*paths: bytes) -> Change:
    """The file tree has empty files of these names."""
    return of_info(lambda info: info.update({b"file tree": {path: {b"": {b"length": 0}} for path in paths}}))


def long_tree(info: dict[bytes, Any]) -> None:
    info[b"file tree"] = {b"a" * 10_000: {b"%d" % number: {b"": {b"length": 0}} for number in range(10_000)}}


def too_many_bytes(info: dict[bytes, Any]) -> None:
    for name in (b"a", b"b"):
        info[b"file tree"][name] = {b"": {b"length": 2**53, b"pieces root": bytes(32)}}


WINDOWS = (b"..\\..\\a", b"\\\\host\\a", b"C:", b"c:a.opus", b"NUL", b"con.opus", b"Lpt1 . ", "com¹.txt".encode())
# A torrent for each code that a value can have; those of bytes are below.
CODES: list[tuple[str, bytes, Change]] = [
    ("B110", V1, of_info(lambda info: info.pop(b"name"))),
    ("B111", V2, of_info(lambda info: info.update({b"meta version": 3}))),
    ("B112", V2, of_info(lambda info: info.update({b"piece length": 3 * 2**16}))),
    ("B120", V1, of_first({b"path": [b"a", b"..", b"b"]})),
    ("B120", V1, of_first({b"path": [b"", b"etc", b"passwd"]})),
    *(("B121", V1, of_first({b"path": [b"a", name]})) for name in WINDOWS),
    ("B121", V2, of_info(lambda info: info[b"file tree"].update({b"aux": {b"": {b"length": 0}}}))),
    ("B121", ONE_V1, of_info(lambda info: info.update({b"name": b"prn"}))),
    ("B122", V1, of_first({b"path": [b"02.opus"]})),
    ("B123", V1, of_first({b"path": [b"02.opus", b"a"]})),
    ("B124", V1, of_first({b"path": [b"02.OPUS"]})),
    ("B124", V1, of_first({b"path": [b"02.Opus", b"a"]})),
    ("B124", V2, tree_of("é".encode(), "e\u0301".encode())),
    ("B124", V2, tree_of("ſ".encode(), b"S")),
    ("B125", V2, of_info(long_tree)),
    ("B126", V2, of_info(too_many_bytes)),
    ("B127", V2, of_info(lambda info: info.update({b"file tree": {}}))),
    ("B130", V1, of_info(lambda info: info.update({b"pieces": bytes(60)}))),
    ("B131", V2, lambda root: root.pop(b"piece layers")),
    ("B132", V2, swap_layers),
    ("B133", V2, of_leaf({b"length": 0})),
    ("B140", HYBRID, of_leaf({b"length": 69_999})),
    ("B141", HYBRID, of_info(lambda info: info[b"files"].pop(1))),
]
BYTES = [
    ("B101", bytes(metainfo.MAX_BYTES + 1)),
    *(("B102", raw) for raw in (b"", b"d", b"x", b"d4:infode", b"deX", b"9:a", b"d1:ae", b"i1")),
    *(("B103", raw) for raw in (b"i01e", b"i-0e", b"d1:bi1e1:ai1ee", b"d1:ai1e1:ai1ee", b"ie")),
    ("B104", b"l" * 101 + b"e" * 101),
    ("B105", b"l" + b"i1e" * 3_000_000 + b"e"),
    ("B106", b"i9223372036854775808e"),
]


TOLD = [*((code, changed(raw, change)) for code, raw, change in CODES), *BYTES]


@pytest.mark.parametrize(("code", "raw"), TOLD, ids=[f"{at}-{one[0]}" for at, one in enumerate(TOLD)])
def test_what_is_refused_has_a_code(code: str, raw: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        metainfo.parse(raw)
    assert caught.value.code == code


def test_every_code_of_a_torrent_is_tried() -> None:
    assert {code for code, *_ in [*CODES, *BYTES]} == {code for code in MALFORMED if code.startswith("B1")}


def test_codes_are_documented() -> None:
    page = (PROJECT / "docs" / "formats" / "torrents.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| B[0-9]{3} ", line)]
    assert rows == [f"| {code} | {meaning} |" for code, meaning in MALFORMED.items()]


def test_an_info_dict_that_is_none_has_no_hashes() -> None:
    for raw in (b"", b"le", b"de", b"d4:name1:ae", b"d5:filesle6:pieces0:", b"d12:meta versioni2ee"):
        with pytest.raises(ValueError):
            metainfo.hashes_of(raw)


def test_too_large_is_not_looked_at() -> None:
    with pytest.raises(ValueError, match="at most"):
        metainfo.parse(bytes(metainfo.MAX_BYTES + 1))


def test_a_path_of_very_many_parts() -> None:
    raw = changed(V1, of_first({b"path": [b"a"] * 100_000}))
    assert metainfo.parse(raw).files[0].path.count("/") == 99_999


def test_a_long_folder_name_is_not_multiplied_without_end() -> None:
    def change(root: dict[bytes, Any]) -> None:
        below = {b"%d" % number: {b"": {b"length": 0}} for number in range(10_000)}
        root[b"info"][b"file tree"] = {b"a" * 10_000: below}

    with pytest.raises(ValueError, match="characters in the file tree"):
        metainfo.parse(changed(V2, change))
    info: dict[bytes, Any] = {b"file tree": {b"x": {b"": {b"length": 0}}}, b"meta version": 2}
    for _ in range(97):
        info[b"file tree"] = {b"x": info[b"file tree"]}
    with pytest.raises(ValueError, match="deep"):
        metainfo.parse(changed(V2, lambda root: root[b"info"].update(info)))
