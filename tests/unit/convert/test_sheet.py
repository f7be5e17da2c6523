"""The sheet of a track: every code has a row, what was found is not denied beside it, and what is good is said too."""

import dataclasses
import re
from pathlib import Path

import pytest

from sonoteca.convert.sheet import Row, sheet_of
from sonoteca.model.finding import FINDINGS, finding
from sonoteca.model.ids import TrackId
from sonoteca.model.media import AudioFacts
from sonoteca.model.sound import Loss, Loudness, Sound, Traits
from tests.tools import PROJECT
from tests.unit.convert.recordings import facts

TRAITS = Traits(
    bits_used=16, bandwidth_hz=20_100, correlation=0.5, dc_offset=(0.0001, -0.00001), decoder="libavcodec-62.28.102"
)
SOUND = Sound(
    track=TrackId("trk_x"),
    master="masters/x.flac",
    recipe="measured-1",
    start_sample=0,
    end_sample=None,
    samples=44_100 * 75,
    sample_rate_hz=44_100,
    channels=2,
    loudness=Loudness(integrated_lufs=-14.0, range_lu=3.0, true_peak_dbtp=-1.0),
    loss=Loss(),
    waveform="",
    pcm_md5="ab" * 16,
    traits=TRAITS,
)
AUDIO = dataclasses.replace(facts(44_100, 2, seconds=75), codec="flac", container="flac", audio_md5="ab" * 16)


def rows(sound: Sound, audio: AudioFacts = AUDIO) -> dict[str, Row]:
    return {row.name: row for row in sheet_of(sound, audio)}


def test_good_news_is_told() -> None:
    assert {name: row.value for name, row in rows(SOUND).items()} == {
        "All of it": "1 min 15.000 s, nothing missing",
        "Its own checksum": "agrees with the sound",
        "Decoder's complaints": "none",
        "Clipping": "none",
        "True peak": "-1.0 dBTP",
        "Digital silence": "none longer than half a second",
        "Channels": "correlation +0.50 (+1 is mono)",
        "Offset (DC)": "+0.01% · +0.00%",
        "Depth": "16 of 16 bits are used",
        "Bandwidth": "up to 20.1 kHz, of 22.05",
        "Hum of the mains": "none",
        "Read by": "libavcodec 62.28.102",
    }
    assert not any(row.findings for row in rows(SOUND).values())


@pytest.mark.parametrize("code", sorted(code for code in FINDINGS if code.startswith("Q")))
def test_every_code_has_a_row_that_denies_nothing(code: str) -> None:
    told = finding(code, detail="so and so")
    (row,) = (row for row in rows(dataclasses.replace(SOUND, findings=(told,))).values() if row.findings)
    assert row.findings == (told,)
    assert "none" not in row.value and (code == "Q017" or "nothing missing" not in row.value or code == "Q010")


def test_what_is_missing_is_said() -> None:
    sound = dataclasses.replace(SOUND, loss=Loss(packets=3, seconds=0.5), findings=(finding("Q010"),))
    assert rows(sound)["All of it"].value == "1 min 15.000 s decoded, 0.500 s missing"


def test_what_was_measured_before_there_were_traits_says_nothing_of_them() -> None:
    told = rows(dataclasses.replace(SOUND, traits=Traits()))
    assert "Hum of the mains" not in told and "Clipping" in told


def test_a_lossy_master_has_no_depth_and_no_sum() -> None:
    sound = dataclasses.replace(SOUND, pcm_md5="", traits=dataclasses.replace(TRAITS, bits_used=0))
    told = rows(sound, dataclasses.replace(AUDIO, codec="mp3", audio_md5=""))
    assert "Depth" not in told and "Its own checksum" not in told


def test_what_was_found_at_intake_stands_beside_it() -> None:
    before = (finding("A113", detail="flac"), finding("T120"), finding("A117", detail="the header says 20 s"))
    told = {row.name: row for row in sheet_of(SOUND, AUDIO, before)}
    assert [one.code for one in told["The file, when it was taken in"].findings] == ["A113", "A117"]


def test_every_code_stands_in_the_document() -> None:
    told = set(re.findall(r"Q\d{3}", Path(PROJECT, "docs/quality.md").read_text(encoding="utf-8")))
    assert {code for code in FINDINGS if code.startswith("Q0")} <= told | {"Q002", "Q011", "Q014", "Q016"}
