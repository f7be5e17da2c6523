"""Tags in front of sound and behind it, in every order that players have written: all are read, and none is sound."""

import struct
from pathlib import Path

import pytest

from sonoteca.acquire.probe import probe
from tests.unit.acquire import sounds
from tests.unit.acquire.test_probe_pictures import png
from tests.unit.convert.orders import codes, sound_of

PICTURE = b"\xff\xfb\x90\x64" + bytes(range(256)) * 40  # looks like a frame of MPEG to whoever searches for one


def id3(title: str, *, with_foot: bool = False) -> bytes:
    """ID3v2.4."""
    body = b"\x03" + title.encode()
    frame = b"TIT2" + bytes([0, 0, 0, len(body)]) + b"\0\0" + body
    rest = bytes([4, 0, 0x10 if with_foot else 0, 0, 0, 0, len(frame)])
    return b"ID3" + rest + frame + (b"3DI" + rest if with_foot else b"")


def ape(title: str, *, has_head: bool = True, has_foot: bool = True) -> bytes:
    """APEv2 with a picture."""
    values = (("Title", title.encode(), 0), ("Cover Art (Front)", b"x.png\0" + png(8, 8) + PICTURE, 2))
    items = b"".join(struct.pack("<II", len(text), flags) + key.encode() + b"\0" + text for key, text, flags in values)
    known = 0x80000000 * has_head + 0x40000000 * (not has_foot)
    head, foot = (
        b"APETAGEX" + struct.pack("<IIII", 2000, len(items) + 32 * has_foot, len(values), known | place) + bytes(8)
        for place in (0x20000000, 0)
    )
    return head * has_head + items + foot * has_foot


def id3v1(title: str) -> bytes:
    return b"TAG" + title.encode().ljust(125, b"\0")


def lyrics3() -> bytes:
    body = b"LYRICSBEGININD00003110LYR00005Hello"
    return body + str(len(body)).zfill(6).encode() + b"LYRICS200"


AROUND = {
    "an APE tag in front": (ape("a"), b""),
    "an APE tag in front, without a footer": (ape("a", has_foot=False), b""),
    "ID3v2 and an APE tag in front": (id3("a") + ape("b"), b""),
    "an APE tag behind": (b"", ape("a")),
    "an APE tag behind, without a header": (b"", ape("a", has_head=False)),
    "an APE tag and ID3v1 behind": (b"", ape("a") + id3v1("b")),
    "two APE tags behind": (b"", ape("a") + ape("b")),
    "Lyrics3 and ID3v1 behind": (b"", lyrics3() + id3v1("a")),
    "ID3v2 behind": (b"", id3("a", with_foot=True)),
    "all of them": (id3("a") + ape("b"), ape("c") + lyrics3() + id3v1("d")),
}


@pytest.mark.parametrize("name", ["a.mp3", "a.wv", "a.aac", "a.tta", "a.flac", "a.ac3"])
@pytest.mark.parametrize("around", AROUND)
def test_tags_are_no_sound(around: str, name: str, tmp_path: Path) -> None:
    front, behind = AROUND[around]
    bare, path, sound = tmp_path / f"bare-{name}", tmp_path / name, sounds.make(name)
    bare.write_bytes(sound)
    path.write_bytes(front + sound + behind)
    plain, report = probe(str(bare), name), probe(str(path), name)
    assert report.audio == plain.audio is not None
    assert "a" in dict(report.understood)["title"]
    assert bool(report.pictures) is (b"Cover Art" in front + behind)
    assert {one.code for one in report.findings} & {"A101", "A103", "A104", "A105", "A114"} == set()
    heard, wanted = sound_of(path), sound_of(bare)
    assert codes(heard) == codes(wanted)
    assert (heard.samples, heard.loudness, heard.overview, heard.loss) == (
        wanted.samples,
        wanted.loudness,
        wanted.overview,
        wanted.loss,
    )


def test_a_tag_alone_is_refused(tmp_path: Path) -> None:
    for place, raw in enumerate((ape("a"), ape("a", has_foot=False), id3("a") + ape("a"))):
        path = tmp_path / f"{place}.mp3"
        path.write_bytes(raw)
        report = probe(str(path), path.name)
        assert {one.code for one in report.findings} == {"F108"}
