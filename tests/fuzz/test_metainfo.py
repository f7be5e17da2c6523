"""Invariant: any bytes give metainfo whose paths stay inside and whose hashes are those of its bytes; or Malformed."""

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import bencode, metainfo
from sonoteca.formats.metainfo import Metainfo
from sonoteca.model.malformed import Malformed
from sonoteca.model.torrent import Flavour, InfoHashes, Outside
from sonoteca.torrents.assemble import assemble
from tests.vectors.torrents.layouts import content, members_of

MEMBERS, LAYERS = members_of({path: content(path, size) for path, size in (("a/b", 5), ("a/c", 300_000), ("d", 1))})
OUTSIDE = Outside(trackers=(("http://a/", "http://b/"),), web_seeds=("http://c/",), similar=("ab" * 20,), comment="x")
TORRENTS = {one: assemble("T", MEMBERS, LAYERS.__getitem__, one, OUTSIDE).torrent for one in Flavour}

WORDS = "|..|a|a/b|attr|files|file tree|length|meta version|name|path|path.utf-8|piece length|piece layers|pieces"
KEYS = st.sampled_from(
    [*WORDS.encode().split(b"|"), b"pieces root", b"info", b"announce-list", b"similar", b"url-list"]
)
VALUES = st.recursive(
    st.one_of(
        st.sampled_from([0, 1, 2, -1, 2**63 - 1, 16_384, 262_144]),
        st.binary(max_size=8),
        st.binary(min_size=32, max_size=32),
        KEYS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) in a value."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else list(range(len(one))) if isinstance(one, list) else []
        found += [(one, key) for key in keys]
        waiting += [one[key] for key in keys]
    return found


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A torrent of ours in which some things are others."""
    root = bencode.parse(TORRENTS[draw(st.sampled_from(list(Flavour)))])
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(places(root)))
        what = draw(st.sampled_from(["replace", "remove", "add"]))
        if what == "remove":
            del container[key]
        elif what == "add" and isinstance(container, dict):
            container[draw(KEYS)] = draw(VALUES)
        else:
            container[key] = draw(VALUES)
    return bencode.format(root)


@st.composite
def flipped(draw: st.DrawFn) -> bytes:
    raw = bytearray(TORRENTS[draw(st.sampled_from(list(Flavour)))])
    for _ in range(draw(st.integers(1, 3))):
        raw[draw(st.integers(0, len(raw) - 1))] = draw(st.integers(0, 255))
    return bytes(raw)


@given(st.one_of(st.binary(max_size=200), VALUES.map(bencode.format), changed(), flipped()))
def test_any_bytes(raw: bytes) -> None:
    try:
        found = metainfo.parse(raw)
    except Malformed as error:
        assert " " in str(error)
        return
    stays_inside(found)
    assert found.info in raw
    assert found.hashes == InfoHashes(
        v1=hashlib.sha1(found.info).hexdigest() if found.flavour is not Flavour.V2 else "",
        v2=hashlib.sha256(found.info).hexdigest() if found.flavour is not Flavour.V1 else "",
    )
    assert metainfo.hashes_of(found.info) == found.hashes


def stays_inside(found: Metainfo) -> None:
    for path in [found.name, *(file.path for file in found.files)]:
        for part in path.split("/"):
            assert part not in ("", ".", "..")
            assert "\0" not in part
    assert "/" not in found.name
    wanted = [file.path for file in found.files if not file.is_pad]
    assert wanted
    assert len(set(wanted)) == len(wanted)
    assert all(file.bytes >= 0 for file in found.files)
    found.name.encode("utf-8", "surrogateescape")


def test_unchanged_they_are_believed() -> None:
    for flavour, raw in TORRENTS.items():
        assert metainfo.parse(raw).flavour is flavour
