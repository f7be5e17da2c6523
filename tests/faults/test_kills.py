"""SIGKILL at any moment of `add` and `run`, two hundred times: nothing that was said to be done is lost, no process
outlives its coordinator, and after one more run in peace the archive is what it would be had nothing happened.

A shelf of small real recordings is visited again and again as it changes. In every visit the commands are killed some
times, each after a seeded number of deeds and a seeded moment more, and then end in peace.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from ocfl.validator import Validator

from sonoteca.ports.local_disk import LocalDisk
from sonoteca.preserve.deposit import find_object
from tests.faults.acts import lay_out, new_archive
from tests.faults.snapshot import snapshot
from tests.scenarios.session import environment
from tests.tools import PROJECT

CHAINS = 4
KILLS = 50  # in each chain
LONGEST = 32  # deeds; a run that has all folders to do has about fifty
pytestmark = pytest.mark.faults
Shelf = Mapping[str, bytes]


@dataclass(frozen=True)
class End:
    """How a command ended: its exit code (-9: killed), the releases that it had said were done, where it was then."""

    code: int
    done: tuple[str, ...]
    step: str


class Hatchery:
    """The program of hatchery.py."""

    def __enter__(self) -> "Hatchery":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.hatchery"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def do(self, word: str, archive: Path, shelf: Path, after: int | None = None, delay_s: float = 0.0) -> End:
        """One command, killed after so many deeds."""
        return self.send(word=word, archive=str(archive), shelf=str(shelf), after=after, delay_s=delay_s)

    def send(self, **order: Any) -> End:
        """One order, as it is."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        done = []
        while "done" in (told := json.loads(self._process.stdout.readline())):
            done.append(told["done"])
        assert told["strays"] == []
        return End(told["status"], tuple(done), told["step"])

    def finish(self, archive: Path, shelf: Path) -> None:
        """add and run in peace."""
        assert [self.do(word, archive, shelf).code for word in ("add", "run")] == [0, 0]


class Twin:
    """The shelf as it is found at each visit, and an archive that visits it undisturbed."""

    def __init__(self, folder: Path, corpus: Path, hatchery: Hatchery) -> None:
        self.shelf = folder / "shelf"  # the same for every archive: what a source is called is kept
        self._archive, self._hatchery, self._seen = folder / "archive", hatchery, list[dict[str, Any]]()
        self._speakers = [(corpus / "alsa-speaker-test" / name).read_bytes() for name in ("Rear_Left.wav", "Noise.wav")]
        self._sounds = sorted((corpus / "freedesktop-theme").glob("*.oga"), key=lambda path: path.stat().st_size)
        self._rights = (corpus / "freedesktop-theme" / "rights.json").read_bytes()
        self._score = (corpus / "openttd-openmsx" / "tttheme2.mid").read_bytes()
        new_archive(self._archive)

    def lay_out(self, visit: int) -> None:
        """Each folder changes from visit to visit: other names, another text, a recording that comes and goes, refused
        files now and then, new sound every third time (looking at it in a limited process takes longer than all else).
        One folder is refused whole."""
        new = self._sounds[visit // 3 % len(self._sounds)].read_bytes()
        shelf = {
            "Loose - 2001 - Ends/rights.json": self._rights,
            f"Loose - 2001 - Ends/take {visit}.oga": new,
            "Scores/theme.mid": self._score,
            f"Speakers/{'0' * (visit % 2)}1 Rear.wav": self._speakers[0],
            "Theme/bell.oga": self._sounds[3].read_bytes(),
            "Theme/notes.txt": f"visit {visit}".encode(),
        }
        shelf |= {"Speakers/2 Noise.wav": self._speakers[1]} if visit % 3 != 2 else {"Scores/notes.txt": b"words"}
        shelf |= {"Theme/theme.mid": self._score} if visit % 4 < 2 else {}
        lay_out(shelf, self.shelf)

    def wanted(self, visit: int) -> dict[str, Any]:
        """The undisturbed archive after this visit. Visits come in order; chains that are behind get what was seen."""
        if visit == len(self._seen):
            self._hatchery.finish(self._archive, self.shelf)
            self._seen.append(snapshot(self._archive))
        return self._seen[visit]


def verify_kept(archive: Path, end: End) -> None:
    """Straight after a kill, before anything is mended: what the command said it had is in the store and shown."""
    with sqlite3.connect(f"file:{archive}/catalogue.sqlite?mode=ro", uri=True) as connection:
        shown = {str(row[0]) for row in connection.execute("select id from releases")}
    connection.close()
    for release in filter(None, end.done):
        assert find_object(LocalDisk(str(archive)), release) is not None
        assert release in shown


def disturb(chance: random.Random, hatchery: Hatchery, archive: Path, twin: Twin) -> Iterator[str]:
    """Kills until the shelf was added and a run came to its end in spite of them; where each of them fell."""
    words: tuple[str, ...] = ("add",)
    while True:
        word = chance.choice(words)
        # Mostly within a few milliseconds of a deed; sometimes in the long looks of the limited processes.
        delay_s = chance.uniform(0, 0.4 if chance.random() < 0.2 else 0.004)
        after = chance.randint(1, LONGEST if word == "run" else 8)
        end = hatchery.do(word, archive, twin.shelf, after, delay_s)
        assert end.code in (0, -signal.SIGKILL)
        if end.code:
            verify_kept(archive, end)
            yield f"{word}, {end.step}"
        elif word == "run":
            return
        else:
            words = ("add", "run", "run", "run", "run")


def chain(number: int, archive: Path, twin: Twin, hatchery: Hatchery) -> list[str]:
    """Visits with fifty kills; where they fell."""
    chance = random.Random(f"chain {number}")
    new_archive(archive)
    fell: list[str] = []
    for visit in count():
        twin.lay_out(visit)
        fell += disturb(chance, hatchery, archive, twin)
        hatchery.finish(archive, twin.shelf)
        assert snapshot(archive) == twin.wanted(visit)
        if len(fell) >= KILLS:
            return fell
    raise AssertionError("count() ended")


def test_two_hundred_kills(folder: Path, corpus: Path) -> None:
    """Chains of kills and visits; in the end every archive is valid, and the kills fell everywhere."""
    fell: Counter[str] = Counter()
    with Hatchery() as hatchery:
        twin = Twin(folder, corpus, hatchery)
        for number in range(CHAINS):
            fell.update(chain(number, folder / f"archive {number}", twin, hatchery))
    for mark in folder.rglob("0=ocfl_object_1.1"):
        validator = Validator()
        assert validator.validate_object(str(mark.parent)), validator.status_str()
    sys.stdout.write("where the kills fell:\n" + "".join(f"{times:4} {step}\n" for step, times in fell.most_common()))
    assert fell.total() >= KILLS * CHAINS
    assert len(fell) >= 25, f"the kills fell in few places: {fell}"
    assert fell.most_common(1)[0][1] < KILLS, f"the kills fell in one place: {fell}"
