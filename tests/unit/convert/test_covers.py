"""Covers in files: others find the same bytes there, and everything else as it was; album gain and containers too."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import av
import numpy
import pytest
from mutagen.flac import FLAC, Picture
from mutagen.oggopus import OggOpus

from sonoteca.acquire.probe import probe
from sonoteca.convert.album_file import write_comments
from sonoteca.convert.albums import Album, pairs_for
from sonoteca.convert.flac import FlacFile
from sonoteca.convert.opus import OpusFile
from sonoteca.convert.recipes import CARRIED_BY, RECIPES, covered
from sonoteca.formats import mp4, webm
from sonoteca.formats.ogg_opus import HEADING_BYTES, PageReader
from sonoteca.formats.picture import format_block
from sonoteca.model.sound import Tier
from tests.unit.convert import recordings
from tests.unit.convert.recordings import LOUD, TAGS, Recording, made, noise
from tests.unit.formats.test_picture import chunk, png

KINDS: dict[str, type[OpusFile] | type[FlacFile]] = {"opus": OpusFile, "flac": FlacFile}
# So that the comments end within a page, on a page's last byte, and on its first.
SIZES = [100, 48_000, *range(48_520, 48_680, 8), 97_280, 199_000]
ALBUM = Album(lufs=-14.5, peak_dbtp=-0.5)


def recording(seconds: float = 1.3) -> Recording:
    return made((noise(seconds, 48_000, 2) * 32_767).round().astype("i2"), 48_000, form="s16")


def picture(size: int) -> bytes:
    """A PNG of about so many bytes."""
    noisy = numpy.random.default_rng(size).bytes(size)
    return png(300, 200, more=chunk(b"tEXt", b"Comment\0" + base64.b16encode(noisy)[:size]))


def write(path: Path, raw: bytes, sound: Recording | None = None) -> Path:
    """A file with this picture, or without one."""
    kind, source = KINDS[path.suffix[1:]], sound or recording()
    tier = Tier.ACCESS if kind is OpusFile else Tier.ARCHIVE
    block = base64.b64encode(format_block(raw)).decode() if raw else ""
    file = kind(str(path), recordings.wanted(tier, TAGS), source.audio, block)
    for one in source.blocks:
        file.take(one)
    file.finish()
    file.seal(LOUD)
    assert file.is_made
    return path


def pictures(path: Path) -> list[Picture]:
    """As mutagen finds them."""
    if path.suffix == ".flac":
        return list(FLAC(path).pictures)
    return [Picture(base64.b64decode(one)) for one in OggOpus(path).get("metadata_block_picture", [])]


def tags(path: Path) -> dict[str, Any]:
    found = dict((FLAC if path.suffix == ".flac" else OggOpus)(path))
    found.pop("metadata_block_picture", None)
    return found


@pytest.mark.parametrize("name", ["cover.png", "cover.jpg"])
@pytest.mark.parametrize("kind", KINDS)
def test_others_read_the_picture_back_byte_for_byte(corpus: Path, tmp_path: Path, kind: str, name: str) -> None:
    raw = (corpus / "formats" / name).read_bytes()
    path = write(tmp_path / f"x.{kind}", raw)
    (found,) = pictures(path)
    assert (found.data, found.type, found.mime) == (raw, 3, {"cover.png": "image/png", "cover.jpg": "image/jpeg"}[name])
    plain = write(tmp_path / f"y.{kind}", b"")
    assert tags(path) == tags(plain) and pictures(plain) == []
    assert recordings.decoded(path, "s16le") == recordings.decoded(plain, "s16le")
    # ffmpeg takes it out as it is, and FFprobe calls it a cover.
    said = json.loads(recordings.run("ffprobe", "-v", "error", "-of", "json", "-show_streams", str(path)))
    (shown,) = [one for one in said["streams"] if one["codec_type"] == "video"]
    assert shown["disposition"]["attached_pic"] == 1 and "ront" in shown["tags"]["comment"]
    command = ("ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", "-f", "image2")
    recordings.run(*command, "-update", "1", str(tmp_path / name))
    assert (tmp_path / name).read_bytes() == raw


def test_metaflac_exports_the_same_bytes_and_flac_is_content(corpus: Path, tmp_path: Path) -> None:
    raw = (corpus / "formats/cover.jpg").read_bytes()
    path = write(tmp_path / "x.flac", raw)
    recordings.run("flac", "--test", "--warnings-as-errors", "--silent", str(path))
    recordings.run("metaflac", f"--export-picture-to={tmp_path / 'out'}", str(path))
    assert (tmp_path / "out").read_bytes() == raw
    assert "type: 3 (Cover (front))" in recordings.run("metaflac", "--list", "--block-type=PICTURE", str(path))


@pytest.mark.parametrize("size", SIZES)
def test_opusinfo_has_nothing_to_say_wherever_the_comments_end(tmp_path: Path, size: int) -> None:
    raw = picture(size)
    path = write(tmp_path / "x.opus", raw)
    said = recordings.run("opusinfo", str(path))
    assert "WARNING" not in said and "METADATA_BLOCK_PICTURE" in said
    assert [one.data for one in pictures(path)] == [raw]
    recordings.run("opusdec", "--quiet", str(path), str(tmp_path / "x.wav"))


@pytest.mark.parametrize("size", [100, 150_000])
@pytest.mark.parametrize("kind", KINDS)
def test_the_gain_of_the_release_is_put_beside_it(tmp_path: Path, kind: str, size: int) -> None:
    raw = picture(size)
    path = write(tmp_path / f"x.{kind}", raw)
    before, length = tags(path), path.stat().st_size
    pairs = [list(pair) for pair in pairs_for(kind, ALBUM)]
    assert write_comments(str(tmp_path), [[path.name, pairs]]) == [path.name]
    assert path.stat().st_size == length
    assert tags(path) == before | {key.lower(): [text] for key, text in pairs}
    assert [one.data for one in pictures(path)] == [raw]
    judge = ("opusinfo", "-q") if kind == "opus" else ("flac", "-t", "-s", "-w")
    recordings.run(*judge, str(path))


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_probe_reads_such_a_file(tmp_path: Path, kind: str) -> None:
    raw = picture(150_000)
    report = probe(str(write(tmp_path / f"x.{kind}", raw)), f"x.{kind}")
    assert report.audio is not None and report.findings == ()
    (found,) = report.pictures
    assert (found.bytes, found.width, found.kind) == (len(raw), 300, "front cover")


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    for kind in KINDS:
        one, two = (write(tmp_path / f"{name}.{kind}", picture(90_000)).read_bytes() for name in "ab")
        assert hashlib.sha256(one).digest() == hashlib.sha256(two).digest()


@pytest.mark.parametrize("size", SIZES[:3] + SIZES[-1:])
@pytest.mark.parametrize("layout", [webm.layout, mp4.layout])
def test_containers_of_the_player_carry_the_same_packets(tmp_path: Path, layout: Any, size: int) -> None:
    """The picture stays behind: pages show it, and whoever keeps a file takes the Opus file."""
    found = []
    for raw in (b"", picture(size)):
        source = write(tmp_path / f"{len(raw)}.opus", raw, recording(3.7)).read_bytes()
        reader = PageReader()
        while not reader.is_done:
            reader.take(source[reader.place : reader.place + HEADING_BYTES])
        made_of = layout(reader.result())
        units = (made_of.render(unit, source[slice(*made_of.source(unit))]) for unit in range(len(made_of.places) - 1))
        path = tmp_path / f"{len(raw)}.out"
        path.write_bytes(b"".join((made_of.head, *units)))
        assert path.stat().st_size == made_of.size
        with av.open(str(path)) as container:
            found.append([bytes(one) for one in container.demux(audio=0)])
    assert found[0] == found[1] and len(found[0]) > 100


def test_the_small_copy_carries_none_and_no_other_id_changes() -> None:
    assert {name for name, one in RECIPES.items() if one.carries} == {"access", "archive"}
    assert covered("access-1+av-18.1.0+x-2") == f"access-1+{CARRIED_BY}+av-18.1.0+x-2"
    assert covered("access-1") == f"access-1+{CARRIED_BY}"
