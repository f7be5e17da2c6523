"""Between the limited process and the coordinator: reports survive the way, deaths become refusals, and nothing heavy
is loaded on this side."""

import json
import subprocess
import sys

import pytest

from sonoteca.acquire.probe_reports import PICTURE, PROBE, parse_report
from sonoteca.formats.plain import to_plain
from sonoteca.model.finding import Severity, finding
from sonoteca.model.media import AudioFacts, PictureFacts, ProbeReport, TagValue
from sonoteca.ports.workshop import Died, Done
from tests import tools

REPORT = ProbeReport(
    audio=AudioFacts(
        container="flac",
        codec="flac",
        duration_s=1.0,
        samples=44100,
        sample_rate_hz=44100,
        channels=2,
        bits=16,
        lossless=True,
        exact=True,
    ),
    tags=(TagValue(key="TITLE", text="é\udcff\x00", origin="vorbis", raw="e9", encoding="latin-1"),),
    understood=(("title", ("é",)),),
    pictures=(PictureFacts(mime="image/png", bytes=1, width=1, height=1),),
    findings=(finding("A107", where="na\udcffme"),),
    decoded_s=1.0,
)


def test_a_report_comes_through() -> None:
    assert parse_report(Done(json.loads(json.dumps(to_plain(REPORT)))), "x") == REPORT


@pytest.mark.parametrize("value", [None, [], {"audio": 1}, {"audio": None, "what": 1}, {"audio": None, "tags": [{}]}])
def test_nonsense_is_a_refusal(value: object) -> None:
    report = parse_report(Done(value), "a.flac")
    assert report.is_refused and report.findings[0].where == "a.flac" and "nonsense" in report.findings[0].detail


def test_a_death_is_a_refusal() -> None:
    (found,) = parse_report(Died("memory", "too much"), "a.flac").findings
    assert (found.code, found.severity, found.detail) == ("F006", Severity.REFUSE, "memory: too much")


def test_the_coordinator_loads_no_parser() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(tools.PROJECT / 'src')!r})\n"
        "import sonoteca.acquire.probe_reports, sonoteca.ports.workshop_processes\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'av', 'numpy', 'mutagen', 'charset_normalizer'}))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_tasks_have_the_names_that_the_workshop_is_given() -> None:
    assert {PROBE.partition(":")[0], PICTURE.partition(":")[0]} == {"sonoteca.acquire.probe"}
