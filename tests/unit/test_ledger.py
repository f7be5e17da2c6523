"""The ledger: appended once, signed, read back; nothing readable in it; every flipped byte seen; cost of one append."""

import hashlib
import json as stdjson
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.formats import note, tiles, tlog
from sonoteca.ledger import Ledger, commitment_of, entry_of, recovery_entry
from sonoteca.ledger.log import LOOK_BACK
from sonoteca.model.errors import Damaged
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.source import Kind
from sonoteca.ports import records as door
from sonoteca.ports.memory.clock import SeededEntropy
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.ports.memory.keys import SeededSigner
from sonoteca.ports.memory.records import MemoryRecords
from tests.tools import PROJECT

SIGNER = SeededSigner()
FIRST = recovery_entry(SeededSigner("archive.example/test/recovery").verifier_key, "2026-11-23T10:00:00Z")


def entries_of(count: int, name: str = "") -> list[bytes]:
    """As many entries as a log may have, entry 0 first."""
    return [FIRST, *(f'{{"{name}":{number}}}'.encode() for number in range(1, count))]


def ledger_with(count: int) -> tuple[MemoryDisk, Ledger]:
    disk = MemoryDisk()
    ledger = Ledger(disk, SIGNER)
    ledger.append_once(entries_of(count))
    return disk, ledger


def root_of(entries: Sequence[bytes]) -> bytes:
    return tlog.root([tlog.leaf_hash(entry) for entry in entries])


def files_of(disk: MemoryDisk) -> dict[str, bytes]:
    return {item.path: disk.read(item.path) for item in disk.walk("ledger") if item.kind is Kind.FILE}


def record_of(**changes: Any) -> Record:
    fields: dict[str, Any] = {
        "kind": RecordKind.GRANT,
        "id": "someone-0123.000001",
        "subject": "urn:uuid:someone",
        "made_at": "2026-11-23T10:00:00Z",
        "salt": "00112233445566778899aabbccddeeff",
        "body": '{"title":"A Secret Song"}',
    }
    return Record(**fields | changes)


# ── entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_entry_says_kind_and_time_and_nothing_else() -> None:
    entry = entry_of(record_of())
    found = stdjson.loads(entry)
    assert set(found) == {"v", "kind", "at", "commitment"}
    assert (found["v"], found["kind"], found["at"]) == (1, "grants", "2026-11-23T10:00:00Z")
    assert re.fullmatch("[0-9a-f]{64}", found["commitment"])
    for secret in (b"Secret", b"someone", b"0123", b"0011"):
        assert secret not in entry


def test_the_commitment_is_the_documented_one() -> None:
    """docs/formats/ledger.md, in other words."""
    told = (
        b'{"body":"{\\"title\\":\\"A Secret Song\\"}","id":"someone-0123.000001","kind":"grants",'
        b'"made_at":"2026-11-23T10:00:00Z","subject":"urn:uuid:someone"}'
    )
    salt = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert commitment_of(record_of()) == hashlib.sha256(b"sonoteca commitment 1\0" + salt + told).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": RecordKind.HOLD},
        {"id": "someone-0123.000002"},
        {"subject": "urn:uuid:other"},
        {"made_at": "2026-11-23T10:00:01Z"},
        {"salt": "10112233445566778899aabbccddeeff"},
        {"body": "{}"},
    ],
    ids=str,
)
def test_the_commitment_is_to_every_field(change: dict[str, Any]) -> None:
    assert commitment_of(record_of(**change)) != commitment_of(record_of())


@pytest.mark.parametrize("salt", ["", "00", "zz" * 16, "00" * 17])
def test_a_record_without_a_salt_is_not_committed_to(salt: str) -> None:
    with pytest.raises(ValueError):
        commitment_of(record_of(salt=salt))


