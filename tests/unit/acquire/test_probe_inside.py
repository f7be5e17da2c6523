"""A picture inside a recording, put there by somebody else's code, is had back byte for byte; and no other one is."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen import apev2, flac, id3, mp4, oggopus

from sonoteca.acquire.probe import probe
from sonoteca.acquire.probe_inside import picture_plain
from sonoteca.formats.picture import MAX_BYTES
from tests.unit.acquire import sounds
from tests.unit.formats.test_picture import HOSTILE, chunk, png

Any_id3: Any = id3


def padded(size: int) -> bytes:
    """A picture of exactly so many bytes."""
    return png(90, 60, more=chunk(b"tEXt", b"x" * (size - len(png(90, 60)) - 12)))


def block(raw: bytes) -> flac.Picture:
    found = flac.Picture()
    found.type, found.mime, found.data = 3, "image/png", raw
    return found


def in_flac(path: Path, raw: bytes) -> None:
    file = flac.FLAC(path)
    file.add_picture(block(raw))
    file.save()


def in_opus(path: Path, raw: bytes) -> None:
    file = oggopus.OggOpus(path)
    file["metadata_block_picture"] = [base64.b64encode(block(raw).write()).decode()]
    file.save()


def in_id3(path: Path, raw: bytes) -> None:
    tag = Any_id3.ID3()
    tag.add(Any_id3.APIC(encoding=3, mime="image/png", type=3, desc="", data=raw))
    tag.save(path)


def in_mp4(path: Path, raw: bytes) -> None:
    file = mp4.MP4(path)
    file["covr"] = [mp4.MP4Cover(raw, mp4.MP4Cover.FORMAT_PNG)]
    file.save()


def in_ape(path: Path, raw: bytes) -> None:
    tag = apev2.APEv2()
    tag["Cover Art (Front)"] = apev2.APEValue(b"cover.png\0" + raw, apev2.BINARY)
    tag.save(path)


PLACES: dict[str, Callable[[Path, bytes], None]] = {
    "a.flac": in_flac,
    "a.opus": in_opus,
    "a.mp3": in_id3,
    "a.m4a": in_mp4,
    "a.wv": in_ape,
}


def recording(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(sounds.make(name, seconds=0.3))
    PLACES[name](path, raw)
    return path


@pytest.mark.parametrize("size", [300, 150_000, MAX_BYTES])
@pytest.mark.parametrize("name", PLACES)
def test_it_is_had_back_byte_for_byte(tmp_path: Path, name: str, size: int) -> None:
    raw = padded(size)
    path = recording(tmp_path, name, raw)
    (said,) = probe(str(path), name).pictures
    assert (said.digest, said.kind, said.bytes) == (hashlib.sha256(raw).hexdigest(), "front cover", size)
    assert base64.b64decode(picture_plain(str(path), said.digest)) == raw
    assert picture_plain(str(path), "0" * 64) == ""


@pytest.mark.parametrize("name", PLACES)
def test_what_is_too_large_to_be_carried_has_no_digest(tmp_path: Path, name: str) -> None:
    raw = padded(MAX_BYTES + 1)
    path = recording(tmp_path, name, raw)
    (said,) = probe(str(path), name).pictures
    assert (said.digest, said.bytes) == ("", MAX_BYTES + 1)
    assert picture_plain(str(path), hashlib.sha256(raw).hexdigest()) == ""


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_hostile_has_none(tmp_path: Path, what: str) -> None:
    path = recording(tmp_path, "a.flac", HOSTILE[what])
    assert [one.digest for one in probe(str(path), "a.flac").pictures] == [""]
