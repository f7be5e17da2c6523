"""One decode of real recordings: levels against Debian's ffmpeg, samples against the corpus' index and flac's own
tools, spans that join to the whole."""

import base64
import csv
import dataclasses
import itertools
import re
from pathlib import Path

import numpy
import pytest

from sonoteca.convert.consumers import MEASURES
from sonoteca.convert.flac import FlacFile
from sonoteca.convert.render import render, render_plain
from sonoteca.formats.plain import from_plain, to_plain
from sonoteca.model.sound import OUTLINE_HZ, OVERVIEW_BINS, WAVEFORM_HZ, RenderAnswer
from tests.unit.convert import recordings
from tests.unit.convert.orders import answer_of, codes, order_of, sound_of, span
from tests.unit.convert.recordings import made, noise, run, write

JUDGED = """a_16bit.flac a_24.wav a_51.flac a_8k_mono.flac a_u8.wav a_f32.wav a_q2.ogg a_alac.m4a b_24bit_96k.flac a.wma
    a_gsm.wav a.aiff a.wv a.tta b.opus b_aac.m4a a.ac3 a.mp2 a.au a_cbr320_ape.mp3 b_v0_id3v24.mp3 a_adpcm.wav
    a_cbr64_mono_id3v1only.mp3 a_oggflac.oga a.mka a.caf a.w64 a_rf64.wav"""
LUFS_STEP, LU_STEP, DB_STEP = 0.1, 0.1, 0.1
ROUNDING = 0.051  # ffmpeg prints tenths
FLACS = ["a_16bit.flac", "a_51.flac", "a_8k_mono.flac", "b_24bit_96k.flac"]
# Other lossless files: what they are in WAV.
LOSSLESS = {
    "a.aiff": "pcm_s16le",
    "a.tta": "pcm_s16le",
    "a.w64": "pcm_s16le",
    "a.wv": "pcm_s16le",
    "a_24.wav": "pcm_s24le",
    "a_alac.m4a": "pcm_s24le",
    "a.caf": "pcm_s24le",
    "a_sowt.aifc": "pcm_s16le",
    "a_u8.wav": "pcm_u8",
    "a_rf64.wav": "pcm_s16le",
}


@pytest.mark.parametrize("name", JUDGED.split())
def test_levels_are_those_of_ffmpeg(corpus: Path, name: str) -> None:
    path = corpus / "formats" / name
    said = run("ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-")
    summary = said.rpartition("Summary:")[2]
    lufs, lu, peak = (float(re.findall(rf"{word}:\s+(\S+) ", summary)[0]) for word in ("I", "LRA", "Peak"))

    ours = sound_of(path).loudness

    assert ours.integrated_lufs == pytest.approx(lufs, abs=LUFS_STEP + ROUNDING)
    assert ours.range_lu == pytest.approx(lu, abs=LU_STEP + ROUNDING)
    assert ours.true_peak_dbtp == pytest.approx(peak, abs=DB_STEP + ROUNDING)


@pytest.mark.parametrize("name", ["a_16bit.flac", "a_q2.ogg", "a_51.flac"])
def test_the_loudest_moments_are_those_of_ffmpeg(corpus: Path, name: str) -> None:
    path, printing = corpus / "formats" / name, "ebur128=metadata=1,ametadata=print:file=-"
    said = run("ffmpeg", "-v", "error", "-i", str(path), "-af", printing, "-f", "null", "-")
    short_term, momentary = (max(map(float, re.findall(rf"r128\.{word}=(\S+)", said))) for word in "SM")
    ours = sound_of(path).loudness
    assert ours.short_term_lufs == pytest.approx(short_term, abs=0.05)
    assert ours.momentary_lufs == pytest.approx(momentary, abs=0.05)


@pytest.mark.parametrize("name", FLACS)
def test_samples_are_those_of_flac(corpus: Path, name: str) -> None:
    path = corpus / "formats" / name
    samples, md5 = run("metaflac", "--show-total-samples", "--show-md5sum", str(path)).split()
    sound = sound_of(path)
    assert (sound.samples, sound.pcm_md5) == (int(samples), md5)
    assert sound.loss.packets == 0 and sound.loss.seconds == 0


@pytest.mark.parametrize("name", LOSSLESS)
def test_the_sum_of_samples_is_that_of_the_same_sound_in_flac(corpus: Path, tmp_path: Path, name: str) -> None:
    """Whatever the container: flac's own STREAMINFO of the same samples, which ffmpeg decodes and flac encodes."""
    path = corpus / "formats" / name
    run("ffmpeg", "-v", "error", "-i", str(path), "-c:a", LOSSLESS[name], str(tmp_path / "a.wav"))
    run("flac", "--silent", str(tmp_path / "a.wav"))
    assert sound_of(path).pcm_md5 == run("metaflac", "--show-md5sum", str(tmp_path / "a.flac")).strip()


