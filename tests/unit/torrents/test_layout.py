"""Layout: the order of BEP 52, pads that stay when others leave, and the names that every client keeps."""

import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.naming import portable_paths
from sonoteca.model.errors import Refused
from sonoteca.model.files import PIECE_BYTES
from sonoteca.model.ids import Digest
from sonoteca.model.torrent import Member
from sonoteca.torrents import layout

NAMES = st.text(st.sampled_from("ab -.Zé𝄞日"), min_size=1, max_size=4)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
MEMBERS = st.dictionaries(PATHS, st.integers(1, 3 * PIECE_BYTES), min_size=1, max_size=8).map(
    lambda sizes: [member(path, size) for path, size in sizes.items()]
)


def member(path: str, size: int = 1) -> Member:
    return Member(path=path, digest=Digest("0" * 64), bytes=size)


def members(*paths: str) -> list[Member]:
    return [member(path) for path in paths]


def paths_of(found: tuple[Member, ...]) -> list[str]:
    return [one.path for one in found]


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_stands_before_its_longer_name() -> None:
    found = layout.ordered(members("Foo - Live/a", "Foo/b", "Foo.txt", "Foo/a", "é", "z", "Z"))
    assert paths_of(found) == ["Foo/a", "Foo/b", "Foo - Live/a", "Foo.txt", "Z", "z", "é"]


def test_the_order_is_of_bytes_and_not_of_utf_16() -> None:
    # U+FF5E is below U+1D11E in UTF-8, above it in UTF-16.
    assert paths_of(layout.ordered(members("𝄞", "～"))) == ["～", "𝄞"]


@given(MEMBERS, st.randoms(use_true_random=False))
def test_the_order_given_does_not_count(found: list[Member], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert layout.ordered(shuffled) == layout.ordered(found)
    assert layout.entries(shuffled) == layout.entries(found)


# ── pads ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(MEMBERS)
def test_every_file_begins_a_piece_and_every_pad_has_its_own_name(found: list[Member]) -> None:
    start, pads = 0, []
    for entry in layout.entries(found):
        if entry.is_pad:
            pads.append(entry.path)
            assert 0 < entry.bytes < PIECE_BYTES
        else:
            assert start % PIECE_BYTES == 0
        start += entry.bytes
    assert len(set(pads)) == len(pads)
    assert len(found) == 1 or start % PIECE_BYTES == 0


@given(MEMBERS.filter(lambda found: len(found) > 2), st.integers(0))
def test_when_a_file_leaves_the_others_stay_as_they_are(found: list[Member], which: int) -> None:
    gone = found[which % len(found)]
    left = [one for one in found if one is not gone]
    own = {gone.path, f".pad/{layout.pad_name(gone.path, -gone.bytes % PIECE_BYTES)}"}
    assert [entry for entry in layout.entries(found) if entry.path not in own] == list(layout.entries(left))


def test_one_file_has_no_pad() -> None:
    assert [entry.is_pad for entry in layout.entries([member("a/b", 5)])] == [False]
    assert [entry.is_pad for entry in layout.entries([member("a/b", PIECE_BYTES), member("c", 5)])] == [
        False,
        False,
        True,
    ]


def test_the_name_of_a_pad() -> None:
    # The hash of the path, so that it is no other's; the size, as BEP 47 recommends.
    assert layout.pad_name("a", 5) == "ca978112ca1bbdcafac231b39a23dc4d.5"


def test_one_file_without_a_folder() -> None:
    assert layout.is_one_file("a", members("a"))
    assert not layout.is_one_file("a", members("b"))
    assert not layout.is_one_file("a", members("a/a"))
    assert not layout.is_one_file("a", members("a", "b"))


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

KEPT = [
    "01 Aria.opus",
    "Ænima – “Live” (1996) [FLAC]",
    "東京",
    "Sigur Rós & Friends; vol. 1, no. 2",
    "a" * 240,
    "می\u200cخواهم",
    "👨\u200d👩\u200d👧",
    "CONcert",
    "com10",
    ".hidden",
    "100% #1 'x' `y` $z ~ ^ {} = + @ !",
]

REFUSED = [
    ("an empty name", ""),
    *(("a character", f"a{sign}b") for sign in '?*:"<>|\\\0\n\t\x7f\x85\u202e\u200b\u2028\ufeff\ud800'),
    ("normal form C", unicodedata.normalize("NFD", "é")),
    ("normal form C", "\u212b"),  # the sign of the unit, which composes to the letter
    *(("at an end", name) for name in ("a ", " a", "a.", "...", ".", "..", "a. .", " ")),
    *(("reserved", name) for name in ("CON", "nul", "aux.txt", "Com1", "lpt¹.flac", "con .x", "PRN.a.b")),
    ("longer than 240", "a" * 241),
    ("longer than 240", "é" * 121),
]


@pytest.mark.parametrize("name", KEPT)
def test_portable_names_are_kept(name: str) -> None:
    layout.verify_names(name, members(f"{name}/{name}", f"{name}/other"))


@pytest.mark.parametrize(("said", "name"), REFUSED)
@pytest.mark.parametrize("form", ["{}", "folder/{}", "{}/file"])
def test_other_names_are_refused(said: str, name: str, form: str) -> None:
    with pytest.raises(Refused) as caught:
        layout.verify_names("T", members(form.format(name)))
    assert said in caught.value.what
    caught.value.where.encode("utf-8")
    with pytest.raises(Refused, match="a name in a torrent"):
        layout.verify_names(name, members("a"))


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        ("two files of a torrent have one path", ["a/b", "a/b"]),
        ("a file and a folder", ["a", "a/b"]),
        ("a file and a folder", ["a/b/c", "a/b"]),
        ("only by case or accents from 'a/B'", ["a/B", "a/b"]),
        ("only by case or accents from 'Foo'", ["Foo/a", "foo/b"]),
        ("only by case or accents", ["x/Straße/a", "x/STRASSE/b"]),
        ("only by case or accents", ["a/É", "a/é"]),
        # libtorrent drops the joiner, and then adds a number to one of the two.
        ("only by case or accents", ["a\u200cb", "ab"]),
        ("only by case or accents from 'A'", ["A", "a/b"]),
        ("the folder of pads", [".pad/1"]),
        ("the folder of pads", [".PAD/1"]),
        ("the folder of pads", [".pad"]),
        ("an empty name", ["/a"]),
        ("an empty name", ["a//b"]),
        ("an empty name", ["a/"]),
    ],
)
def test_paths_that_some_system_takes_for_one(said: str, paths: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        layout.verify_names("T", members(*paths))
    assert said in str(caught.value)
    with pytest.raises(Refused):
        layout.verify_names("T", members(*reversed(paths)))


def test_the_same_name_in_two_folders_is_no_clash() -> None:
    layout.verify_names("T", members("a/cover.jpg", "b/cover.jpg", "b/Cover", "c/cover", "a/x/.pad", "T/a"))


ANY_NAMES = st.one_of(st.text(max_size=6), st.text(st.sampled_from('aA.~ é\u0301:?"con1\t\u202e'), max_size=5))
ANY_PATHS = st.lists(ANY_NAMES, min_size=1, max_size=4).map("/".join).filter(lambda path: "\u200c" not in path)


@given(st.lists(ANY_PATHS.filter(lambda path: "\u200d" not in path), min_size=1, max_size=8))
def test_what_naming_makes_is_not_refused(paths: list[str]) -> None:
    """Names that acquire gave are names that a torrent takes: the laws here are no stricter, but for joiners alone."""
    layout.verify_names("T", members(*portable_paths(paths).values()))
