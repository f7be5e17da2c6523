"""WebM and MP4 out of Ogg: the same sound by ffmpeg and PyAV, of the length that was said beforehand, seekable."""

import subprocess
from pathlib import Path
from typing import Any

import av
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.convert.opus import OpusFile
from sonoteca.formats import mp4, webm
from sonoteca.formats.ogg import Page, format_page
from sonoteca.formats.ogg_opus import HEADING_BYTES, OpusPages, PageReader, parse_opening
from tests.tools import require_tool
from tests.unit.convert import recordings
from tests.unit.convert.recordings import made, noise, write

KINDS = {"webm": webm.layout, "mp4": mp4.layout}
LENGTHS = [648, 660, 960, 961, 48_000 * 3 + 17, 48_000 * 23]


def read(raw: bytes) -> OpusPages:
    reader = PageReader()
    while not reader.is_done:
        reader.take(raw[reader.place : reader.place + HEADING_BYTES])
    return reader.result()


def whole(layout: Any, raw: bytes) -> bytes:
    units = (layout.render(unit, raw[slice(*layout.source(unit))]) for unit in range(len(layout.places) - 1))
    return b"".join((layout.head, *units))


def opus(path: Path, samples: int, channels: int = 2) -> bytes:
    write(OpusFile, path, made(noise(samples / 48_000, 48_000, channels), 48_000))
    return path.read_bytes()


def heard(path: Path, channels: int) -> numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float32]]:
    return numpy.frombuffer(recordings.decoded(path), numpy.float32).reshape(-1, channels)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", LENGTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_samples(tmp_path: Path, kind: str, samples: int, channels: int) -> None:
    raw = opus(tmp_path / "x.opus", samples, channels)
    layout = KINDS[kind](read(raw))
    path = tmp_path / f"x.{kind}"
    path.write_bytes(whole(layout, raw))

    assert path.stat().st_size == layout.size
    sound, original = heard(path, channels), heard(tmp_path / "x.opus", channels)
    assert len(original) == samples
    assert numpy.array_equal(sound[:samples], original)
    # ffmpeg 5 does not cut the end of an MP4, its own included; of a WebM it does.
    assert len(sound) == samples or (kind == "mp4" and len(sound) - samples < 960)


@pytest.mark.parametrize("samples", [1, 312, 647, 648, 700])
@pytest.mark.parametrize("kind", KINDS)
def test_ffmpeg_hears_of_it_what_it_hears_of_its_own(tmp_path: Path, kind: str, samples: int) -> None:
    """A single packet that is cut at both ends: ffmpeg 5 cuts it at one."""
    raw = opus(tmp_path / "x.opus", samples)
    path, own = tmp_path / f"x.{kind}", tmp_path / f"own.{kind}"
    path.write_bytes(whole(KINDS[kind](read(raw)), raw))
    recordings.run("ffmpeg", "-v", "error", "-i", str(tmp_path / "x.opus"), "-c", "copy", str(own))
    assert recordings.decoded(path) == recordings.decoded(own)


@pytest.mark.parametrize("kind", KINDS)
def test_packets_are_the_same_bytes(tmp_path: Path, kind: str) -> None:
    raw = opus(tmp_path / "x.opus", 48_000 * 12 + 5)
    path = tmp_path / f"x.{kind}"
    path.write_bytes(whole(KINDS[kind](read(raw)), raw))
    assert packets(path) == packets(tmp_path / "x.opus")


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(one) for one in container.demux(audio=0) if one.size]


@pytest.mark.parametrize("kind", KINDS)
def test_the_length_that_players_are_told(tmp_path: Path, kind: str) -> None:
    raw = opus(tmp_path / "x.opus", 48_000 * 12 + 480)
    path = tmp_path / f"x.{kind}"
    path.write_bytes(whole(KINDS[kind](read(raw)), raw))
    said = recordings.run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path))
    assert abs(float(said) - 12.01) < 0.0005


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place_s", [0.0, 4.3, 11.0, 29.5])
def test_seeking_comes_where_it_should(tmp_path: Path, kind: str, place_s: float) -> None:
    raw = opus(tmp_path / "x.opus", 48_000 * 30)
    path = tmp_path / f"x.{kind}"
    path.write_bytes(whole(KINDS[kind](read(raw)), raw))
    with av.open(str(path)) as container:
        container.seek(int(place_s * av.time_base), any_frame=False)
        packet = next(iter(container.demux(audio=0)))
        assert packet.pts is not None and packet.time_base is not None
        at = float(packet.pts * packet.time_base)
    # Cues stand every five seconds; every packet of an MP4 can be found.
    assert place_s - (5.2 if kind == "webm" else 0.2) <= at <= place_s + 0.03


