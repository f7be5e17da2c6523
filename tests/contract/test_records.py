"""Records, the real ones on both disks and their double: numbered, found again, never passed over when damaged."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import json
from sonoteca.model.errors import Damaged, Uncertain
from sonoteca.model.ids import Digest
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.source import Kind
from sonoteca.ports import records as door
from sonoteca.ports.disk import HALF, Disk
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.clock import SeededEntropy
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.ports.memory.records import MemoryRecords
from sonoteca.ports.records import DiskRecords, Records

NOW = "2026-11-23T10:00:00Z"
SUBJECT = "urn:uuid:01234567-89ab-8cde-8f01-23456789abcd"


def body(**fields: object) -> str:
    return json.format(fields).decode()


MAKERS: dict[str, Callable[[str], Records]] = {
    "local": lambda folder: DiskRecords(LocalDisk(folder), SeededEntropy()),
    "on memory disk": lambda folder: DiskRecords(MemoryDisk(), SeededEntropy()),
    "memory": lambda folder: MemoryRecords(SeededEntropy()),
}


@pytest.fixture(params=MAKERS)
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Records:
    return MAKERS[request.param](str(tmp_path))


# ── every door ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_there_at_first(records: Records) -> None:
    assert records.last(RecordKind.HOLD, SUBJECT) is None
    assert records.of(RecordKind.HOLD, SUBJECT) == ()
    assert list(records.all(RecordKind.HOLD)) == []
    assert list(records.verify()) == []


def test_a_record_says_what_was_decided(records: Records) -> None:
    made = records.append(RecordKind.GRANT, SUBJECT, body(licence="CC0-1.0"), NOW)
    assert (made.kind, made.subject, made.made_at) == (RecordKind.GRANT, SUBJECT, NOW)
    assert made.body == '{"licence":"CC0-1.0"}'
    assert re.fullmatch("[0-9a-f]{32}", made.salt)
    assert re.fullmatch(r"[a-z0-9-]+\.000001", made.id)
    assert records.last(RecordKind.GRANT, SUBJECT) == made


def test_the_same_decision_again_is_the_same_record(records: Records) -> None:
    first = records.append(RecordKind.HOLD, SUBJECT, body(why="a"), NOW)
    again = records.append(RecordKind.HOLD, SUBJECT, body(why="a"), "2027-01-01T00:00:00Z")
    assert again == first
    assert records.of(RecordKind.HOLD, SUBJECT) == (first,)


def test_there_and_back_are_three_decisions(records: Records) -> None:
    made = [records.append(RecordKind.HOLD, SUBJECT, body(why=why), NOW) for why in ("a", "b", "a")]
    assert records.of(RecordKind.HOLD, SUBJECT) == tuple(made)
    assert records.last(RecordKind.HOLD, SUBJECT) == made[-1]
    assert [one.id.rpartition(".")[2] for one in made] == ["000001", "000002", "000003"]
    assert len({one.salt for one in made}) == 3


def test_kinds_and_subjects_do_not_mix(records: Records) -> None:
    made = {
        (kind, subject): records.append(kind, subject, body(of=subject), NOW)
        for kind in (RecordKind.HOLD, RecordKind.EDIT)
        for subject in ("a", "b", "A", "a ", "")
    }
    for (kind, subject), record in made.items():
        assert records.of(kind, subject) == (record,)
    for kind in (RecordKind.HOLD, RecordKind.EDIT):
        expected = {record.id for key, record in made.items() if key[0] is kind}
        assert {record.id for record in records.all(kind)} == expected
        assert len(expected) == 5


def test_all_gives_the_decisions_about_one_subject_together_and_in_order(records: Records) -> None:
    for number in range(3):
        for subject in ("x", "y", "z"):
            records.append(RecordKind.EDIT, subject, body(n=number), NOW)
    found = list(records.all(RecordKind.EDIT))
    assert len(found) == 9
    for start in (0, 3, 6):
        assert found[start : start + 3] == list(records.of(RecordKind.EDIT, found[start].subject))


@pytest.mark.parametrize("wrong", ["", "{", '{"b":1,"a":2}', "{ }", '{"a":1.0}', '"\ud800"', "NaN"])
def test_a_body_is_canonical_json(records: Records, wrong: str) -> None:
    with pytest.raises(ValueError):
        records.append(RecordKind.EDIT, SUBJECT, wrong, NOW)
    assert records.last(RecordKind.EDIT, SUBJECT) is None


@pytest.mark.parametrize(
    "subject",
    ["file:///mnt/M%C3%BCsic/../x", "../../etc/passwd", "\0", "a/b", "CON", "x" * 5000, "\udcff", "あ", ".", "\n"],
    ids=ascii,
)
def test_any_subject_is_kept(records: Records, subject: str) -> None:
    made = records.append(RecordKind.TRUST, subject, body(a=1), NOW)
    assert records.last(RecordKind.TRUST, subject) == made
    assert [one.subject for one in records.all(RecordKind.TRUST)] == [subject]


def test_letters_are_kept_by_their_digest(records: Records) -> None:
    digest = records.attach(b"Dear archive,", ".pdf")
    assert digest == hashlib.sha256(b"Dear archive,").hexdigest()
    assert records.attachment(digest) == b"Dear archive,"
    assert records.attach(b"Dear archive,", "txt") == digest
    assert records.attachment(digest) == b"Dear archive,"


def test_a_letter_that_is_not_there_is_missed(records: Records) -> None:
    for digest in ("0" * 64, "", "../../x"):
        with pytest.raises(Damaged, match="missing"):
            records.attachment(Digest(digest))


def test_a_salt_follows_from_kind_and_number() -> None:
    """So that a run that was broken off and repeated with the same doubles ends the same."""
    made = MemoryRecords(SeededEntropy()).append(RecordKind.HOLD, SUBJECT, body(), NOW)
    assert made.salt == SeededEntropy().salt(f"holds/{made.id}")


# ── on a disk ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["local", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return LocalDisk(str(tmp_path)) if request.param == "local" else MemoryDisk()


def on(disk: Disk) -> DiskRecords:
    return DiskRecords(disk, SeededEntropy())


def files_of(disk: Disk) -> list[str]:
    return [item.path for item in disk.walk("records") if item.kind is Kind.FILE]


def test_a_record_is_one_readable_file(disk: Disk) -> None:
    made = on(disk).append(RecordKind.GRANT, SUBJECT, body(licence="CC0-1.0"), NOW)
    digits = hashlib.sha256(SUBJECT.encode()).hexdigest()
    assert files_of(disk) == [
        f"records/grants/{digits[:2]}/urn-uuid-01234567-89ab-8cde-8f01-2345678-{digits[:32]}/000001.json"
    ]
    assert json.parse_object(disk.read(files_of(disk)[0])) == {
        "kind": "grants",
        "id": made.id,
        "subject": SUBJECT,
        "made_at": NOW,
        "salt": made.salt,
        "body": '{"licence":"CC0-1.0"}',
    }


@given(st.text(st.characters()), st.text(st.characters()))
def test_every_subject_has_a_safe_name_of_its_own(one: str, other: str) -> None:
    try:
        names = [door.slug_of(subject) for subject in (one, other)]
    except UnicodeEncodeError:
        return  # half a surrogate pair that stands for no byte: no name, address or key has it
    assert all(re.fullmatch("[a-z0-9-]{32,73}", name) and not name.startswith("-") for name in names)
    assert (names[0] == names[1]) == (one == other)


def test_another_process_finds_what_this_one_wrote(disk: Disk) -> None:
    made = on(disk).append(RecordKind.HOLD, SUBJECT, body(a=1), NOW)
    assert on(disk).append(RecordKind.HOLD, SUBJECT, body(a=1), NOW) == made
    assert on(disk).last(RecordKind.HOLD, SUBJECT) == made


def test_an_erased_record_leaves_a_gap(disk: Disk) -> None:
    for number in range(3):
        on(disk).append(RecordKind.HOLD, SUBJECT, body(n=number), NOW)
    disk.remove(files_of(disk)[1])
    assert [one.body for one in on(disk).of(RecordKind.HOLD, SUBJECT)] == ['{"n":0}', '{"n":2}']
    assert on(disk).append(RecordKind.HOLD, SUBJECT, body(n=3), NOW).id.endswith(".000004")


def test_what_landed_without_being_told_is_found_by_the_next_call() -> None:
    class LandsUntold(MemoryDisk):
        def write(self, path: str, content: bytes) -> None:
            super().write(path, content)
            raise Uncertain("not-durable", "done, but not told")

    disk = LandsUntold()
    with pytest.raises(Uncertain):
        on(disk).append(RecordKind.HOLD, SUBJECT, body(a=1), NOW)
    assert on(disk).append(RecordKind.HOLD, SUBJECT, body(a=1), NOW).id.endswith(".000001")
    assert len(files_of(disk)) == 1


def spoil(disk: Disk, path: str, change: Callable[[bytes], bytes]) -> None:
    disk.replace(path, change(disk.read(path)))


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b"",
        lambda raw: raw[:-1],
        lambda raw: raw + b"\n",
        lambda raw: raw.replace(b'"grants"', b'"holds"'),
        lambda raw: raw.replace(b"000001", b"000002"),
        lambda raw: raw.replace(b'"a\\":1', b'"a\\": 1'),
        lambda raw: raw.replace(b"urn:uuid", b"urn:UUID"),
        lambda raw: raw.replace(b'"salt"', b'"SALT"'),
        lambda raw: b"[]",
    ],
    ids=range(9),
)
def test_a_damaged_record_is_told_with_its_place(disk: Disk, change: Callable[[bytes], bytes]) -> None:
    on(disk).append(RecordKind.GRANT, SUBJECT, body(a=1), NOW)
    path = files_of(disk)[0]
    spoil(disk, path, change)
    for ask in (
        lambda: on(disk).last(RecordKind.GRANT, SUBJECT),
        lambda: on(disk).of(RecordKind.GRANT, SUBJECT),
        lambda: list(on(disk).all(RecordKind.GRANT)),
        lambda: on(disk).append(RecordKind.GRANT, SUBJECT, body(a=2), NOW),
    ):
        with pytest.raises(Damaged) as error:
            ask()
        assert error.value.cure
    assert [(one.code, one.where) for one in on(disk).verify()] == [("S901", path)]


def test_every_flipped_byte_of_a_record_is_seen_or_is_in_what_it_says() -> None:
    """A record has no checksum: its commitment in the ledger is one. Alone, verify sees all but other words."""
    disk = MemoryDisk()
    on(disk).append(RecordKind.GRANT, SUBJECT, body(a=1), NOW)
    path = files_of(disk)[0]
    right = disk.read(path)
    for at in range(len(right)):
        spoil(disk, path, lambda raw, at=at: right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :])  # type: ignore[misc]
        if not list(on(disk).verify()):
            found = on(disk).last(RecordKind.GRANT, SUBJECT)
            assert isinstance(found, Record)
            assert (found.kind, found.subject) == (RecordKind.GRANT, SUBJECT)
            assert found != door.parse_record(right)


def test_a_strange_file_is_told_and_not_passed_over(disk: Disk) -> None:
    on(disk).append(RecordKind.GRANT, SUBJECT, body(a=1), NOW)
    folder = files_of(disk)[0].rpartition("/")[0]
    disk.write(f"{folder}/000002.json~", b"x")
    with pytest.raises(Damaged, match="not a record"):
        on(disk).last(RecordKind.GRANT, SUBJECT)
    assert [one.where for one in on(disk).verify()] == [f"{folder}/000002.json~"]


def test_half_a_file_of_a_crash_is_no_record(disk: Disk) -> None:
    made = on(disk).append(RecordKind.GRANT, SUBJECT, body(a=1), NOW)
    folder = files_of(disk)[0].rpartition("/")[0]
    disk.write(f"{folder}/{HALF}1-2", b"x")
    assert list(on(disk).all(RecordKind.GRANT)) == [made]
    assert on(disk).last(RecordKind.GRANT, SUBJECT) == made
    assert list(on(disk).verify()) == []


def test_a_record_in_another_place_is_told(disk: Disk) -> None:
    on(disk).append(RecordKind.GRANT, SUBJECT, body(a=1), NOW)
    path = files_of(disk)[0]
    disk.write(path.replace("000001", "000002"), disk.read(path))
    with pytest.raises(Damaged, match="elsewhere"):
        on(disk).last(RecordKind.GRANT, SUBJECT)


def test_a_damaged_letter_is_told(disk: Disk) -> None:
    digest = on(disk).attach(b"Dear archive,", "pdf")
    path = f"records/attachments/{digest[:2]}/{digest}.pdf"
    assert files_of(disk) == [path]
    spoil(disk, path, lambda raw: raw + b"!")
    with pytest.raises(Damaged, match="not the bytes"):
        on(disk).attachment(digest)
    assert [(one.code, one.where) for one in on(disk).verify()] == [("S901", path)]


@pytest.mark.parametrize(
    ("suffix", "kept"),
    [("pdf", "pdf"), (".PDF", "pdf"), ("", "bin"), ("../x", "bin"), ("tar.gz", "bin"), (".é", "bin")],
)
def test_the_suffix_of_a_letter_is_plain(disk: Disk, suffix: str, kept: str) -> None:
    digest = on(disk).attach(b"x", suffix)
    assert files_of(disk) == [f"records/attachments/{digest[:2]}/{digest}.{kept}"]


def test_a_million_decisions_about_one_thing_are_too_many() -> None:
    last = Record(kind=RecordKind.EDIT, id=f"{door.slug_of('x')}.999999", subject="x", made_at=NOW, salt="", body="{}")
    with pytest.raises(ValueError, match="999999"):
        door.numbered(last, last, SeededEntropy())
