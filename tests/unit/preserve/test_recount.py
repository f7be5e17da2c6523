"""Recount: two hands come to the same layers; audit finds layers that are whole and wrong, in the one read."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats import pieces
from sonoteca.model.finding import Finding
from sonoteca.model.ids import Digest
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.preserve.audit import audit
from sonoteca.preserve.deposit import Deposit, deposit, init_store
from sonoteca.preserve.recount import PIECE_BYTES, Recount
from sonoteca.preserve.versions import Content
from tests.vectors.torrents.layouts import content, layers_of

RELEASE = "urn:uuid:6f1c1f5e-0000-8000-8000-000000000001"
BLOCK = 16 * 1024
SIZES = st.one_of(
    st.integers(0, 5 * PIECE_BYTES),
    st.builds(lambda blocks, off: max(0, blocks * BLOCK + off), st.integers(0, 100), st.integers(-1, 1)),
)


def recounted(raw: bytes) -> Recount:
    found = Recount()
    for start in range(0, len(raw), PIECE_BYTES):
        found.update(memoryview(raw)[start : start + PIECE_BYTES])
    return found


@given(SIZES)
@example(0)
@example(17 * PIECE_BYTES)
def test_two_hands_come_to_the_same(size: int) -> None:
    raw = content("x", size)
    found = recounted(raw)
    assert found.digest() == hashlib.sha256(raw).hexdigest()
    assert found.layers_file() == pieces.format(layers_of(raw))


def test_pieces_are_whole() -> None:
    found = Recount()
    found.update(memoryview(b"short"))
    with pytest.raises(ValueError, match="256 KiB"):
        found.update(memoryview(b"more"))
    with pytest.raises(ValueError, match="256 KiB"):
        Recount().update(memoryview(bytes(PIECE_BYTES + 1)))


class Counting(MemoryDisk):
    """Knows what was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def open(self, path: str):  # type: ignore[no-untyped-def]
        self.opened.append(path)
        return super().open(path)


def kept(layers: dict[str, bytes]) -> Counting:
    """A store with two masters, and with these as their hash layers."""
    disk = Counting()
    init_store(disk)
    masters = {f"masters/{name}": content(name, 600_000) for name in ("a", "b")}
    files = {**masters, **layers}
    state = tuple(
        Content(path=path, digest=Digest(hashlib.sha256(raw).hexdigest()), bytes=len(raw), content=raw)
        for path, raw in files.items()
    )
    deposit(
        Deposit(object_id=RELEASE, state=state, message="x", made_at="2026-01-01T00:00:00Z", staging="quarantine/1/o"),
        disk,
    )
    return disk


def layers_files(*names: str) -> dict[str, bytes]:
    made = [layers_of(content(name, 600_000)) for name in names]
    return {f"pieces/{one.digest}.pieces": pieces.format(one) for one in made}


def found_in(disk: Counting) -> list[Finding]:
    return list(audit(disk, [RELEASE], 1, layers=True))


def test_right_layers_are_silent_and_audio_is_read_once() -> None:
    disk = kept(layers_files("a", "b"))
    assert found_in(disk) == []
    assert sorted(path.rpartition("/")[2] for path in disk.opened if "/masters/" in path) == ["a", "b"]


def test_layers_that_are_whole_and_wrong() -> None:
    right = layers_files("a", "b")
    name = next(iter(right))
    wrong = bytearray(right[name][:-32])
    wrong[-1] ^= 1  # the sha1 of the last piece
    disk = kept({**right, name: bytes(wrong) + hashlib.sha256(wrong).digest()})
    assert [(one.code, one.where.rpartition("content/")[2]) for one in found_in(disk)] == [("S018", name)]
    assert list(audit(disk, [RELEASE], 1)) == []


def test_layers_that_are_not_there() -> None:
    assert [one.code for one in found_in(kept(layers_files("a")))] == ["S013"]
