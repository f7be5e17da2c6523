"""libtorrent as a reader: it opens every torrent of ours, sees the same files, and finds on disk what they say."""

import importlib
import importlib.util
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.model.errors import Refused
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Assembled, Flavour, Member, Outside
from sonoteca.torrents import layout
from sonoteca.torrents.assemble import assemble
from tests.tools import missing
from tests.vectors.torrents import generate
from tests.vectors.torrents.layouts import LAYOUTS, PIECE, WRONG_IN_LIBTORRENT, content, files_of, layers_of, members_of

FLAVOURS = list(Flavour)
ALL = [*LAYOUTS, *WRONG_IN_LIBTORRENT]
NOTHING = Outside()
QUIET = {
    "listen_interfaces": "",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
}
ALERT_S = 20


@pytest.fixture(scope="module")
def libtorrent() -> ModuleType:
    if importlib.util.find_spec("libtorrent") is None:
        missing("needs libtorrent, the judge of torrents (it has no wheel for Python 3.14 yet)")
    return importlib.import_module("libtorrent")


def made(name: str, files: dict[str, bytes], flavour: Flavour) -> Assembled:
    members, layers = members_of(files)
    return assemble(name, members, layers.__getitem__, flavour, NOTHING)


def seen(libtorrent: ModuleType, torrent: bytes) -> tuple[str, str, list[tuple[str, int, bool]]]:
    """The hashes, and (path, size, is it a pad) of each file, as libtorrent understands a torrent."""
    info = libtorrent.load_torrent_buffer(torrent).ti
    storage, hashes = info.layout(), info.info_hashes()
    pad = libtorrent.file_storage.flag_pad_file
    files = [
        (storage.file_path(index), storage.file_size(index), bool(storage.file_flags(index) & pad))
        for index in range(storage.num_files())
    ]
    return (str(hashes.v1) if hashes.has_v1() else "", str(hashes.v2) if hashes.has_v2() else "", files)


