"""torrent-models, a third reader and maker of torrents (v1, v2, hybrid), in Python and of other people's hand."""

import importlib
import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest

from sonoteca.formats import metainfo
from sonoteca.model.torrent import Flavour, Outside
from sonoteca.torrents.assemble import assemble
from tests.tools import missing
from tests.vectors.torrents import generate
from tests.vectors.torrents.layouts import LAYOUTS, PIECE, WRONG_IN_LIBTORRENT, files_of, members_of

# Two web seeds: of one alone it makes a text, where we have a list; BEP 19 knows both.
SEEDS = ("http://d/", "http://e/")
OUTSIDE = Outside(trackers=(("http://a/announce", "udp://b:1"),), web_seeds=SEEDS, comment="kept as found")
IN_FOLDERS = [name for name, sizes in LAYOUTS.items() if "" not in sizes]


@pytest.fixture(scope="module")
def models() -> ModuleType:
    if importlib.util.find_spec("torrent_models") is None:
        missing("needs torrent-models, another judge of torrents")
    return importlib.import_module("torrent_models")


@pytest.mark.parametrize("flavour", list(Flavour))
@pytest.mark.parametrize("name", [*LAYOUTS, *WRONG_IN_LIBTORRENT])
def test_it_reads_ours_and_would_write_the_same(models: ModuleType, name: str, flavour: Flavour) -> None:
    members, layers = members_of(files_of(name))
    assembled = assemble(name, members, layers.__getitem__, flavour, OUTSIDE)
    found = models.Torrent.read_stream(io.BytesIO(assembled.torrent))
    assert (found.v1_infohash or "", found.v2_infohash or "") == (assembled.hashes.v1, assembled.hashes.v2)
    assert [(file.path, file.length) for file in found.files] == [(one.path, one.bytes) for one in assembled.members]
    assert found.bencode() == assembled.torrent


@pytest.mark.parametrize("name", IN_FOLDERS)
def test_we_read_what_it_makes(models: ModuleType, name: str, tmp_path: Path) -> None:
    """Its v2 torrents are ours, hash for hash: from the bytes on disk, by another hand."""
    whole = generate.write(name, tmp_path)
    paths = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    created = models.TorrentCreate(path_root=whole, paths=paths, piece_length=PIECE)
    found = metainfo.parse(created.generate("v2").bencode())
    members, layers = members_of(files_of(name))
    ours = metainfo.parse(assemble(name, members, layers.__getitem__, Flavour.V2, Outside()).torrent)
    assert (found.files, found.piece_layers, found.hashes) == (ours.files, ours.piece_layers, ours.hashes)
