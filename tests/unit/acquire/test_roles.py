"""Roles by name: every table has its examples, and the order of the rules decides between them."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire.roles import (
    DOCUMENTS,
    FILM,
    PACKED,
    PICTURES,
    SCORES,
    SOUND,
    ending_of,
    is_named_like_sound,
    role_of,
)
from sonoteca.model.finding import FINDINGS, Severity
from sonoteca.model.source import Role

CASES = {
    Role.AUDIO: """01 Aria.flac|WAV.UPPER.WAV| leading and trailing .ogg |.hidden.ogg|video.mp4|song.mid|tune.xm
        |tune.it|a.mpc|Licence to Thrill.flac|copyright.mp3|COPYING.ogg|README.wav|a.b.opus|readme.txt.mp3
        |a_hybrid.wvc|x.MP3|rights.json.flac""",
    Role.DOCUMENT: """info.txt|album.cue|rip.log|README|readme.1st|booklet.pdf|list.m3u8|SHA256SUMS|md5|disc.ffp|shn.st5
        |a.sfv|a.md5|readme.txt.gz|changelog.Debian.gz|index.html|NOTICE|tracklist|bagit.txt
        |manifest-md5.txt|LICENSE.gz|rights.csv""",
    Role.ARTWORK: """cover.jpg|Folder.JPEG|back.tif|art.svg|x.webp|copyright.png""",
    Role.EVIDENCE: """rights.json|rights.toml|Rights.TOML|COPYRIGHT|COPYRIGHT.singularity-music|LICENSE-tinytag.txt
        |Licence.md|COPYING|COPYING-mutagen.txt|copyright|debian/copyright|song.flac.license
        |LICENSES/CC-BY-4.0.txt|LICENSES/CC0-1.0|LICENSE (CC BY).pdf|REUSE.toml|unlicense""",
    Role.UNKNOWN: """mp3-noext|detect_flac.x|track|a.|.flac|rightsXjson|Licensed to Ill|copyrighted|notesheet.q
        |x.rights.json5""",
}


def split(text: str) -> list[str]:
    return re.sub(r"\n +", "", text).split("|")


@pytest.mark.parametrize(
    ("role", "name"),
    [(role, name) for role, text in CASES.items() for name in split(text)],
)
def test_role(role: Role, name: str) -> None:
    assert role_of(name) == (role, "")
    assert role_of(f"Some Album/{name}") == (role, "")


LEFT_BEHIND = """Thumbs.db|.DS_Store|desktop.ini|._01 Aria.flac|Icon\r|.nomedia|~$letter.doc|.Trash-1000/files/01.flac
    |@eaDir/01.flac/SYNO.jpg|$RECYCLE.BIN/x.mp3|System Volume Information/x|__MACOSX/._a|a/.git/config|lost+found/1
    |#recycle/a.wav"""


@pytest.mark.parametrize("path", split(LEFT_BEHIND))
def test_what_systems_leave_behind_is_noted_and_left(path: str) -> None:
    assert role_of(path) == (Role.REFUSED, "F010")
    assert FINDINGS["F010"][0] is Severity.NOTE


@pytest.mark.parametrize(
    "path", ["album.zip", "hostile.tar.zst", "a.tar.gz", "song.mid.gz", "a.rar", "disc.iso", "x.gz"]
)
def test_packed_archives_are_refused(path: str) -> None:
    assert role_of(path) == (Role.REFUSED, "F011")


def test_no_ending_is_in_two_tables() -> None:
    tables = [SOUND, FILM, SCORES, DOCUMENTS, PICTURES, PACKED]
    assert sum(map(len, tables)) == len(frozenset().union(*tables))


def test_ending() -> None:
    assert [ending_of(name) for name in ("a.FLAC", "a.b.c ", "a", ".flac", "a.", "")] == ["flac", "c", "", "", "", ""]
    assert is_named_like_sound("dir.flac")
    assert not is_named_like_sound("dir.txt")


@given(st.text(max_size=60))
def test_every_name_has_a_role(name: str) -> None:
    role, code = role_of(name)
    assert (role is Role.REFUSED) == (code in FINDINGS)


def test_every_recording_of_the_corpus_is_asked_to_the_probe(corpus: Path) -> None:
    with open(corpus / "index.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 360
    assert {role_of(f"{row['release']}/{row['file']}")[0] for row in rows} == {Role.AUDIO}