def meant(name: str, assembled: Assembled, flavour: Flavour) -> list[tuple[str, int, bool]]:
    """What it should see. Of v2 and hybrids it reads the tree, and makes pads of its own, named after their size (in v2
    behind a single file too). A v2 tree of one file without a folder is for it that file, whatever the torrent's
    name."""
    members = assembled.members
    if flavour is Flavour.V2 and len(members) == 1 and "/" not in members[0].path:
        name = members[0].path
    top = "" if layout.is_one_file(name, members) else f"{name}/"
    if flavour is Flavour.V1:
        return [(f"{top}{entry.path}", entry.bytes, entry.is_pad) for entry in layout.entries(members)]
    found = []
    for member in members:
        found.append((f"{top}{member.path}", member.bytes, False))
        gap = -member.bytes % PIECE
        if gap and (len(members) > 1 or flavour is Flavour.V2):
            found.append((f"{name}/.pad/{gap}", gap, True))
    return found


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", ALL)
def test_it_opens_ours_and_sees_the_same(libtorrent: ModuleType, name: str, flavour: Flavour) -> None:
    assembled = made(name, files_of(name), flavour)
    v1, v2, files = seen(libtorrent, assembled.torrent)
    assert (v1, v2) == (assembled.hashes.v1, assembled.hashes.v2)
    assert files == meant(name, assembled, flavour)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).map(
    lambda name: unicodedata.normalize("NFC", name)
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@given(
    st.dictionaries(
        st.one_of(PATHS, st.text("aA b-./", min_size=1, max_size=8)),
        st.sampled_from([1, 9, PIECE, PIECE + 1]),
        min_size=1,
        max_size=5,
    ),
    NAMES,
    st.sampled_from(FLAVOURS),
)
def test_whatever_is_not_refused_keeps_its_names(
    libtorrent: ModuleType, sizes: dict[str, int], name: str, flavour: Flavour
) -> None:
    """The laws of layout.py are the ones libtorrent needs: beyond them it renames nothing, but for the joiners."""
    one = {size: layers_of(content("x", size)) for size in set(sizes.values())}
    members = [Member(path=path, digest=one[size].digest, bytes=size) for path, size in sizes.items()]
    layers = {layer.digest: layer for layer in one.values()}
    try:
        assembled = assemble(name, members, layers.__getitem__, flavour, NOTHING)
    except Refused:
        return
    files = [file for file in seen(libtorrent, assembled.torrent)[2] if not file[2]]
    joined = str.maketrans("", "", "\u200c\u200d")
    wanted = [file for file in meant(name, assembled, flavour) if not file[2]]
    assert files == [(path.translate(joined), size, False) for path, size, _ in wanted]


def test_every_character_is_kept_or_refused(libtorrent: ModuleType) -> None:
    kept = []
    # Ideographs and syllables, which are all alike, are left out.
    for point in {*range(0x3400), *range(0xD7A0, 0x11000), *range(0x1F000, 0x20000), 0xE0001} - {ord("/")}:
        name = f"a{chr(point)}b"
        try:
            layout.verify_names("T", [Member(path=name, digest=Digest(""), bytes=1)])
        except Refused:
            continue
        kept.append(name)
    assert len(kept) > 20_000
    for start in range(0, len(kept), 4_000):
        part = kept[start : start + 4_000]
        files: list[Any] = [{b"length": 1, b"path": [b"%x" % at, name.encode()]} for at, name in enumerate(part)]
        info = {b"name": b"T", b"piece length": PIECE, b"pieces": bytes(20), b"files": files}
        found = seen(libtorrent, libtorrent.bencode({b"info": info}))[2]
        renamed = [name for name, (path, _, _) in zip(part, found, strict=True) if path.split("/", 2)[2] != name]
        assert set(renamed) <= {"a\u200cb", "a\u200db"}


# ── on disk ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def session(libtorrent: ModuleType) -> Iterator[Any]:
    """One that listens to nobody and asks nobody."""
    category = libtorrent.alert.category_t
    found = libtorrent.session(QUIET | {"alert_mask": category.status_notification | category.error_notification})
    yield found
    found.pause()


def checked(libtorrent: ModuleType, session: Any, torrent: bytes, folder: Path) -> Any:
    """What libtorrent finds of a torrent in a folder, once it has read all of it."""
    wanted = libtorrent.load_torrent_buffer(torrent)
    wanted.save_path = str(folder)
    wanted.flags &= ~(libtorrent.torrent_flags.auto_managed | libtorrent.torrent_flags.paused)
    handle = session.add_torrent(wanted)
    while True:
        if session.wait_for_alert(ALERT_S * 1_000) is None:
            pytest.fail(f"libtorrent said nothing for {ALERT_S} s; {handle.status().state}")
        for alert in session.pop_alerts():
            if isinstance(alert, libtorrent.torrent_error_alert | libtorrent.file_error_alert):
                pytest.fail(alert.message())
            if isinstance(alert, libtorrent.torrent_checked_alert) and alert.handle == handle:
                status = handle.status()
                session.remove_torrent(handle)
                return status


def test_real_files_are_found_whole(libtorrent: ModuleType, session: Any, tmp_path: Path) -> None:
    for name in ALL:
        whole = generate.write(name, tmp_path)
        for flavour in FLAVOURS:
            assembled = made(name, files_of(name), flavour)
            is_bare = meant(name, assembled, flavour)[0][0] in files_of(name)
            folder = whole if is_bare and whole.is_dir() else tmp_path
            status = checked(libtorrent, session, assembled.torrent, folder)
            assert (name, flavour, status.progress, status.is_seeding) == (name, flavour, 1.0, True)
            assert status.total_wanted_done == sum(member.bytes for member in assembled.members)
        assert not list(whole.glob("**/.pad"))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_byte_that_differs_is_found(libtorrent: ModuleType, session: Any, tmp_path: Path, flavour: Flavour) -> None:
    whole = generate.write("mixed", tmp_path)
    raw = files_of("mixed")["A - B/02 Two.credits.txt"]
    (whole / "A - B/02 Two.credits.txt").write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    assembled = made("mixed", files_of("mixed"), flavour)
    status = checked(libtorrent, session, assembled.torrent, tmp_path)
    assert not status.is_seeding
    assert status.total_wanted_done == sum(member.bytes for member in assembled.members) - len(raw)
