"""Thousands of damaged files of all formats through the probe and the renderer: everything is answered, nothing is left
behind, and the process that asks does not even notice.

A few hundred in `make test`; all of them in `make soak`, which prints what became of them.
"""

import os
import shutil
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sonoteca.acquire.probe_reports import PROBE, parse_report
from sonoteca.convert.answers import parse_answer
from sonoteca.formats.plain import to_plain
from sonoteca.model.finding import FINDINGS, Severity
from sonoteca.model.media import ProbeReport
from sonoteca.ports.workshop import Died, Done, Limits
from sonoteca.ports.workshop_processes import ProcessWorkshop
from tests.scenarios.mutations import mutated
from tests.scenarios.test_hostile_convert import LIMITS, RENDER, order_for

WORKERS = 2
MAX_SECONDS = 3.0
MAX_RSS_BYTES = 400 << 20
MAX_DIED = 0.001  # the walls hold then, and the recording is kept as one that nobody can decode
# A header may say gigabytes; nobody has to believe it.
WITHIN = replace(LIMITS, wall_s=120, file_bytes=256 << 20)


@dataclass
class Outcome:
    """What became of one file: `word` is refused, document, rendered, silenced (opened, and no sound came), or died;
    `codes` are all that was said about it."""

    name: str
    word: str
    codes: tuple[str, ...]
    left: tuple[str, ...] = ()
    detail: str = ""


@dataclass
class Round:
    """All outcomes of one round, and what the limited processes used."""

    outcomes: list[Outcome] = field(default_factory=list)
    rss_bytes: int = 0
    processes_left: int = 0


def tried(workshop: ProcessWorkshop, place: Path, number: int, originals: list[Path]) -> Outcome:
    """One file: written, probed, rendered, removed."""
    name, raw = mutated(number, originals)
    folder = place / f"{number}"
    folder.mkdir()
    path = place / name
    path.write_bytes(raw)
    (result,) = workshop.run_each(PROBE, [(str(path), name.split("-", 2)[2])], Limits())
    try:
        if isinstance(result, Died):
            return Outcome(name, "died", ("F006",), detail=str(result))
        return rendered(workshop, path, folder, parse_report(result, name))
    finally:
        path.unlink()
        shutil.rmtree(folder)


def rendered(workshop: ProcessWorkshop, path: Path, folder: Path, report: ProbeReport) -> Outcome:
    codes = tuple(found.code for found in report.findings)
    if report.audio is None:
        return Outcome(path.name, "refused" if report.is_refused else "document", codes)
    order = replace(order_for(path, report.audio, folder), max_seconds=MAX_SECONDS)
    (result,) = workshop.run_each(RENDER, [(to_plain(order),)], replace(WITHIN, folder=str(folder)))
    if not isinstance(result, Done):
        return Outcome(path.name, "died", (*codes, "Q902"), detail=str(result))
    try:
        answer = parse_answer(result.value, order)
    except ValueError as error:  # the pipeline takes it for no better than a death
        return Outcome(path.name, "died", (*codes, "Q902"), detail=str(error))
    left = tuple(sorted(os.listdir(folder)))
    if answer.refused:
        return Outcome(path.name, "silenced", (*codes, "Q901"), left, answer.refused)
    (span,) = answer.spans
    named = tuple(sorted(span.names))
    said = tuple(found.code for found in span.sound.findings)
    return Outcome(path.name, "rendered", (*codes, *said), tuple(one for one in left if one not in named))


def round_of(numbers: range, originals: list[Path], place: Path) -> Round:
    strangers = set(_children(os.getpid()))  # other tests' browsers, say, which have children of their own
    workshop, found = ProcessWorkshop([str(place)]), Round()
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            found.outcomes = list(pool.map(lambda number: tried(workshop, place, number, originals), numbers))
        found.rss_bytes = workshop.usage.rss_bytes
        # The steward has no child when nobody asks for anything.
        found.processes_left = sum(len(_children(one)) for one in set(_children(os.getpid())) - strangers)
    finally:
        workshop.close()
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):  # of a process that ended: none
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
            found += [int(one) for one in (task / "children").read_text().split()]
    return found


@pytest.fixture(scope="module")
def originals(corpus: Path) -> list[Path]:
    """A recording of each format."""
    found = sorted(path for path in (corpus / "formats").iterdir() if path.name[:2] in ("a_", "a.", "b_", "b."))
    assert len(found) >= 36
    return found


@pytest.mark.parametrize("count", [190, pytest.param(10_000, marks=pytest.mark.soak)])
def test_everything_is_answered(count: int, originals: list[Path], tmp_path: Path) -> None:
    done = round_of(range(count), originals, tmp_path)
    words = Counter(one.word for one in done.outcomes)
    codes = Counter(code for one in done.outcomes for code in set(one.codes))
    silent = Counter(one.name.split("-")[1] for one in done.outcomes if one.word == "rendered" and not one.codes)
    sys.stdout.write(
        f"\n{count} files: {dict(words)}; the largest process had {done.rss_bytes >> 20} MB\n"
        f"codes: {dict(codes.most_common())}\ndecoded, and nothing to say: {dict(silent)}\n"
        + "".join(f"{one.name}: {one.detail}\n" for one in done.outcomes if one.word == "died")
    )
    assert len(done.outcomes) == count and set(codes) <= set(FINDINGS)
    for one in done.outcomes:
        refusals = [code for code in one.codes if FINDINGS[code][0] is Severity.REFUSE]
        assert bool(refusals) == (one.word in ("refused", "silenced", "died")), one
        assert one.word != "document" or one.codes, one
    assert [one for one in done.outcomes if one.left] == []
    assert list(tmp_path.iterdir()) == []
    assert done.processes_left == 0
    assert words["died"] <= MAX_DIED * count
    assert done.rss_bytes < MAX_RSS_BYTES
