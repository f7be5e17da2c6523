"""The corpus: with trust, every file's licence is the one that a careful reader found; without, nothing is public."""

import csv
import hashlib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from sonoteca.model.ids import Digest, recording_id, track_id
from sonoteca.model.release import Master, MasterRole, Release, Statement, Track
from sonoteca.model.rights import Channel, Policy, Rendition, Verdict
from sonoteca.rights.clear import cases_of, judge_all
from sonoteca.rights.evidence import Captured, TagClaim, gather
from tests.unit.rights.making import AUDIO, NOW, RELEASE

# What tags say about rights, as a reader of these files finds it; the corpus has its own note of some in rights.json.
Rows = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def rows(corpus: Path) -> Rows:
    found: Rows = defaultdict(list)
    with open(corpus / "index.csv", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            found[row["release"]].append(row)
    return found


def release_of(rows: list[dict[str, str]]) -> Release:
    masters, tracks = [], []
    title = Statement(text="x", source="folder name")
    for number, row in enumerate(rows, 1):
        digest = Digest(row["sha256"])
        recording = recording_id(digest)
        path = f"masters/{row['file']}"
        masters.append(
            Master(
                path=path,
                original=row["file"],
                digest=digest,
                bytes=int(row["bytes"]),
                recording=recording,
                role=MasterRole.PRIMARY,
                audio=AUDIO,
            )
        )
        tracks.append(Track(position=number, id=track_id(recording), recording=recording, title=title))
    return Release(id=RELEASE, title=title, masters=tuple(masters), tracks=tuple(tracks))


def papers_of(folder: Path) -> list[Captured]:
    files = sorted(file for file in folder.iterdir() if file.name.lower().startswith(("rights.", "copyright")))
    return [
        Captured(
            name=file.name, content=file.read_bytes(), digest=Digest(hashlib.sha256(file.read_bytes()).hexdigest())
        )
        for file in files
    ]


def judged(corpus: Path, rows: Rows, *, trusted: bool) -> dict[tuple[str, str], Verdict]:
    found = {}
    for name, listed in rows.items():
        release = release_of(listed)
        tags = [TagClaim(path="elf-land.ogg", key="license", text="GPL")] if name == "wesnoth" else []
        gathered = gather(papers_of(corpus / name), tags, trusted, (), release)
        verdicts = judge_all(cases_of(release, gathered.evidence, Policy(), (), NOW))
        by_track = {
            one.track: one.verdict
            for one in verdicts
            if one.channel is Channel.SWARM and one.rendition is Rendition.ORIGINAL
        }
        for master, row in zip(release.masters, listed, strict=True):
            found[name, row["file"]] = by_track[track_id(master.recording)]
    return found


def test_with_trust_every_licence_is_understood(corpus: Path, rows: Rows) -> None:
    verdicts = judged(corpus, rows, trusted=True)
    assert len(verdicts) == 360
    expected = {(name, row["file"]): row["license"] for name, listed in rows.items() for row in listed}
    different = {key: verdict.licence for key, verdict in verdicts.items() if verdict.licence != expected[key]}
    # The manifest asserts nothing about one file, which is no licence.
    assert different == {("freedesktop-theme", "dialog-warning.oga"): ""}
    assert Counter((str(one.decision), one.rule) for one in verdicts.values()) == {
        ("publish", "R017"): 352,
        ("hold", "R013"): 8,
    }
    held = {name for (name, _), verdict in verdicts.items() if verdict.rule == "R013"}
    assert held == {"drascula", "freedesktop-theme"}


def test_without_trust_everything_is_held_as_a_claim(corpus: Path, rows: Rows) -> None:
    verdicts = judged(corpus, rows, trusted=False)
    assert Counter((str(one.decision), one.rule) for one in verdicts.values()) == {("hold", "R004"): 360}
