"""Signers, the real one and its double; how keys are made, kept, and not shown."""

import pickle
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoteca.formats import note
from sonoteca.model.errors import Conflict, Damaged, SonotecaError
from sonoteca.ports import keys
from sonoteca.ports.disk import Disk
from sonoteca.ports.keys import ARCHIVE_KEY, RECOVERY_KEY, Signer, create_keys, load_signer
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.disk import MemoryDisk
from sonoteca.ports.memory.keys import SeededSigner

NAME = "archive.example/test"


@pytest.fixture(params=["local", "memory"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return LocalDisk(str(tmp_path)) if request.param == "local" else MemoryDisk()


SIGNERS: list[Callable[[], Signer]] = [lambda: create_keys(MemoryDisk(), NAME).signer, lambda: SeededSigner(NAME)]


@pytest.fixture(params=SIGNERS, ids=["real", "double"])
def signer(request: pytest.FixtureRequest) -> Signer:
    found: Signer = request.param()
    return found


# ── signing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_it_signs_its_verifier_key_verifies(signer: Signer) -> None:
    key = note.parse_verifier_key(signer.verifier_key)
    signature = signer.sign(b"hello")
    assert len(signature) == 64
    assert key.is_signature(b"hello", signature)
    assert not key.is_signature(b"hellO", signature)
    assert not key.is_signature(b"hello", bytes(64))


def test_it_has_the_name_of_its_key(signer: Signer) -> None:
    assert signer.name == NAME == note.parse_verifier_key(signer.verifier_key).name


def test_it_shows_nothing_and_stays_where_it_is(signer: Signer) -> None:
    assert "PRIVATE" not in repr(signer) and signer.verifier_key in repr(signer)
    with pytest.raises(TypeError, match="stays in its process"):
        pickle.dumps(signer)


def test_a_double_is_the_same_every_time() -> None:
    assert SeededSigner("a").verifier_key == SeededSigner("a").verifier_key
    assert SeededSigner("a").verifier_key != SeededSigner("a", seed="other").verifier_key


# ── making and keeping ───────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_are_made_and_found_again(disk: Disk) -> None:
    made = create_keys(disk, NAME)
    assert load_signer(disk).verifier_key == made.signer.verifier_key
    assert disk.read(RECOVERY_KEY).decode() == made.recovery_text
    assert note.parse_verifier_key(made.recovery_public).name == f"{NAME}/recovery"
    assert made.recovery_public != made.signer.verifier_key


def test_the_operators_text_holds_the_private_half_on_a_line_of_its_own(disk: Disk) -> None:
    made = create_keys(disk, NAME)
    line = next(line for line in made.recovery_text.splitlines() if line.startswith("PRIVATE+KEY+"))
    private = note.parse_signing_key(line)
    assert note.format_verifier_key(private.verifier_key) == made.recovery_public


def test_both_are_private_files(tmp_path: Path) -> None:
    create_keys(LocalDisk(str(tmp_path)), NAME)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    for path in (ARCHIVE_KEY, RECOVERY_KEY):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == 0o600


def test_two_archives_have_different_keys() -> None:
    first, second = create_keys(MemoryDisk(), NAME), create_keys(MemoryDisk(), NAME)
    assert first.signer.verifier_key != second.signer.verifier_key
    assert first.recovery_public != second.recovery_public


def test_made_again_after_a_crash_they_are_the_same(disk: Disk) -> None:
    made = create_keys(disk, NAME)
    again = create_keys(disk, NAME)
    assert (again.recovery_public, again.recovery_text) == (made.recovery_public, made.recovery_text)
    assert again.signer.verifier_key == made.signer.verifier_key
    # Broken off between the two: the recovery key stands, the archive key is made.
    disk.remove(ARCHIVE_KEY)
    assert create_keys(disk, NAME).recovery_public == made.recovery_public


def test_an_archive_that_has_begun_gets_no_other_keys(disk: Disk) -> None:
    create_keys(disk, NAME)
    disk.write("ledger/checkpoint", b"x")
    disk.remove(RECOVERY_KEY)
    with pytest.raises(Conflict, match="has its keys"):
        create_keys(disk, NAME)
    assert disk.find(RECOVERY_KEY) is None


def test_it_is_known_whether_the_recovery_key_still_lies_about(disk: Disk) -> None:
    create_keys(disk, NAME)
    assert keys.is_recovery_key_here(disk)
    disk.remove(RECOVERY_KEY)
    assert not keys.is_recovery_key_here(disk)


def test_a_recovery_file_that_was_touched_on_windows_is_read(disk: Disk) -> None:
    made = create_keys(disk, NAME)
    disk.replace(RECOVERY_KEY, made.recovery_text.replace("\n", "\r\n").encode())
    assert create_keys(disk, NAME).recovery_public == made.recovery_public


@pytest.mark.parametrize("content", [b"", b"\xff", b"PRIVATE+KEY+a+b+c\n", b"hush, a secret"])
def test_damaged_keys_are_told_and_not_shown(disk: Disk, content: bytes) -> None:
    create_keys(disk, NAME)
    for path in (ARCHIVE_KEY, RECOVERY_KEY):
        right = disk.read(path)
        disk.replace(path, content)
        with pytest.raises(Damaged) as error:
            create_keys(disk, NAME)
        told = f"{error.value} {error.value.__cause__}"
        assert path in told and error.value.cure and "secret" not in told and "+b+" not in told
        disk.replace(path, right)


def test_a_missing_key_is_missing(disk: Disk) -> None:
    with pytest.raises(SonotecaError):
        load_signer(disk)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("archive.example/test", "archive.example/test"),
        ("sonoteca-My Music", "sonoteca-My-Music"),
        ("a+b", "a-b"),
        ("Lärm und Stille", "Lärm-und-Stille"),
        ("\udcff\udcfe", "sonoteca"),
        ("\u2003", "sonoteca"),
        ("", "sonoteca"),
        ("a\nb", "a-b"),
    ],
)
def test_any_folder_gives_a_name_that_a_key_may_have(name: str, clean: str) -> None:
    assert keys.key_name(name) == clean
    assert create_keys(MemoryDisk(), name).signer.name == clean