def test_lossy_sound_has_no_sum_and_floating_point_neither(corpus: Path) -> None:
    assert [sound_of(corpus / "formats" / name).pcm_md5 for name in ("a_q2.ogg", "a_f32.wav")] == ["", ""]


def test_short_recordings_of_the_corpus_are_as_long_as_the_index_says(corpus: Path) -> None:
    """ffprobe's durations; what it says of ADTS is an estimate from the bit rate."""
    with open(corpus / "index.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["format"] not in ("midi", "libopenmpt", "aac")]
    short = [row for row in rows if float(row["duration_s"]) < 12]
    assert len(short) > 150
    for row in short:
        sound = sound_of(corpus / row["release"] / row["file"])
        assert sound.samples / sound.sample_rate_hz == pytest.approx(float(row["duration_s"]), abs=0.05), row["file"]
        assert (sound.sample_rate_hz, sound.channels) == (int(row["samplerate"]), int(row["channels"])), row["file"]
        assert sound.loss.packets == 0, row["file"]


# ── spans ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["a_16bit.flac", "b_24bit_96k.flac", "a_51.flac"])
def test_spans_join_to_the_whole(corpus: Path, tmp_path: Path, name: str) -> None:
    """Cut at odd samples, as cue sheets do (588 to a frame) and worse; the pieces' samples are those of the whole."""
    path = corpus / "formats" / name
    whole = sound_of(path)
    cuts = [0, 588, 589, 44_100, 100_001, 300_000, None]
    spans = [
        span(start, end, f"part{number}", ("flac",))
        for number, (start, end) in enumerate(itertools.pairwise(cuts))
        if start is not None
    ]
    answer = answer_of(path, *spans, folder=tmp_path)

    assert [one.names for one in answer.spans] == [(f"part{number}.flac",) for number in range(6)]
    assert sum(one.sound.samples for one in answer.spans) == whole.samples
    form = "s32le" if name.startswith("b_24") else "s16le"
    parts = b"".join(recordings.decoded(tmp_path / one.names[0], form) for one in answer.spans)
    assert parts == recordings.decoded(path, form)
    for one, wanted in zip(answer.spans, spans, strict=True):
        assert run("metaflac", "--show-md5sum", str(tmp_path / one.names[0])).strip() == one.sound.pcm_md5
        assert (one.sound.start_sample, one.sound.end_sample) == (wanted.start_sample, wanted.end_sample)


@pytest.mark.parametrize("name", ["a_q2.ogg", "b.opus", "a_cbr320_ape.mp3", "b_aac.m4a"])
def test_a_span_is_the_same_whatever_else_is_asked_for(corpus: Path, name: str) -> None:
    path = corpus / "formats" / name
    alone = answer_of(path, span(200_000, 400_000))
    among = answer_of(path, span(0, 200_000, "a"), span(200_000, 400_000), span(400_000, None, "b"), span(0, None, "c"))
    assert among.spans[1] == alone.spans[0]
    assert sum(one.sound.samples for one in among.spans[:3]) == among.spans[3].sound.samples


def test_spans_may_overlap_and_come_in_any_order(corpus: Path) -> None:
    path = corpus / "formats" / "a_16bit.flac"
    spans = [span(300_000, 500_000, "b"), span(0, 400_000, "a"), span(300_000, 300_500, "c")]
    assert [one.sound.samples for one in answer_of(path, *spans).spans] == [200_000, 400_000, 500]


def test_a_span_beyond_the_end_is_told(corpus: Path) -> None:
    path = corpus / "formats" / "a_16bit.flac"
    inside, beyond = answer_of(path, span(0, 1_000, "a"), span(99_000_000, None, "b", ("opus",))).spans
    assert inside.sound.samples == 1_000
    assert (beyond.sound.samples, beyond.names, "Q014" in codes(beyond.sound)) == (0, (), True)
    assert beyond.sound.loudness.integrated_lufs is None


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["a_16bit.flac", "a_q2.ogg"])
def test_the_same_answer_and_the_same_files_every_time(corpus: Path, tmp_path: Path, name: str) -> None:
    found = []
    for attempt in ("one", "two"):
        folder = tmp_path / attempt
        folder.mkdir()
        order = order_of(corpus / "formats" / name, span(0, 500_000, files=("opus",)), folder=folder)
        answer = from_plain(RenderAnswer, render_plain(to_plain(order)))
        found.append((answer.spans, {path.name: path.read_bytes() for path in folder.iterdir()}))
    assert found[0] == found[1]
    assert list(found[0][1]) == ["whole.opus"]