# ── appending ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_ledger_is_empty() -> None:
    ledger = Ledger(MemoryDisk(), SIGNER)
    assert (ledger.size, ledger.checkpoint(), list(ledger.entries(0, 0))) == (0, None, [])
    assert [one.code for one in ledger.verify()] == ["L001"]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_however_it_grew_it_is_the_same_log(steps: list[int]) -> None:
    entries, disk = entries_of(1 + sum(steps)), MemoryDisk()
    ledger, end = Ledger(disk, SIGNER), 1
    ledger.append_once(entries[:1])
    for step in steps:
        ledger.append_once(entries[end : end + step])
        end += step
    checkpoint = ledger.checkpoint()
    assert checkpoint == tlog.Checkpoint(origin=SIGNER.name, size=len(entries), root=root_of(entries))
    assert list(ledger.entries(0, len(entries))) == entries
    assert ledger.commitments() == frozenset(entries)
    assert ledger.verify() == []


def test_anybody_can_verify_it_with_the_files_and_the_key() -> None:
    """By the specifications alone: bundles, their tree, the note."""
    entries = entries_of(700)
    disk, _ = ledger_with(700)
    raw = b"".join(disk.read(f"ledger/tile/entries/{name}") for name in ("000", "001", f"002.p/{700 - 512}"))
    found = []
    while raw:
        length = int.from_bytes(raw[:2], "big")
        found.append(raw[2 : 2 + length])
        raw = raw[2 + length :]
    assert found == entries
    signed = note.parse(disk.read("ledger/checkpoint"))
    assert note.verify(signed, [note.parse_verifier_key(SIGNER.verifier_key)])
    assert tlog.parse_checkpoint(signed.text).root == root_of(entries)
    assert disk.read("ledger/tile/0/001") == b"".join(map(tlog.leaf_hash, entries[256:512]))
    assert disk.read("ledger/tile/1/000.p/2") == root_of(entries[:256]) + root_of(entries[256:512])


def test_what_is_in_it_is_not_appended_again() -> None:
    disk, ledger = ledger_with(300)
    before = files_of(disk)
    ledger.append_once(entries_of(300)[-20:])
    ledger.append_once([])
    ledger.append_once([FIRST])
    assert files_of(disk) == before
    ledger.append_once([*entries_of(300)[-5:], b"new", b"new", entries_of(300)[-1]])
    assert list(ledger.entries(295, 301)) == [*entries_of(300)[-5:], b"new"]


def test_a_whole_large_call_may_be_repeated() -> None:
    count = 3 * LOOK_BACK
    _, ledger = ledger_with(count)
    ledger.append_once([*entries_of(count), b"new"])
    assert ledger.size == count + 1


def test_the_same_recovery_key_is_the_same_beginning() -> None:
    """`init` was broken off and run again, a minute later."""
    _, ledger = ledger_with(1)
    key = stdjson.loads(FIRST)["key"]
    ledger.append_once([recovery_entry(key, "2026-11-23T10:01:00Z")])
    assert ledger.size == 1
    ledger.append_once([recovery_entry("another+00000000+key", "2026-11-23T10:01:00Z")])
    assert ledger.size == 2


def test_it_begins_with_a_recovery_key() -> None:
    for entries in ([], [b"x"], [b"{}", FIRST], [b'{"kind":"recovery-key","key":1}']):
        with pytest.raises(Damaged, match="no checkpoint"):
            Ledger(MemoryDisk(), SIGNER).append_once(entries)


def test_entries_too_long_for_a_bundle_are_not_taken() -> None:
    disk, ledger = ledger_with(5)
    before = files_of(disk)
    with pytest.raises(ValueError, match="65535"):
        ledger.append_once([b"fine", bytes(65_536)])
    assert files_of(disk) == before
    ledger.append_once([bytes(65_535)])
    assert ledger.verify() == []


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, 6), (3, 2)])
def test_there_are_no_entries_outside(start: int, end: int) -> None:
    with pytest.raises(ValueError):
        ledger_with(5)[1].entries(start, end)


@given(st.data())
@settings(max_examples=30)
def test_any_stretch_can_be_read(draw: st.DataObject) -> None:
    start, end = sorted((draw.draw(st.integers(0, 600)), draw.draw(st.integers(0, 600))))
    assert list(STRETCH.entries(start, end)) == entries_of(600)[start:end]


STRETCH = ledger_with(600)[1]