def test_mkvinfo_reads_every_element(tmp_path: Path) -> None:
    raw = opus(tmp_path / "x.opus", 48_000 * 12 + 5)
    path = tmp_path / "x.webm"
    path.write_bytes(whole(webm.layout(read(raw)), raw))
    require_tool("mkvinfo")
    told = subprocess.run(["mkvinfo", "-v", "-v", str(path)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    assert "Codec-inherent delay: 00:00:00.006500000" in told.stdout
    assert "Discard padding" in told.stdout
    assert "(Unknown)" not in told.stdout and "rror" not in told.stdout


def test_cues_and_seek_head_point_at_what_they_say(tmp_path: Path) -> None:
    raw = opus(tmp_path / "x.opus", 48_000 * 23)
    layout = webm.layout(read(raw))
    file = whole(layout, raw)
    segment = file.index(webm.SEGMENT) + 12
    assert len(file) - segment == int.from_bytes(file[segment - 8 : segment]) & (1 << 56) - 1
    for name in (webm.INFO, webm.TRACKS, webm.CUES):
        found = file.index(b"\x53\xab" + webm._vint(len(name)) + name)
        assert file[segment + int.from_bytes(file[found + 10 : found + 18]) :].startswith(name)
    assert all(file[place:].startswith(webm.CLUSTER) for place in layout.places[:-1])
    assert len(layout.places) == 6


def test_a_file_above_four_gigabytes_has_wide_offsets() -> None:
    opening = parse_opening(b"OpusHead\1\2" + (312).to_bytes(2, "little") + (48_000).to_bytes(4, "little") + bytes(3))
    pages = OpusPages(opening)
    body = 60_000
    for page in range(80_000):
        pages.starts.append(page * (body + 282))
        pages.bodies.append(page * (body + 282) + 282)
        pages.ends.append((page + 1) * (body + 282))
        pages.counts.append(1)
        pages.sizes.append(body)
    pages.samples = 80_000 * 960
    found = mp4.layout(pages)
    assert b"co64" in found.head and b"stco" not in found.head
    assert found.head.endswith(b"\0\0\0\1mdat" + (80_000 * body + 16).to_bytes(8))
    assert found.size == len(found.head) + 80_000 * body == found.places[-1]


# ── what is not ours ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_real_files_of_others_are_taken_or_refused_with_a_reason(corpus: Path) -> None:
    for path in sorted(corpus.rglob("*.opus"))[:5] + sorted(corpus.rglob("*.og[ga]"))[:10]:
        try:
            read(path.read_bytes())
        except ValueError as error:
            assert str(error)


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4))
def test_damage_never_breaks_the_reader(place: int, change: bytes) -> None:
    raw = bytearray(SMALL)
    raw[place % len(raw) : place % len(raw) + len(change)] = change
    try:
        pages = read(bytes(raw))
    except ValueError:
        return
    for make in KINDS.values():
        layout = make(pages)
        assert layout.size > len(layout.head)


@pytest.mark.parametrize("end", [0, 10, 46, 47, 100, 200])
def test_a_file_that_is_cut_off_is_refused(end: int) -> None:
    with pytest.raises(ValueError):
        read(SMALL[:end])


def _small() -> bytes:
    head = b"OpusHead\1\2" + (312).to_bytes(2, "little") + (48_000).to_bytes(4, "little") + bytes(3)
    pages = [((head,), 0, 2), ((b"OpusTags" + bytes(8),), 0, 0)]
    pages += [((b"\xfcab", b"\xfc" + bytes(300)), 1920, 0), ((b"\xfccd",), 2500, 4)]
    return b"".join(
        format_page(Page(serial=7, sequence=number, granule=granule, packets=packets, flags=flags))
        for number, (packets, granule, flags) in enumerate(pages)
    )


SMALL = _small()