def test_what_it_cost_is_told_by_name(corpus: Path, tmp_path: Path) -> None:
    spent = dict(answer_of(corpus / "formats" / "a.tta", span(files=("opus", "flac")), folder=tmp_path).cpu_s)
    assert set(spent) == {"decode", "floats", *MEASURES, "opus", "flac"}
    assert all(seconds >= 0 for seconds in spent.values())


def test_a_file_that_cannot_be_made_is_left_out_and_told(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "whole.opus").write_bytes(b"in the way")
    answer = answer_of(corpus / "formats" / "a.tta", span(files=("opus", "flac")), folder=tmp_path)
    assert answer.spans[0].names == ("whole.flac",)
    assert "whole.opus" in codes(answer.spans[0].sound)["Q016"]


def test_no_room_is_the_machines_trouble(corpus: Path) -> None:
    order = order_of(corpus / "formats" / "a.tta", span(files=("opus",)), folder=Path("/proc"))
    with pytest.raises(OSError, match="No such file"):
        render(order)


@pytest.mark.parametrize("name", ["../a.opus", "a/b.opus", "..", "", "a\0.opus", "a.exe"])
def test_names_of_files_are_names(corpus: Path, name: str) -> None:
    order = order_of(corpus / "formats" / "a.tta", span(files=("opus",)))
    (one,) = order.spans
    bad = dataclasses.replace(one, wanted=(dataclasses.replace(one.wanted[0], name=name),))
    with pytest.raises(ValueError, match=r"not a name|no consumer"):
        render(dataclasses.replace(order, spans=(bad,)))


# ── the outline ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["a_16bit.flac", "a_8k_mono.flac", "a.au"])
def test_the_outlines_are_the_largest_magnitude_of_each_bin(corpus: Path, name: str) -> None:
    path = corpus / "formats" / name
    (rendered,) = answer_of(path).spans
    sound, near = rendered.sound, dict(rendered.extracts)["outline"]
    samples = numpy.frombuffer(recordings.decoded(path, "f32le"), "<f4").reshape(-1, sound.channels)
    for text, hertz in ((sound.waveform, WAVEFORM_HZ), (near, OUTLINE_HZ)):
        edges = [-(-number * sound.sample_rate_hz // hertz) for number in range(sound.samples)]
        edges = [edge for edge in edges if edge < sound.samples]
        expected = numpy.maximum.reduceat(numpy.abs(samples).max(axis=1), edges)
        ours = numpy.frombuffer(base64.b64decode(text), "u1")
        assert len(ours) == len(edges) == (sound.samples - 1) * hertz // sound.sample_rate_hz + 1
        assert (ours == numpy.round(expected.clip(0, 1) * 255)).mean() > 0.999


@pytest.mark.parametrize("name", ["a_16bit.flac", "a_8k_mono.flac"])
def test_the_overview_has_peaks_and_levels_of_the_whole(corpus: Path, name: str) -> None:
    path = corpus / "formats" / name
    sound = sound_of(path)
    samples = numpy.frombuffer(recordings.decoded(path, "f32le"), "<f4").reshape(-1, sound.channels)
    loudest = numpy.abs(samples).max(axis=1).astype("f8")
    seen = numpy.frombuffer(base64.b64decode(sound.overview), "u1").reshape(-1, 2) / 255
    assert len(seen) == OVERVIEW_BINS
    assert seen[:, 0].max() == pytest.approx(loudest.max(), abs=0.004)
    bins = -(-sound.samples * OUTLINE_HZ // sound.sample_rate_hz)
    edges = [-(-(k * bins // OVERVIEW_BINS) * sound.sample_rate_hz // OUTLINE_HZ) for k in range(OVERVIEW_BINS)]
    levels = [numpy.sqrt(numpy.mean(part**2)) for part in numpy.split(loudest, edges[1:])]
    assert seen[:, 1] == pytest.approx(levels, abs=0.003)


def test_sound_shorter_than_a_bin_has_one(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    assert write(FlacFile, path, made((noise(0.002, 44_100, 1) * 32767).astype("i2"), 44_100, form="s16"))
    (rendered,) = answer_of(path).spans
    assert len(base64.b64decode(dict(rendered.extracts)["outline"])) == 1
    assert len(base64.b64decode(rendered.sound.waveform)) == 1
    assert len(base64.b64decode(rendered.sound.overview)) == 2


def test_a_waveform_of_a_rate_that_no_bin_divides(tmp_path: Path) -> None:
    """11,025 Hz: 551.25 samples a bin."""
    path = tmp_path / "x.flac"
    assert write(FlacFile, path, made((noise(3.217, 11_025, 1) * 32767).astype("i2"), 11_025, form="s16"))
    sound = sound_of(path)
    assert len(base64.b64decode(sound.waveform)) == (sound.samples - 1) * 20 // 11_025 + 1
