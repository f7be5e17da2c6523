"""torf, a second reader and maker of v1 torrents that shares no code with libtorrent or us."""

import importlib
import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest

from sonoteca.formats import metainfo
from sonoteca.model.torrent import Assembled, Flavour, Outside
from sonoteca.torrents import layout
from sonoteca.torrents.assemble import assemble, magnet
from tests.tools import missing
from tests.vectors.torrents import generate
from tests.vectors.torrents.layouts import LAYOUTS, PIECE, WRONG_IN_LIBTORRENT, files_of, members_of

ONE_FILE = [name for name, sizes in LAYOUTS.items() if list(sizes) == [""]]
OUTSIDE = Outside(
    trackers=(("http://a/announce", "udp://b:1"), ("http://c:8/",)), web_seeds=("http://d/",), comment="kept as found"
)


@pytest.fixture(scope="module")
def torf() -> ModuleType:
    if importlib.util.find_spec("torf") is None:
        missing("needs torf, a second judge of torrents")
    return importlib.import_module("torf")


def made(name: str, flavour: Flavour) -> Assembled:
    members, layers = members_of(files_of(name))
    return assemble(name, members, layers.__getitem__, flavour, OUTSIDE)


@pytest.mark.parametrize("flavour", [Flavour.V1, Flavour.HYBRID])
@pytest.mark.parametrize("name", [*LAYOUTS, *WRONG_IN_LIBTORRENT])
def test_it_sees_what_is_meant(torf: ModuleType, name: str, flavour: Flavour) -> None:
    assembled = made(name, flavour)
    found = torf.Torrent.read_stream(io.BytesIO(assembled.torrent))
    assert found.infohash == assembled.hashes.v1
    assert (found.name, found.piece_size, found.private, found.creation_date) == (name, PIECE, None, None)
    top = "" if layout.is_one_file(name, assembled.members) else f"{name}/"
    entries = layout.entries(assembled.members)
    assert [(str(file), file.size) for file in found.files] == [(f"{top}{one.path}", one.bytes) for one in entries]
    assert [list(tier) for tier in found.trackers] == [list(tier) for tier in OUTSIDE.trackers]
    assert (list(found.webseeds), found.comment) == (list(OUTSIDE.web_seeds), OUTSIDE.comment)


@pytest.mark.parametrize("name", ONE_FILE)
def test_it_makes_the_same_of_one_file(torf: ModuleType, name: str, tmp_path: Path) -> None:
    theirs = torf.Torrent(generate.write(name, tmp_path), piece_size=PIECE, creation_date=None, created_by=None)
    theirs.generate(threads=1)
    assert metainfo.parse(theirs.dump()).info == metainfo.parse(made(name, Flavour.V1).torrent).info


def test_it_reads_our_links(torf: ModuleType) -> None:
    assembled = made("flat", Flavour.V1)
    found = torf.Magnet.from_string(magnet(assembled.hashes, "flat & é", OUTSIDE))
    assert (found.infohash, found.dn) == (assembled.hashes.v1, "flat & é")
    assert list(found.tr) == [one for tier in OUTSIDE.trackers for one in tier]
    assert list(found.ws) == list(OUTSIDE.web_seeds)
