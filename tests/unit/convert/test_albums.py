"""The gain of a whole release: judged by FFmpeg's meter on all its tracks in one file, read back by mutagen, ffprobe
and flac."""

import json
import math
import re
import subprocess
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.flac import FLAC
from mutagen.oggopus import OggOpus

from sonoteca.convert.album_file import write_comments
from sonoteca.convert.albums import Album, album_of, pairs_for, with_pairs
from sonoteca.convert.flac import FlacFile
from sonoteca.convert.opus import OpusFile
from sonoteca.model.sound import Loudness
from tests.tools import require_tool
from tests.unit.convert.recordings import Array, made, noise, write
from tests.unit.convert.test_measures import RATE_HZ, measured, sine
from tests.unit.convert.test_traits import meter, saved

ALBUM = Album(lufs=-14.5, peak_dbtp=-0.5)
SILENT = Loudness(integrated_lufs=None, range_lu=None, true_peak_dbtp=None)


def tracks() -> list[Array]:
    """Loud, quiet, with a pause, and so quiet that the second gate leaves it out."""
    pause = noise(12, RATE_HZ, 2, level=0.05)
    pause[RATE_HZ * 3 : RATE_HZ * 8] = 0
    return [noise(8, RATE_HZ, 2, level=0.2), sine(700, 9.3, 0.1), pause, noise(20, RATE_HZ, 2, level=0.002)]


def test_it_is_what_the_meter_says_of_all_tracks_in_one_file(tmp_path: Path) -> None:
    parts = [measured(made(one, RATE_HZ)).loudness for one in tracks()]
    album = album_of(parts)
    whole = meter(saved(tmp_path / "x.wav", numpy.concatenate(tracks())), "ebur128")
    theirs = float(re.findall(r"I:\s+(-?[0-9.]+) LUFS", whole)[-1])
    assert album is not None and album.lufs == pytest.approx(theirs, abs=0.15)
    assert album.peak_dbtp == max(one.true_peak_dbtp or -99.0 for one in parts)
    # Not the mean of the tracks' own figures: the quiet one does not count.
    power = [10 ** ((one.integrated_lufs or 0) / 10) for one in parts]
    assert abs(10 * math.log10(sum(power) / len(power)) - album.lufs) > 0.3


def test_of_one_track_it_is_that_tracks() -> None:
    loudness = measured(made(tracks()[2], RATE_HZ)).loudness
    album = album_of([loudness, SILENT])
    assert album is not None and loudness.integrated_lufs is not None
    assert album.lufs == pytest.approx(loudness.integrated_lufs, abs=0.06)


def test_silence_has_none() -> None:
    assert album_of([SILENT, measured(made(numpy.zeros((RATE_HZ * 5, 2), "f4"), RATE_HZ)).loudness]) is None


def test_the_words() -> None:
    assert pairs_for("opus", ALBUM) == (("R128_ALBUM_GAIN", str(round(-8.5 * 256))),)
    assert dict(pairs_for("flac", ALBUM)) == {"REPLAYGAIN_ALBUM_GAIN": "-3.50 dB", "REPLAYGAIN_ALBUM_PEAK": "0.944061"}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """One of each kind, finished."""
    recording = made((noise(12, 44_100, 2) * 32_767).round().astype("i2"), 44_100, form="s16")
    assert write(OpusFile, tmp_path / "x.opus", recording) and write(FlacFile, tmp_path / "x.flac", recording)
    return tmp_path


def say(folder: Path, *names: str) -> list[str]:
    wanted = [[name, [list(pair) for pair in pairs_for(name.rpartition(".")[2], ALBUM)]] for name in names]
    return write_comments(str(folder), json.loads(json.dumps(wanted)))


def test_others_read_it_and_nothing_else_has_changed(files: Path) -> None:
    before = {name: (files / name).read_bytes() for name in ("x.opus", "x.flac")}
    tags = {"x.opus": dict(OggOpus(files / "x.opus")), "x.flac": dict(FLAC(files / "x.flac"))}
    assert say(files, "x.opus", "x.flac") == ["x.opus", "x.flac"]
    opus, flac = OggOpus(files / "x.opus"), FLAC(files / "x.flac")
    assert opus["r128_album_gain"] == ["-2176"] and flac["replaygain_album_gain"] == ["-3.50 dB"]
    assert {key: opus[key] for key in tags["x.opus"]} == tags["x.opus"]
    assert {key: flac[key] for key in tags["x.flac"]} == tags["x.flac"]
    assert not [key for key in opus if key.lower().startswith("replaygain")]
    for name, raw in before.items():
        now = (files / name).read_bytes()
        assert len(now) == len(raw) and now[20_000:] == raw[20_000:]
    subprocess.run([require_tool("flac"), "-t", "-s", "-w", str(files / "x.flac")], check=True)
    for name, key in (("x.opus", "R128_ALBUM_GAIN"), ("x.flac", "REPLAYGAIN_ALBUM_PEAK")):
        command = [require_tool("ffprobe"), "-v", "error", "-show_format", "-show_streams", "-of", "json"]
        said = subprocess.run([*command, str(files / name)], check=True, capture_output=True, text=True).stdout
        assert f'"{key}"' in said.upper()
    assert subprocess.run([require_tool("opusinfo"), "-q", str(files / "x.opus")], check=False).returncode == 0


def test_what_has_no_room_or_is_none_of_ours_stays_as_it_is(files: Path) -> None:
    (files / "no.opus").write_bytes(b"OggS" + bytes(100))
    (files / "no.flac").write_bytes(b"fLaC" + bytes(3))
    many = [["x.opus", [["A" * 60, "b" * 2000]]], ["x.flac", [["A", "b" * 4000]]], ["no.opus", []], ["no.flac", []]]
    before = {one.name: one.read_bytes() for one in files.iterdir()}
    assert write_comments(str(files), many) == []
    assert {one.name: one.read_bytes() for one in files.iterdir()} == before


@given(st.binary(max_size=300), st.sampled_from(["opus", "flac"]), st.sampled_from([b"", b"fLaC", b"OggS"]))
def test_any_bytes_are_a_header_or_a_value_error(raw: bytes, ending: str, start: bytes) -> None:
    try:
        at, made_of = with_pairs(ending, start + raw, pairs_for(ending, ALBUM))
    except ValueError:
        return
    assert at + len(made_of) <= len(start + raw)
