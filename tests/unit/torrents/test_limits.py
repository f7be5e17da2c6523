"""Limits: each one is named when it is passed, and holds to the last that is allowed; libtorrent's are the same."""

import hashlib
import importlib
import importlib.util
from pathlib import Path

import pytest

from sonoteca.formats import bencode
from sonoteca.model.errors import Refused
from sonoteca.model.files import PIECE_BYTES
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Flavour, Member, Outside
from sonoteca.torrents import limits
from sonoteca.torrents.assemble import assemble
from sonoteca.torrents.limits import STOCK, Limits
from tests.tools import missing
from tests.vectors.torrents.layouts import files_of, members_of


def members(count: int, size: int = 1) -> list[Member]:
    return [
        Member(path=f"{number // 100}/{number}", digest=Digest(hashlib.sha256(b"%d" % number).hexdigest()), bytes=size)
        for number in range(count)
    ]


def refusal(name: str, found: list[Member], most: Limits = STOCK) -> str:
    with pytest.raises(Refused) as caught:
        limits.verify_openable(name, found, most)
    assert caught.value.cure
    return str(caught.value)


def test_files() -> None:
    limits.verify_openable("T", members(8_000))
    assert "8,001 files, stock clients open at most 8,000" in refusal("T", members(8_001))
    assert "no files" in refusal("T", [])


def test_empty_files() -> None:
    assert "empty file" in refusal("T", members(2, size=0))
    assert "empty file" in refusal("T", members(2, size=-1))


def test_pieces() -> None:
    most = 2_097_152 * PIECE_BYTES
    limits.verify_openable("T", members(1, most))
    assert "2,097,153 pieces, stock clients open at most 2,097,152" in refusal("T", members(1, most + 1))
    limits.verify_openable("T", members(2), Limits(max_pieces=2))
    assert "2 pieces" in refusal("T", members(2), Limits(max_pieces=1))


def test_paths() -> None:
    def one(path: str) -> list[Member]:
        return [Member(path=path, digest=Digest("0" * 64), bytes=1)]

    long = "/".join(["a" * 101] * 10)
    limits.verify_openable("T", one(long + "/b"))
    assert "1,024 bytes in a path, stock clients open at most 1,023" in refusal("T", one(long + "/bc"))
    limits.verify_openable("T", one("/".join("a" * 64)))
    assert "65 names in a path" in refusal("T", one("/".join("a" * 65)))


def test_names_are_looked_at_too() -> None:
    assert "Windows" in refusal("T", [Member(path="nul", digest=Digest("0" * 64), bytes=1)])


def test_size_and_tokens_of_what_was_assembled() -> None:
    limits.verify_torrent("T", 10_000_000, 3_000_000)
    with pytest.raises(Refused, match=r"10,000,001 bytes in a \.torrent, stock clients open at most 10,000,000"):
        limits.verify_torrent("T", 10_000_001, 1)
    with pytest.raises(Refused, match=r"3,000,001 tokens in a \.torrent, stock clients open at most 3,000,000"):
        limits.verify_torrent("T", 1, 3_000_001)


def test_a_torrent_too_large_is_refused_by_assemble() -> None:
    found, layers = members_of(files_of("flat"))
    padding = Outside(comment="x" * 10_000_000)
    with pytest.raises(Refused, match=r"bytes in a \.torrent"):
        assemble("T", found, layers.__getitem__, Flavour.HYBRID, padding)


@pytest.mark.parametrize("flavour", list(Flavour))
def test_libtorrent_counts_alike(flavour: Flavour, tmp_path: Path) -> None:
    """libtorrent refuses a token, byte or piece more than its limit, counted as they are here."""
    if importlib.util.find_spec("libtorrent") is None:
        missing("needs libtorrent (it has no wheel for Python 3.14 yet)")
    libtorrent = importlib.import_module("libtorrent")
    found, layers = members_of(files_of("mixed"))
    torrent = assemble("mixed", found, layers.__getitem__, flavour, Outside(trackers=(("http://a/",),))).torrent
    file = tmp_path / "mixed.torrent"
    file.write_bytes(torrent)
    counted = {
        "max_decode_tokens": bencode.tokens(bencode.parse(torrent)),
        "max_buffer_size": len(torrent),
        "max_pieces": sum(-(-member.bytes // PIECE_BYTES) for member in found),
    }
    for limit, count in counted.items():
        libtorrent.load_torrent_file(str(file), {limit: count})
        with pytest.raises(RuntimeError):
            libtorrent.load_torrent_file(str(file), {limit: count - 1})
