"""Seed files: canonical out, strict in, and no path that leaves the store."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import json
from sonoteca.model.torrent import InfoHashes, Seed
from sonoteca.swarm.seeds import MAX_FILES, SCHEMA, format_seed, is_over, parse_seed

SEED = Seed(
    name="Label - open - 1",
    torrent="torrents/label-open-1.torrent",
    hashes=InfoHashes(v1="0123456789" * 4, v2="0123456789abcdef" * 4),
    files=("store/ab/cd/v1/content/access/ö.opus", "store/ab/cd/v1/content/credits/ö.txt"),
)


def test_a_seed_file_is_canonical_and_comes_back() -> None:
    raw = format_seed(SEED)
    assert parse_seed(raw) == SEED
    assert raw == json.format(json.parse(raw))
    assert json.parse_object(raw)["schema"] == SCHEMA


names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/"), min_size=1, max_size=20)
parts = names.filter(lambda name: name not in (".", ".."))
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)
hashes = st.sampled_from([InfoHashes(v1="a" * 40), InfoHashes(v2="b" * 64), InfoHashes(v1="c" * 40, v2="d" * 64)])


@given(names, parts, hashes, st.lists(paths, min_size=1, max_size=5))
def test_every_seed_comes_back(name: str, torrent: str, found: InfoHashes, files: list[str]) -> None:
    seed = Seed(
        name=name,
        torrent=f"torrents/{torrent}.torrent",
        hashes=found,
        files=tuple(f"store/{path}" for path in files),
    )
    assert parse_seed(format_seed(seed)) == seed


def test_an_end_is_a_time_in_the_one_form() -> None:
    seed = dataclasses.replace(SEED, until="2026-11-23T10:00:00Z")
    assert parse_seed(format_seed(seed)) == seed
    assert not is_over(seed.until, "2026-11-23T09:59:59Z") and is_over(seed.until, seed.until)
    assert not is_over(SEED.until, seed.until) and b"until" not in format_seed(SEED)


def plain(**changes: Any) -> dict[str, Any]:
    told = json.parse_object(format_seed(SEED))
    return {key: value for key, value in {**told, **changes}.items() if value is not None}


WRONG: dict[str, Any] = {
    "no schema": {"schema": None},
    "another schema": {"schema": "sonoteca/seed/2"},
    "a field more": {"more": 1},
    "no name": {"name": ""},
    "a name that steers the terminal": {"name": "a\x1b[2J"},
    "a long name": {"name": "a" * 201},
    "no hash": {"hashes": {}},
    "a short hash": {"hashes": {"v1": "ab"}},
    "a hash in capitals": {"hashes": {"v1": "A" * 40}},
    "a hash that is none": {"hashes": {"v2": "g" * 64}},
    "a hash with a line after it": {"hashes": {"v1": "a" * 40 + "\n"}},
    "an end in words": {"until": "tomorrow"},
    "an end in another zone": {"until": "2026-11-23T10:00:00+01:00"},
    "no files": {"files": []},
    "a file that is a number": {"files": [1]},
    "a torrent elsewhere": {"torrent": "store/a.torrent"},
    "a torrent below the root": {"torrent": "a.torrent"},
    "a torrent that climbs": {"torrent": "torrents/../keys/archive.torrent"},
    "a torrent that is none": {"torrent": "torrents/seeder.sock"},
    **{
        f"the path {path!r}": {"files": [path]}
        for path in (
            *(
                "",
                "/",
                "store",
                "store/",
                "/store/a",
                "keys/archive.key",
                "storeroom/a",
                "../store/a",
                "store/../keys/a",
            ),
            *("store//a", "store/./a", "store/a/..", "store/a\0", "./store/a", "torrents/a", "store\\a"),
        )
    },
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_breaks_a_law_is_no_seed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        parse_seed(json.format(plain(**wrong)))


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b"\xff", b'{"a":1,"a":2}', b"[" * 5000])
def test_what_is_no_object_is_no_seed(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parse_seed(raw)


def test_too_many_files_are_too_many() -> None:
    with pytest.raises(ValueError, match="files"):
        format_seed(dataclasses.replace(SEED, files=("store/a",) * (MAX_FILES + 1)))


def test_only_what_can_be_read_is_written() -> None:
    with pytest.raises(ValueError, match="below store"):
        format_seed(dataclasses.replace(SEED, files=("keys/archive.key",)))
