"""The corpus, from folders into a store: every recording of index.csv is there as it was, and nothing else is."""

import csv
import hashlib
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ocfl.validator import Validator

from tests.faults.snapshot import snapshot
from tests.scenarios.session import Session

RECORDINGS = 316
NOT_RECORDINGS = 44
# index.csv has what ffprobe reads from headers; ours counts samples, without the encoder's padding.
DURATION_TOLERANCE = 0.001
# A raw stream has no header at all: ffprobe guesses from the bit rate, its decoder gives 662,528 samples.
COUNTED_S = {"a_adts.aac": 15.023}


@pytest.fixture(scope="module")
def index(corpus: Path) -> list[dict[str, str]]:
    """The truth."""
    with open(corpus / "index.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Session:
    """An archive that took the whole corpus, and trusts its manifests."""
    session = Session(tmp_path_factory.mktemp("corpus") / "archive")
    session.outcome = session.take(str(corpus), "--collection", "corpus", "--trust-manifest")
    return session


def releases(session: Session) -> list[dict[str, Any]]:
    """Every release, as `show` tells it."""
    rows = csv.DictReader(session.words("export", "csv").lstrip("\ufeff").splitlines())
    return [session.ask("show", ident) for ident in dict.fromkeys(row["release_id"] for row in rows)]


@pytest.fixture(scope="module")
def shown(session: Session) -> list[dict[str, Any]]:
    """Asked once."""
    return releases(session)


def masters(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of all releases."""
    return [master for one in shown for master in one["release"]["masters"]]


def test_every_recording_is_in(index: list[dict[str, str]], shown: list[dict[str, Any]]) -> None:
    """316 rows by digest, as often as they stand in index.csv, and no recording that is not in it."""
    wanted = Counter(row["sha256"] for row in index if row["format"] not in ("midi", "libopenmpt"))
    assert wanted.total() == RECORDINGS
    assert Counter(master["digest"] for master in masters(shown)) == wanted


def test_formats_and_durations_agree(index: list[dict[str, str]], shown: list[dict[str, Any]]) -> None:
    """Codec, rate, channels and duration of each."""
    truth = {row["sha256"]: row for row in index}
    wrong = []
    for master in masters(shown):
        row, audio = truth[master["digest"]], master["audio"]
        same = audio["codec"] == row["codec"] and str(audio["sample_rate_hz"]) == row["samplerate"]
        same = same and str(audio["channels"]) == row["channels"] and master["bytes"] == int(row["bytes"])
        truth_s = COUNTED_S.get(row["file"], float(row["duration_s"]))
        if not same or not math.isclose(audio["duration_s"], truth_s, rel_tol=DURATION_TOLERANCE, abs_tol=0.05):
            wrong.append((row["file"], row["codec"], row["duration_s"], audio))
    assert not wrong


def test_scores_and_modules_are_refused(session: Session, index: list[dict[str, str]]) -> None:
    """44 MIDI files and tracker modules, each with a reason."""
    refused = session.ask("status")["refused"]
    assert sum(refused.values()) >= NOT_RECORDINGS
    quarantined = [
        file
        for path in (session.folder / "quarantine" / "refused").glob("*/reasons.json")
        for file in json.loads(path.read_bytes())["files"]
    ]
    scores = {row["sha256"] for row in index if row["format"] in ("midi", "libopenmpt")}
    told = {file["digest"]: file for file in quarantined}
    assert scores <= set(told)
    assert all(told[digest]["code"] and told[digest]["detail"] for digest in scores)


def test_identical_bytes_are_one_recording(
    session: Session, index: list[dict[str, str]], shown: list[dict[str, Any]]
) -> None:
    """One recording, and all tracks of it."""
    alternates = {master["digest"] for master in masters(shown) if master["role"] == "alternate"}
    different = {row["sha256"] for row in index if row["format"] not in ("midi", "libopenmpt")}
    status = session.ask("status")
    assert status["recordings"] == len(different - alternates)
    assert status["tracks"] == RECORDINGS - sum(master["role"] == "alternate" for master in masters(shown))


def test_originals_are_identical_in_the_store(session: Session, corpus: Path, index: list[dict[str, str]]) -> None:
    """Every original's bytes stand in some object's content, and the corpus is as it was."""
    kept = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (session.folder / "store").rglob("v*/content/**/*")
        if path.is_file()
    }
    for row in index:
        assert hashlib.sha256((corpus / row["release"] / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        if row["format"] not in ("midi", "libopenmpt"):
            assert row["sha256"] in kept


def test_ocfl_py_finds_no_error(session: Session) -> None:
    """An independent validator, over every object."""
    homes = [path.parent for path in (session.folder / "store").rglob("0=ocfl_object_1.1")]
    assert len(homes) == session.ask("status")["releases"]
    for home in homes:
        validator = Validator()
        assert validator.validate_object(str(home)), validator.status_str()


def test_verify_and_ledger(session: Session) -> None:
    """Our own audit agrees, also with ocfl-py asked in the same command."""
    assert session.ask("verify")["whole"] is True
    assert session.ask("verify", "--reference")["whole"] is True
    assert session.ask("ledger", "verify")["findings"] == []


def test_what_is_held_says_why_and_how(session: Session) -> None:
    """A licence of its own and one that nobody stated are held; each rule names its cure."""
    held = session.ask("status")["held"]
    assert held
    assert all(one["because"] and one["cure"].startswith("sonoteca ") for one in held)


def test_rebuild_gives_equal_rows(session: Session) -> None:
    """From the truth alone."""
    before = snapshot(session.folder)
    for name in ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (session.folder / name).unlink(missing_ok=True)
    session.words("rebuild")
    assert snapshot(session.folder) == before


def test_added_twice_nothing_changes(session: Session, corpus: Path) -> None:
    """Contents are read again; store, records, ledger and rows stay."""
    before = snapshot(session.folder)
    outcomes = session.take(str(corpus), "--collection", "corpus", "--trust-manifest")["outcomes"]
    assert set(outcomes) <= {"unchanged", "known"}
    assert snapshot(session.folder) == before


def test_one_command_grants_many(session: Session) -> None:
    """Everything that one rule holds."""
    held = {one["rule"]: one["tracks"] for one in session.ask("status")["held"]}
    rule = max(held, key=lambda name: held[name])
    told = session.ask(
        "rights",
        "grant",
        "--rule",
        rule,
        "--licence",
        "CC-BY-4.0",
        "--statement",
        "asked and given",
        "--issuer",
        "A. Holder",
    )
    assert told["releases"] >= 1
    after = {one["rule"]: one["tracks"] for one in session.ask("status")["held"]}
    assert after.get(rule, 0) < held[rule]


def test_sheet_goes_out_and_comes_back(session: Session, tmp_path: Path) -> None:
    """Unedited: nothing; one cell: one edit, shown and found."""
    sheet = session.words("export", "csv")
    (tmp_path / "same.csv").write_text(sheet, encoding="utf-8")
    assert session.ask("edit", "--from", str(tmp_path / "same.csv")) == {"edited": [], "findings": []}
    rows = list(csv.DictReader(sheet.lstrip("\ufeff").splitlines(keepends=True)))
    rows[0]["track_title"] = "Zanzibar Overture"
    with open(tmp_path / "edited.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert session.ask("edit", "--from", str(tmp_path / "edited.csv"))["edited"] == [rows[0]["release_id"]]
    assert [hit["title"] for hit in session.ask("search", "zanzibar")["hits"]] == ["Zanzibar Overture"]
    assert session.ask("verify")["whole"] is True
