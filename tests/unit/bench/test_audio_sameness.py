"""The bench of fingerprints, duplicates and the index: small; and the score table that the documents have."""

from pathlib import Path

import pytest

from sonoteca.bench import audio
from sonoteca.bench.audio_duplicates import score
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.ports.bench_folder import BenchFolder
from tests.tools import PROJECT


def read(tmp_path: Path, group: str) -> dict[str, Figure | Skipped]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    plan = Bench(scratch=BenchFolder(str(scratch)), corpus=str(tmp_path), runs=1, releases=500, only=group)
    found = {one.figure: one for one in audio.measure(plan)}
    assert list(scratch.rglob("*.seg")) == []
    return found


def test_the_index(tmp_path: Path) -> None:
    found = read(tmp_path, "index")
    share, late = found["audio.index_1m_found"], found["audio.index_1m_p99_ms"]
    assert isinstance(share, Figure) and share.value > 0.99
    assert isinstance(late, Figure) and late.value > 0
    disk = found["audio.index_86m_disk_gb"]
    assert isinstance(disk, Figure) and 50 < disk.value < 100


@pytest.mark.parametrize("group", ["fingerprint", "duplicates"])
def test_without_a_corpus(tmp_path: Path, group: str) -> None:
    assert all(isinstance(one, Skipped) for one in read(tmp_path, group).values())


def test_the_documents_have_the_score_as_it_is(corpus: Path, tmp_path: Path) -> None:
    """Found or not, as what and where, word for word; libraries may move a bit or two, so figures are not compared."""

    def plain(table: str) -> list[tuple[str, ...]]:
        rows = [tuple(cell.strip() for cell in line.split("|")) for line in table.strip().splitlines()]
        return [row[:5] for row in rows]

    said = (PROJECT / "docs" / "sameness.md").read_text(encoding="utf-8").partition("<!-- score -->\n")[2]
    assert plain(score(BenchFolder(str(tmp_path)), str(corpus))) == plain(said)
    found = [row for row in plain(said)[2:] if row[3] in ("yes", "yes-partial")]
    assert len(found) == 59
    assert all(row[4] in ("same bytes", "same samples", "same recording", "part") for row in found)
    assert all(row[4] == "–" for row in plain(said) if row[3] == "no")
