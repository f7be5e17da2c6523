"""The hostile set added as one folder beside good recordings: every file accounted for, nothing else touched."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from sonoteca.formats.escape import parse_text
from tests.scenarios.session import Session, environment
from tests.scenarios.test_hostile_probe import path_of, words_in

ACCEPTED_SHARE = 0.02
COORDINATOR_BYTES = 500 * 1000**2
WORKER_BYTES = 1000**3
WAIT_S = 900
# Runs a command, then says how much memory this process alone had at most.
MEASURED = """
import re, resource, sys
from sonoteca.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
finally:
    # Not ru_maxrss of itself: that remembers what the process was before exec, which is the size of these tests.
    own = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
    print("PEAK", int(own[1]) * 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, hostile: Path, corpus: Path) -> Path:
    """The hostile set, and a good release beside it."""
    folder = tmp_path_factory.mktemp("hostile") / "shelf"
    folder.mkdir()
    subprocess.run(["cp", "-a", "--sparse=always", str(hostile), str(folder / "hostile")], check=True)
    shutil.copytree(corpus / "singularity", folder / "singularity")
    return folder


def listing(folder: Path) -> list[tuple[str, int, int, int]]:
    """Everything below a folder, as it can be seen without reading: name, mode, size, time of change."""
    found = []
    for place, folders, names in os.walk(os.fsencode(folder)):
        for name in sorted(folders + names):
            seen = os.lstat(os.path.join(place, name))
            found.append((os.fsdecode(os.path.join(place, name)), seen.st_mode, seen.st_size, seen.st_mtime_ns))
    return sorted(found)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, shelf: Path) -> tuple[Session, int, int]:
    """An archive that was given it, and the peak memory of the coordinator."""
    session = Session(tmp_path_factory.mktemp("taken") / "archive")
    around = [shelf.parent, session.folder.parent]
    before = [[entry for entry in listing(place) if str(session.folder) not in entry[0]] for place in around]
    session.words("add", str(shelf))
    session.words("add", str(shelf / "singularity"), "--trust-manifest")
    command = [sys.executable, "-c", MEASURED, "run", "--json"]
    done = subprocess.run(
        command, cwd=session.folder, env=environment(), capture_output=True, timeout=WAIT_S, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert json.loads(done.stdout)["failed"] == []
    assert [[entry for entry in listing(place) if str(session.folder) not in entry[0]] for place in around] == before
    own, largest = done.stderr.split(b"PEAK")[1].split()
    return session, int(own), int(largest)


def outcomes(session: Session, shelf: Path) -> dict[str, str]:
    """Path relative to the hostile set → reject, ingest-with-warning or ok, from the rows."""
    connection = sqlite3.connect(session.folder / "catalogue.sqlite")
    releases = dict(connection.execute("select id, source_key from releases"))
    warned = {
        (releases[release], parse_text(where))
        for release, where in connection.execute('select "release", "where" from findings where severity = \'warning\'')
    }
    found: dict[str, str] = {}
    for release, original, path in connection.execute('select "release", original, path from files'):
        key, original = releases[release], parse_text(original)
        word = "reject" if not path else "ingest-with-warning" if (key, original) in warned else "ok"
        found[place(key, original, shelf)] = word
    for key, original in connection.execute("select source_key, original from refused"):
        found[place(key, parse_text(original), shelf)] = "reject"
    connection.close()
    return found


def place(source_key: str, original: str, shelf: Path) -> str:
    """A file's path below the hostile set."""
    folder = os.fsdecode(unquote_to_bytes(source_key.removeprefix("file://")))
    return os.path.relpath(os.path.join(folder, original), shelf / "hostile")


@pytest.fixture(scope="module")
def manifest(corpus: Path) -> dict[str, str]:
    """Path → what should become of it."""
    with open(corpus / "hostile-manifest.csv", newline="", encoding="utf-8") as file:
        return {path_of(row["path"]): row["expected"] for row in csv.DictReader(file)}


def test_every_file_is_accounted_for(taken: tuple[Session, int, int], shelf: Path, manifest: dict[str, str]) -> None:
    """Kept, held or refused with a code; disagreements with the manifest are those that are argued, at most 2 %."""
    found = outcomes(taken[0], shelf)
    assert set(manifest) <= set(found)
    wrong = {path: found[path] for path, expected in manifest.items() if found[path] not in words(expected)}
    with open(Path(__file__).with_name("hostile_disagreements.csv"), newline="", encoding="utf-8") as file:
        argued = {path_of(row["path"]): row["ours"] for row in csv.DictReader(file)}
    assert wrong == argued
    assert len(wrong) <= ACCEPTED_SHARE * len(manifest)


def words(expected: str) -> set[str]:
    """What may become of a file; a document is kept as one, and may have a warning about what it says."""
    return words_in(expected) | ({"ingest-with-warning"} if "not-audio" in expected else set())


def test_nothing_to_be_rejected_can_be_published(
    taken: tuple[Session, int, int], shelf: Path, manifest: dict[str, str]
) -> None:
    """No master of a file that should be refused; nothing of the hostile set public, whatever its files claim."""
    connection = sqlite3.connect(taken[0].folder / "catalogue.sqlite")
    keys = dict(connection.execute("select id, source_key from releases"))
    kept = {
        place(keys[release], parse_text(path), shelf)
        for release, path in connection.execute('select "release", original from masters')
    }
    public = {
        keys[release]
        for (release,) in connection.execute("select distinct \"release\" from reasons where decision = 'publish'")
    }
    connection.close()
    assert [path for path in kept if path in manifest and words_in(manifest[path]) == {"reject"}] == []
    assert [key.rpartition("/")[2] for key in public] == ["singularity"]


def test_the_good_recordings_beside_them_are_fine(taken: tuple[Session, int, int]) -> None:
    """All five, public, and the archive is whole."""
    hits = taken[0].ask("search", "apex", "aleph")["hits"]
    assert [hit["title"] for hit in hits if hit["kind"] == "track"] == ["Apex Aleph"]
    assert taken[0].ask("verify", "--reference")["whole"] is True


def test_memory_is_bounded(taken: tuple[Session, int, int]) -> None:
    """The coordinator, and the largest of the limited processes that it started."""
    _, own, largest = taken
    assert own < COORDINATOR_BYTES, own
    assert largest < WORKER_BYTES, largest
