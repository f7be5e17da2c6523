"""Releases out of folders: each rule by example, then the law over all trees: every entry in exactly one plan."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.acquire import folders
from sonoteca.acquire.folders import name_of, plan
from sonoteca.acquire.planned import MAX_FILES
from sonoteca.model.source import Entry, FolderPlan, Kind, Role
from sonoteca.ports import walking
from sonoteca.ports.local_source import LocalSource
from sonoteca.ports.memory.source import MemorySource, Thing

X = Thing(content=b"x")


def entries_of(paths: Iterable[str] | dict[str, Thing]) -> list[Entry]:
    """What a source lists for files at these paths."""
    laid = paths if isinstance(paths, dict) else dict.fromkeys(paths, X)
    things = {"/top": Thing(kind=Kind.FOLDER), **{f"/top/{path}": thing for path, thing in laid.items()}}
    return list(MemorySource(things).list("/top"))


def planned(things: Iterable[str] | dict[str, Thing]) -> dict[str, FolderPlan]:
    found = list(plan(entries_of(things), "top"))
    assert len({one.folder for one in found}) == len(found)
    return {one.folder: one for one in found}


def shape(*paths: str) -> dict[str, list[str]]:
    """{folder of the release: the paths in it}."""
    return {folder: [file.path for file in one.files] for folder, one in planned(paths).items()}


# ── the rules ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_with_recordings_is_a_release() -> None:
    found = planned(["Nina/1965 - Pastel/01.flac", "Nina/1965 - Pastel/cover.jpg", "Nina/1958 - Blue/01.mp3"])
    assert list(found) == ["Nina/1958 - Blue", "Nina/1965 - Pastel"]
    pastel = found["Nina/1965 - Pastel"]
    assert (pastel.name, pastel.parents) == ("1965 - Pastel", ("top", "Nina"))
    assert [(file.path, file.role, file.bytes) for file in pastel.files] == [
        ("01.flac", Role.AUDIO, 1),
        ("cover.jpg", Role.ARTWORK, 1),
    ]


def test_the_listed_folder_may_be_the_release() -> None:
    (found,) = plan(entries_of(["01.flac", "CD2/01.flac"]), "Pastel")
    assert (found.folder, found.name, found.parents) == ("", "Pastel", ())


def test_one_file_is_named_after_itself() -> None:
    source = MemorySource({"/music/Aria (live).flac": X, "/music/b.flac": X})
    (found,) = plan(source.list("/music/Aria (live).flac"), name_of("/music/Aria (live).flac"))
    assert (found.folder, found.name, len(found.files)) == ("", "Aria (live)", 1)


def test_discs_and_sides_merge() -> None:
    found = planned(
        ["A/CD1/1.flac", "A/CD 2/1.flac", "A/Disk_3/1.flac", "A/CD4 (live)/1.flac", "A/CD5 - Live/s/1.flac"]
    )
    assert {(file.path, file.disc) for file in found["A"].files} == {
        *(("CD1/1.flac", 1), ("CD 2/1.flac", 2), ("Disk_3/1.flac", 3), ("CD4 (live)/1.flac", 4)),
    }
    assert list(found) == ["A/CD5 - Live/s", "A"]
    found = planned(["B/LP1/Side A/1.wav", "B/LP1/Side B/1.wav", "B/LP2 Side C/1.wav", "B/LP2/Seite D/1.wav"])
    assert {(file.path, file.disc, file.side) for file in found["B"].files} == {
        ("LP1/Side A/1.wav", 1, "A"),
        ("LP1/Side B/1.wav", 1, "B"),
        ("LP2 Side C/1.wav", 2, "C"),
        ("LP2/Seite D/1.wav", 2, "D"),
    }


def test_one_disc_is_no_disc_and_a_lonely_second_one_is() -> None:
    assert {file.disc for file in planned(["A/CD1/1.flac", "A/CD1/2.flac"])["A"].files} == {0}
    assert {file.disc for file in planned(["A/CD1/1.flac", "A/CD2/2.flac"])["A"].files} == {1, 2}
    assert {file.disc for file in planned(["A/CD2/1.flac", "A/CD2/2.flac"])["A"].files} == {2}


def test_volumes_and_numbers_are_releases_of_their_own() -> None:
    assert set(shape("A/Vol. 1/1.flac", "A/Vol. 2/1.flac")) == {"A/Vol. 1", "A/Vol. 2"}
    assert set(shape("A/1/1.flac", "A/2/1.flac")) == {"A/1", "A/2"}


def test_formats_are_twins() -> None:
    assert shape("A/FLAC/1.flac", "A/MP3 (320 kbps)/1.mp3", "A/Scans/f.jpg") == {
        "A": ["FLAC/1.flac", "MP3 (320 kbps)/1.mp3", "Scans/f.jpg"]
    }
    assert shape("A/1.wav", "A/mp3/1.mp3") == {"A": ["1.wav", "mp3/1.mp3"]}
    found = planned(["A/24bit/CD1/1.flac", "A/24bit/CD2/1.flac", "A/16bit/CD1/1.flac", "A/16bit/CD2/1.flac"])
    assert {(file.path[:5], file.disc) for file in found["A"].files} == {
        *(("16bit", 1), ("16bit", 2), ("24bit", 1), ("24bit", 2))
    }


def test_formats_of_a_whole_shelf_are_no_twins() -> None:
    assert set(shape("FLAC/A/1.flac", "FLAC/B/1.flac", "MP3/C/1.mp3")) == {"FLAC/A", "FLAC/B", "MP3/C"}
    assert set(shape("flac/1.flac", "mp3/1.mp3", "Album/1.flac")) == {"flac", "mp3", "Album"}


def test_an_album_may_be_called_like_a_format() -> None:
    assert set(shape("Prydz/Opus/1.flac")) == {"Prydz/Opus"}
    assert set(shape("Prydz/Album/OPUS/1.opus")) == {"Prydz/Album"}


def test_what_lies_beside_belongs_to_the_release() -> None:
    assert shape("A/1.flac", "A/Scans/front/f.png", "A/logs/x.log", "A/Whatever/readme.txt", "A/Bonus/b.flac") == {
        "A": ["1.flac", "Bonus/b.flac", "Scans/front/f.png", "Whatever/readme.txt", "logs/x.log"]
    }
    assert shape("A/CD1/1.flac", "A/CD1/Scans/f.png", "A/Artwork/f.png") == {
        "A": ["Artwork/f.png", "CD1/1.flac", "CD1/Scans/f.png"]
    }


def test_beside_nothing_it_is_a_release_of_its_own() -> None:
    assert set(shape("Artist/Extras/1.flac", "Artist/Album/1.flac")) == {"Artist/Extras", "Artist/Album"}


def test_loose_files_beside_releases_are_a_release() -> None:
    assert shape("Artist/stray.mp3", "Artist/bio.txt", "Artist/Album/1.flac") == {
        "Artist/Album": ["1.flac"],
        "Artist": ["bio.txt", "stray.mp3"],
    }


def test_what_belongs_to_nothing_is_said() -> None:
    found = planned(["Artist/bio.txt", "Artist/Texts/a/1.txt", "Artist/Album/1.flac", "index.csv"])
    assert [
        (one.folder, [file.path for file in one.files], [each.code for each in one.findings]) for one in found.values()
    ] == [
        ("Artist/Album", ["1.flac"], []),
        ("Artist", ["Texts/a/1.txt", "bio.txt"], ["F015"]),
        ("", ["index.csv"], ["F015"]),
    ]


def test_documents_climb_to_the_nearest_release_and_not_past_other_releases() -> None:
    assert shape("top.mp3", "Texts/a/1.txt", "Artist/bio.txt", "Artist/Album/1.flac") == {
        "Artist/Album": ["1.flac"],
        "Artist": ["bio.txt"],
        "": ["Texts/a/1.txt", "top.mp3"],
    }


def test_unknown_files_are_recordings_when_there_is_little_else() -> None:
    assert set(shape("A/1.flac", "A/odd/take1", "A/odd/take2")) == {"A", "A/odd"}
    assert set(shape("A/1.flac", "A/odd/take1.sfk", "A/odd/a.txt", "A/odd/b.txt")) == {"A"}


def test_a_manifest_makes_one_release_of_all_below() -> None:
    found = planned(
        ["klettres/rights.json", "klettres/COPYRIGHT", "klettres/ar/alpha/U00E5.ogg", "klettres/MP3/CD2/b.ogg"]
    )
    assert {(file.path, file.role, file.disc) for file in found["klettres"].files} == {
        ("rights.json", Role.EVIDENCE, 0),
        ("COPYRIGHT", Role.EVIDENCE, 0),
        ("ar/alpha/U00E5.ogg", Role.AUDIO, 0),
        ("MP3/CD2/b.ogg", Role.AUDIO, 2),
    }


def test_the_nearest_manifest_wins() -> None:
    found = shape("rights.json", "a/1.flac", "b/rights.json", "b/1.flac", "b/c/2.flac", "d/1.flac")
    assert found == {"b": ["1.flac", "c/2.flac", "rights.json"], "": ["a/1.flac", "d/1.flac", "rights.json"]}


def test_a_manifest_that_cannot_be_read_is_none() -> None:
    for manifest in (Thing(content=b""), Thing(content=b"x", readable=False), Thing(kind=Kind.LINK, content=b"y")):
        found = planned({"rights.json": manifest, "a/1.flac": X, "b/1.flac": X})
        assert set(found) == {"a", "b", ""}


def test_evidence_above_is_inherited_nearest_first() -> None:
    found = planned(
        [
            "rights.toml",
            "COPYRIGHT",
            "rights.json.txt",
            "Artist/LICENSE",
            "Artist/Album/CD1/1.flac",
            "Artist/Album/COPYING",
        ]
    )
    album = found["Artist/Album"]
    assert album.inherited == ("Artist/LICENSE", "COPYRIGHT", "rights.toml")
    assert album.inherited_bytes == 3
    assert [file.path for file in album.files if file.role is Role.EVIDENCE] == ["COPYING"]
    # Where there are no recordings, evidence is accounted for too.
    assert [file.path for file in found[""].files] == ["COPYRIGHT", "rights.json.txt", "rights.toml"]


def test_a_manifest_above_is_not_inherited() -> None:
    found = planned(["rights.json", "LICENSE", "b/rights.json", "b/1.flac"])
    assert found["b"].inherited == ("LICENSE",)


def test_what_is_refused_says_why() -> None:
    found = planned(
        {
            "A/1.flac": X,
            "A/link.flac": Thing(kind=Kind.LINK, content=b"1.flac"),
            "A/pipe.flac": Thing(kind=Kind.OTHER),
            "A/closed.flac": Thing(content=b"x", readable=False),
            "A/empty.flac": Thing(),
            "A/Thumbs.db": X,
            "A/packed.zip": X,
            "A/dir.flac": Thing(kind=Kind.FOLDER),
            "A/nothing": Thing(kind=Kind.FOLDER),
            "A/shut": Thing(kind=Kind.FOLDER, readable=False),
            "A/@eaDir": Thing(kind=Kind.FOLDER, readable=False),
            "A/links/l": Thing(kind=Kind.LINK, content=b".."),
        }
    )
    assert {file.path: file.finding.code for file in found["A"].files if file.finding} == {
        **{"link.flac": "F001", "pipe.flac": "F002", "closed.flac": "F003", "empty.flac": "F004", "Thumbs.db": "F010"},
        **{"packed.zip": "F011", "dir.flac": "F012", "shut": "F003", "@eaDir": "F010", "links/l": "F001"},
    }
    assert all((file.finding is None) == (file.role is not Role.REFUSED) for file in found["A"].files)
    assert found["A"].bytes == 1


def test_folders_that_were_too_deep_are_said() -> None:
    assert folders.MAX_DEPTH == walking.MAX_DEPTH
    deep = "/".join("d" * (walking.MAX_DEPTH + 1))
    (found,) = plan([Entry(path=deep, kind=Kind.FOLDER, readable=False)], "top")
    assert [(file.path, file.finding and file.finding.code) for file in found.files] == [(deep, "F013")]


def test_a_dump_is_refused_whole_and_by_name() -> None:
    entries = [Entry(path=f"{number:06d}.wav", kind=Kind.FILE, bytes=1) for number in range(MAX_FILES + 1)]
    (found,) = plan([*entries, Entry(path="A/1.wav", kind=Kind.FILE, bytes=1)][:-1], "top")
    assert [one.code for one in found.findings] == ["F014"]
    assert "20,000" in found.findings[0].detail
    assert Counter(file.finding.code for file in found.files if file.finding) == {"F014": MAX_FILES + 1}
    (found,) = plan(entries[:-1], "top")
    assert found.findings == ()


@pytest.mark.parametrize(
    "paths",
    [["a/1", "b/1", "a/2"], ["b/1", "a/1"], ["a/1", "x"], ["a/b/1", "a/x"], ["a/b/1", "a/a/1"], ["a-b/1", "a/1"]],
)
def test_another_order_is_a_mistake(paths: list[str]) -> None:
    with pytest.raises(ValueError, match="order"):
        list(plan([Entry(path=path, kind=Kind.FILE, bytes=1) for path in paths], "top"))


def test_plans_come_as_soon_as_a_folder_is_behind() -> None:
    found = plan(iter(entries_of(["a/1.flac", "b/1.flac"])), "top")
    assert next(found).folder == "a"


def test_the_name_of_a_root() -> None:
    assert [name_of(root) for root in ("/music/Nina", "/music/Nina/", "/", "Nina")] == ["Nina", "Nina", "", "Nina"]


# ── every entry in exactly one plan ──────────────────────────────────────────────────────────────────────────────────


def words(text: str) -> list[str]:
    return text.split(" ")


FOLDER_NAMES = st.sampled_from(
    words("A B CD1 CD2 FLAC MP3 Scans Extras Artist dir.flac .git Disc\u00a02 Side\u00a0A é \udce9 LICENSES")
)
FILE_NAMES = st.sampled_from(
    words("1.flac 2.mp3 a.txt f.jpg rights.json rights.toml COPYRIGHT x odd.x Thumbs.db z.zip .h.ogg é.wav \udce9.ogg")
)
THINGS = st.sampled_from(
    [X, X, X, X, Thing(), Thing(content=b"x", readable=False), Thing(kind=Kind.LINK), Thing(kind=Kind.OTHER)]
)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Thing]:
    """Folders and files of any shape; a file never stands where a folder is."""
    found: dict[str, Thing] = {}
    for _ in range(draw(st.integers(0, 14))):
        above = draw(st.lists(FOLDER_NAMES, max_size=4))
        if draw(st.integers(0, 9)):
            found["/".join([*above, draw(FILE_NAMES)])] = draw(THINGS)
        elif above:
            found.setdefault("/".join(above), Thing(kind=Kind.FOLDER, readable=draw(st.booleans())))
    return {
        path: thing
        for path, thing in found.items()
        if thing.kind is Kind.FOLDER or not any(one.startswith(f"{path}/") for one in found)
    }


@given(trees())
def test_every_entry_is_in_exactly_one_plan(things: dict[str, Thing]) -> None:
    entries = entries_of(things)
    plans = list(plan(entries, "top"))
    seen = Counter(f"{one.folder}/{file.path}".lstrip("/") for one in plans for file in one.files)
    assert seen.total() == len(seen)
    assert {entry.path for entry in entries if entry.kind is not Kind.FOLDER} <= set(seen)
    # A folder is in a plan only to be refused.
    kinds = {entry.path: entry for entry in entries}
    assert all(
        kinds[path].kind is not Kind.FOLDER or path.endswith("dir.flac") or not kinds[path].readable for path in seen
    )
    assert {entry.path for entry in entries if entry.kind is Kind.FOLDER and not entry.readable} <= set(seen)


@given(trees())
def test_plans_are_in_order_and_say_why(things: dict[str, Thing]) -> None:
    sizes = {path: len(thing.content) for path, thing in things.items()}
    plans = list(plan(entries_of(things), "top"))
    assert len({one.folder for one in plans}) == len(plans)
    for one in plans:
        assert [file.path for file in one.files] == sorted(file.path for file in one.files)
        assert all((file.finding is None) == (file.role is not Role.REFUSED) for file in one.files)
        assert one.parents == (("top", *one.folder.split("/")[:-1]) if one.folder else ())
        above = [one.folder.rsplit("/", depth)[0] for depth in range(one.folder.count("/") + 1)]
        assert all(path.rpartition("/")[0] in {"", *above} - {one.folder} for path in one.inherited)
        assert one.inherited_bytes == sum(sizes[path] for path in one.inherited)
        has_sound = any(file.role in (Role.AUDIO, Role.UNKNOWN) for file in one.files)
        has_manifest = any(file.path == "rights.json" and file.role is Role.EVIDENCE for file in one.files)
        assert has_sound or has_manifest or [each.code for each in one.findings] == ["F015"]


def test_the_hostile_set_is_accounted_for(hostile: Path) -> None:
    entries = list(LocalSource().list(str(hostile)))
    plans = {one.folder: one for one in plan(entries, name_of(str(hostile)))}
    seen = Counter(f"{one.folder}/{file.path}".lstrip("/") for one in plans.values() for file in one.files)
    others = {entry.path for entry in entries if entry.kind is not Kind.FOLDER}
    assert set(seen) == others | {"loops/dir.flac"}
    assert set(seen.values()) == {1}
    deep = [folder for folder in plans if folder.startswith("deep/")]
    assert len(deep) == 1
    assert set(plans) == {
        *("bitflip", "cover", "flac", "loops", "mp3", "names", "ogg", "renamed", "silence", "sizes", "tags"),
        *("thirdparty/mutagen", "thirdparty/tinytag", "truncated", "video", "", deep[0]),
    }
    assert [one.code for one in plans[""].findings] == ["F015"]
    codes = {file.path: file.finding.code for file in plans["loops"].files if file.finding}
    links = dict.fromkeys(("a/b/up", "dangling.ogg", "etc", "good.ogg", "outside.ogg", "self"), "F001")
    assert codes == {**links, "pipe.flac": "F002", "noperm.ogg": "F003", "dir.flac": "F012"}


def test_the_corpus_is_its_releases(corpus: Path) -> None:
    plans = {one.folder: one for one in plan(LocalSource().list(str(corpus)), "corpus")}
    names = {path.name for path in corpus.iterdir() if path.is_dir()}
    assert set(plans) == names | {""}
    assert sum(file.role is Role.AUDIO for one in plans.values() for file in one.files) == 360
