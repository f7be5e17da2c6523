"""Our info dicts against those of libtorrent's own creator, byte for byte (tests/vectors/torrents).

What is compared: sha1 and sha256 over the whole info dict. libtorrent names a pad after its size alone
(".pad/192144"), so that two may have one path; ours are unique. Where there are pads, ours are given libtorrent's
names before they are compared, and nothing else is touched. v2 torrents, torrents of one file, and files of whole
pieces have no pads: those are compared as they are.
"""

import hashlib
import importlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sonoteca.formats import bencode
from sonoteca.model.torrent import Assembled, Flavour, Outside
from sonoteca.torrents.assemble import assemble
from tests.tools import missing
from tests.vectors.torrents import generate
from tests.vectors.torrents.layouts import LAYOUTS, WRONG_IN_LIBTORRENT, files_of, members_of

ROWS: list[dict[str, Any]] = json.loads(generate.GOLDEN.read_text(encoding="utf-8"))
RIGHT = [row for row in ROWS if row["layout"] in LAYOUTS]
WRONG = [row for row in ROWS if row["layout"] in WRONG_IN_LIBTORRENT]
FLAVOURS = list(Flavour)


def ours(layout: str, flavour: Flavour) -> Assembled:
    members, layers = members_of(files_of(layout))
    return assemble(layout, members, layers.__getitem__, flavour, Outside())


def renamed(torrent: bytes, pads: list[str]) -> bytes:
    """Our info dict with other names for its pads, in their order."""
    root: Any = bencode.parse(torrent)
    found = [file for file in root[b"info"].get(b"files", []) if b"attr" in file]
    for file, name in zip(found, pads, strict=True):
        assert file == {b"attr": b"p", b"length": file[b"length"], b"path": [b".pad", file[b"path"][1]]}
        file[b"path"] = [b".pad", name.encode()]
    return bencode.format(root[b"info"])


def is_the_same(row: dict[str, Any], flavour: Flavour) -> bool:
    theirs = row[flavour.value]
    raw = renamed(ours(row["layout"], flavour).torrent, theirs["pads"])
    sha1 = hashlib.sha1(raw).hexdigest() if flavour is not Flavour.V2 else ""
    sha256 = hashlib.sha256(raw).hexdigest() if flavour is not Flavour.V1 else ""
    return (sha1, sha256) == (theirs["sha1"], theirs["sha256"])


@pytest.fixture(scope="module")
def libtorrent() -> ModuleType:
    if importlib.util.find_spec("libtorrent") is None:
        missing("needs libtorrent, the judge of torrents (it has no wheel for Python 3.14 yet)")
    return importlib.import_module("libtorrent")


def test_every_layout_has_a_row() -> None:
    assert [row["layout"] for row in ROWS] == [*LAYOUTS, *WRONG_IN_LIBTORRENT]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("row", RIGHT, ids=lambda row: str(row["layout"]))
def test_the_info_dict_is_that_of_libtorrent(row: dict[str, Any], flavour: Flavour) -> None:
    assert is_the_same(row, flavour)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["layout"]))
def test_without_pads_the_infohash_is_that_of_libtorrent(row: dict[str, Any], flavour: Flavour) -> None:
    theirs = row[flavour.value]
    if theirs["pads"]:
        assert flavour is not Flavour.V2
        return
    hashes = ours(row["layout"], flavour).hashes
    assert (hashes.v1, hashes.v2) == (theirs["sha1"], theirs["sha256"])


@pytest.mark.parametrize("row", WRONG, ids=lambda row: str(row["layout"]))
def test_where_libtorrent_is_wrong(row: dict[str, Any], libtorrent: ModuleType) -> None:
    """Its creator sorts whole paths: its own loader refuses its hybrid. The v2 one, whose tree cannot be in another
    order, is the same as ours; ours load in all flavours."""
    assert row["loads"] == {"hybrid": False, "v1": True, "v2": True}
    assert [is_the_same(row, flavour) for flavour in (Flavour.HYBRID, Flavour.V1, Flavour.V2)] == [False, False, True]
    for flavour in FLAVOURS:
        libtorrent.load_torrent_buffer(ours(row["layout"], flavour).torrent)


@pytest.mark.parametrize("row", WRONG, ids=lambda row: str(row["layout"]))
def test_where_libtorrent_is_wrong_it_is_the_order_alone(
    row: dict[str, Any], libtorrent: ModuleType, tmp_path: Path
) -> None:
    whole = generate.write(row["layout"], tmp_path)
    for flavour in (Flavour.HYBRID, Flavour.V1):
        theirs = generate.made(libtorrent, whole, flavour.value)[b"info"]
        own: Any = bencode.parse(renamed(ours(row["layout"], flavour).torrent, row[flavour.value]["pads"]))
        assert theirs.pop(b"files") != own[b"files"]
        del own[b"files"]
        # Each file has whole pieces of its own: the same pieces, in another order.
        assert sorted(split(theirs.pop(b"pieces"))) == sorted(split(own.pop(b"pieces")))
        assert theirs == own


def split(pieces: bytes) -> list[bytes]:
    return [pieces[at : at + 20] for at in range(0, len(pieces), 20)]


def test_the_vectors_are_what_libtorrent_says_today(libtorrent: ModuleType, tmp_path: Path) -> None:
    assert generate.rows(libtorrent, tmp_path) == ROWS
