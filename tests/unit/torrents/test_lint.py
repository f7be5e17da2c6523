"""Lint: ours open everywhere; each limit is met at its border, and named; strangers' torrents too."""

from typing import Any

import pytest

from sonoteca.formats import bencode
from sonoteca.model.errors import Refused
from sonoteca.model.finding import FINDINGS, Severity
from sonoteca.model.malformed import MALFORMED
from sonoteca.model.torrent import Flavour, Outside
from sonoteca.torrents.assemble import assemble
from sonoteca.torrents.limits import STOCK, Limits
from sonoteca.torrents.lint import MAX_OF_A_KIND, lint
from tests.vectors.torrents.layouts import LAYOUTS, WRONG_IN_LIBTORRENT, files_of, members_of


def made(layout: str, flavour: Flavour = Flavour.HYBRID) -> bytes:
    members, layers = members_of(files_of(layout))
    return assemble(layout, members, layers.__getitem__, flavour, Outside()).torrent


def foreign(*files: dict[str, Any], piece_bytes: int = 16_384) -> bytes:
    """A v1 torrent of anybody: {"path": "a/b", "length": 5, "attr": "p"}."""
    listed = [
        {
            **{key.encode(): value for key, value in file.items() if key == "length"},
            b"path": [part.encode("utf-8", "surrogateescape") for part in file["path"].split("/")],
            **({b"attr": b"p"} if "attr" in file else {}),
        }
        for file in files
    ]
    pieces = -(-sum(file["length"] for file in files) // piece_bytes)
    info: Any = {b"name": b"T", b"piece length": piece_bytes, b"pieces": bytes(20 * pieces), b"files": listed}
    return bencode.format({b"info": info})


def codes(raw: bytes, limits: Limits = STOCK) -> list[str]:
    return [one.code for one in lint(raw, limits)]


@pytest.mark.parametrize("flavour", list(Flavour))
@pytest.mark.parametrize("layout", [*LAYOUTS, *WRONG_IN_LIBTORRENT])
def test_ours_open_everywhere(layout: str, flavour: Flavour) -> None:
    assert lint(made(layout, flavour)) == []


def test_each_limit_at_its_border() -> None:
    raw = made("flat")
    tokens = bencode.tokens(bencode.parse(raw))
    exact = Limits(max_torrent_bytes=len(raw), max_pieces=4, max_tokens=tokens, max_files=3, max_path_bytes=14)
    assert lint(raw, exact) == []
    assert codes(raw, Limits(max_torrent_bytes=len(raw) - 1)) == ["B301"]
    below = Limits(max_pieces=3, max_tokens=tokens - 1, max_files=2, max_path_bytes=13, max_folders=0)
    found = lint(raw, below)
    assert [one.code for one in found] == ["B302", "B303", "B304", *["B309"] * 3, "B308"]
    assert [one.detail for one in found[:3]] == ["4, at most 3", f"{tokens}, at most {tokens - 1}", "3, at most 2"]


@pytest.mark.parametrize("name", ["a?", "a.", " a", "\udcff", "é" * 121, "a\u202eb", "e\u0301"])
def test_a_name_that_some_client_writes_otherwise(name: str) -> None:
    assert codes(foreign({"path": f"x/{name}", "length": 5}, {"path": "ok", "length": 5})) == ["B305"]


def test_pads_and_empty_files() -> None:
    pads = [{"path": ".pad/5", "length": 5, "attr": "p"}] * 2
    found = lint(foreign({"path": "a", "length": 1}, *pads, {"path": "b", "length": 0}))
    assert [(one.code, one.where) for one in found] == [("B306", ".pad/5"), ("B307", "b")]


def test_a_thousand_of_one_kind_are_told_in_part() -> None:
    raw = foreign({"path": "a", "length": 1}, *({"path": f"{number}", "length": 0} for number in range(1_000)))
    assert codes(raw) == ["B307"] * MAX_OF_A_KIND


def test_what_is_wrong_is_told_with_its_code() -> None:
    for raw, code in ((b"", "B102"), (b"d1:bi1e1:ai1ee", "B103"), (foreign({"path": "../a", "length": 1}), "B120")):
        found = lint(raw)
        assert [one.code for one in found] == [code]
        assert found[0].detail


def test_codes_are_findings() -> None:
    assert all(FINDINGS[code] == (Severity.REFUSE, meaning) for code, meaning in MALFORMED.items())


def test_publishing_names_the_same_limits() -> None:
    members, layers = members_of({f"{number:05}": b"x" for number in range(STOCK.max_files + 1)})
    with pytest.raises(Refused, match="8,001 files, stock clients open at most 8,000"):
        assemble("T", members, layers.__getitem__, Flavour.HYBRID, Outside())