def test_partial_tiles_stay_until_their_tile_is_full() -> None:
    """tlog-tiles: those of every checkpoint are kept until then, and may go afterwards."""
    disk, ledger = ledger_with(250)
    for number in range(250, 256):
        ledger.append_once([str(number).encode()])
    ledger.append_once([b"256", b"257"])
    paths = {path.removeprefix("ledger/tile/") for path in files_of(disk)}
    assert paths == {"ledger/checkpoint", "0/000", "0/001.p/2", "1/000.p/1", "entries/000", "entries/001.p/2"}


# ── damage ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def flipped(disk: MemoryDisk) -> Iterator[tuple[str, int]]:
    """Each file and some places in it: every place of the checkpoint, begin, middle, end and some of the others."""
    for path, content in files_of(disk).items():
        places = range(len(content)) if path.endswith("checkpoint") else {0, 1, 2, len(content) // 2, len(content) - 1}
        yield from ((path, at) for at in sorted(places))


@pytest.mark.parametrize("count", [1, 5, 256, 600])
def test_every_flipped_byte_is_seen_and_its_file_named(count: int) -> None:
    disk, ledger = ledger_with(1)
    ledger.append_once(entries_of(count)[: count // 2])
    ledger.append_once(entries_of(count))
    for path, at in flipped(disk):
        right = disk.read(path)
        disk.replace(path, right[:at] + bytes([right[at] ^ 0x20]) + right[at + 1 :])
        found = ledger.verify()
        assert found, (path, at)
        assert len(found) <= 3, (path, at, found)
        # A tile and what it is made of contradict each other: either may be named, and the path says which pair it is.
        named = {one.where for one in found}
        pair = {path, path.replace("/tile/entries/", "/tile/0/")}
        assert named & pair, (path, at, found)
        disk.replace(path, right)
    assert ledger.verify() == []


@pytest.mark.parametrize("count", [1, 600])
def test_every_missing_file_is_seen(count: int) -> None:
    disk, ledger = ledger_with(count)
    for path, content in files_of(disk).items():
        disk.remove(path)
        assert ledger.verify(), path
        disk.write(path, content)
    assert ledger.verify() == []


def test_what_does_not_belong_is_told() -> None:
    disk, ledger = ledger_with(300)
    disk.write("ledger/note.txt", b"hello")
    disk.write("ledger/tile/0/001.p/45", bytes(45 * 32))
    disk.write("ledger/tile/0/007", bytes(8192))
    assert [(one.code, one.where) for one in ledger.verify()] == [
        ("L006", "ledger/note.txt"),
        ("L006", "ledger/tile/0/001.p/45"),
        ("L006", "ledger/tile/0/007"),
    ]
    disk.write("ledger/tile/0/001.p/3", bytes(3 * 32))
    assert ("L003", "ledger/tile/0/001.p/3") in [(one.code, one.where) for one in ledger.verify()]


def test_another_ones_checkpoint_is_refused() -> None:
    disk, _ = ledger_with(5)
    with pytest.raises(Damaged, match="no known key"):
        Ledger(disk, SeededSigner("archive.example/other")).checkpoint()
    with pytest.raises(Damaged, match="no known key"):
        Ledger(disk, SeededSigner(SIGNER.name, seed="stolen")).append_once([b"x"])


def test_a_checkpoint_of_another_origin_is_refused() -> None:
    """Signed by the same key, but for another log: the note is right, the log is not this one."""
    disk, ledger = ledger_with(5)
    text = tlog.format_checkpoint(tlog.Checkpoint(origin="elsewhere", size=5, root=bytes(32)))
    key = note.parse_verifier_key(SIGNER.verifier_key)
    signature = note.signature_of(key, SIGNER.sign(text.encode()))
    disk.replace("ledger/checkpoint", note.format(note.Note(text=text, signatures=(signature,))))
    with pytest.raises(Damaged, match="another log"):
        ledger.checkpoint()


def test_nothing_is_signed_above_a_damaged_edge() -> None:
    for path in ("ledger/tile/0/001.p/44", "ledger/tile/1/000.p/1", "ledger/tile/entries/001.p/44"):
        disk, ledger = ledger_with(300)
        right = disk.read(path)
        disk.replace(path, right[:10] + b"\xff" + right[11:])
        before = files_of(disk)
        with pytest.raises(Damaged):
            ledger.append_once([b"x"])
        assert files_of(disk) == before


def test_a_log_that_lost_its_checkpoint_does_not_begin_again() -> None:
    for count in (2, 300):
        disk, ledger = ledger_with(count)
        disk.remove("ledger/checkpoint")
        with pytest.raises(Damaged, match="no checkpoint"):
            ledger.append_once(entries_of(count))
    assert [one.code for one in ledger.verify()] == ["L001"]


def test_a_ledger_that_does_not_begin_with_a_recovery_key_is_told() -> None:
    disk = MemoryDisk()
    edge, made = tiles.extend(tiles.Edge(), [tlog.leaf_hash(b"x")])
    text = tlog.format_checkpoint(tlog.Checkpoint(origin=SIGNER.name, size=1, root=edge.root()))
    signature = note.signature_of(note.parse_verifier_key(SIGNER.verifier_key), SIGNER.sign(text.encode()))
    disk.write("ledger/tile/0/000.p/1", tiles.format_tile(made[0].hashes))
    disk.write("ledger/tile/entries/000.p/1", tiles.format_bundle([b"x"]))
    disk.write("ledger/checkpoint", note.format(note.Note(text=text, signatures=(signature,))))
    assert [one.code for one in Ledger(disk, SIGNER).verify()] == ["L005"]


# ── what it costs ────────────────────────────────────────────────────────────────────────────────────────────────────


class CountingDisk(MemoryDisk):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def read(self, path: str, max_bytes: int = 64 * 1024 * 1024) -> bytes:
        self.asked["read"] += 1
        content = super().read(path, max_bytes)
        self.asked["bytes"] += len(content)
        return content

    def find(self, path: str) -> Any:
        self.asked["find"] += 1
        return super().find(path)

    def list(self, path: str) -> tuple[str, ...]:
        self.asked["list"] += 1
        return super().list(path)

    def write_many(self, contents: Any) -> None:
        self.asked["write"] += len(contents)
        super().write_many(contents)


def cost_of_one(count: int) -> Counter[str]:
    disk = CountingDisk()
    ledger = Ledger(disk, SIGNER)
    ledger.append_once(entries_of(count))
    disk.asked.clear()
    ledger.append_once([b"one more"])
    return disk.asked


def test_one_append_costs_the_same_at_any_length() -> None:
    """Reads: the checkpoint, a tile a level, the last bundles (LOOK_BACK entries and the partial one)."""
    bundles = LOOK_BACK // tiles.WIDTH + 2
    for count, levels in ((10, 1), (3_000, 2), (100_000, 3)):
        cost = cost_of_one(count)
        assert cost["read"] <= 1 + levels + bundles, (count, cost)
        assert cost["write"] == 2, (count, cost)
        assert cost["find"] + cost["list"] <= 10 + levels, (count, cost)


def test_the_ledger_and_the_records_fit_together() -> None:
    """What DiskRecords gives is what the ledger commits to; the salt comes from the record alone."""
    salt = SeededEntropy().salt("grants/x")
    assert entry_of(record_of(salt=salt)) == entry_of(record_of(salt=salt))
    assert entry_of(record_of(salt=salt)) != entry_of(record_of(salt=SeededEntropy("other").salt("grants/x")))


# ── what the docs show ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_examples_of_the_docs_are_what_is_written() -> None:
    subject, reason = "urn:uuid:01234567-89ab-8cde-8f01-23456789abcd", '{"reason":"asked for by the band"}'
    record = MemoryRecords(SeededEntropy()).append(RecordKind.HOLD, subject, reason, "2026-11-23T10:00:00Z")
    key = SeededSigner("archive.example/test/recovery").verifier_key
    disk = MemoryDisk()
    ledger = Ledger(disk, SIGNER)
    ledger.append_once([recovery_entry(key, "2026-11-23T09:00:00Z"), entry_of(record)])
    page = (PROJECT / "docs" / "formats" / "ledger.md").read_text(encoding="utf-8")
    for shown in (*ledger.entries(0, 2), disk.read("ledger/checkpoint"), SIGNER.verifier_key.encode()):
        assert f"\n{shown.decode().strip()}\n" in page
    page = (PROJECT / "docs" / "formats" / "records.md").read_text(encoding="utf-8")
    assert door.format_record(record).decode() in page.replace(",\n ", ",")
    assert door.path_of(record) in page
