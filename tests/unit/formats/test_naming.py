"""Logical names: the laws as properties, the cases that gave them as examples."""

import re
import unicodedata
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats.naming import (
    MAX_NAME_BYTES,
    MAX_PATH_BYTES,
    clash_key,
    natural_key,
    portable,
    portable_paths,
    split_ending,
)

# Names as a file system gives them: any bytes but "/" and NUL.
NAMES = st.binary(min_size=1, max_size=255).map(
    lambda raw: raw.replace(b"/", b"-").replace(b"\0", b"-").decode("utf-8", "surrogateescape")
)
TEXTS = st.text(min_size=1, max_size=120).map(lambda text: text.replace("/", "-").replace("\0", "-"))
ODD = st.text(alphabet="aA.é\u0301\u202e ~CONcon\u3000\t-_ßsſ", min_size=1, max_size=6)
ANY_NAME = st.one_of(NAMES, TEXTS, ODD)
PATHS = st.lists(ANY_NAME.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4).map("/".join)

RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"COM{n}" for n in range(10)), *(f"LPT{n}" for n in range(10))}


def offences(name: str) -> list[str]:
    """What some system would not take, written apart from the code that makes names."""
    found = []
    if unicodedata.normalize("NFC", name) != name:
        found.append("not NFC")
    if not name or len(name.encode()) > MAX_NAME_BYTES:
        found.append("length")
    if set(name) & set('?*:"<>|\\/'):
        found.append("forbidden by Windows")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name):
        found.append("control")
    if any(
        unicodedata.bidirectional(char) in ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
        for char in name
    ):
        found.append("turns the line")
    if name != name.strip() or name.endswith(".") or name.startswith("."):
        found.append("ends")
    if name.split(".")[0].rstrip().upper() in RESERVED:
        found.append("reserved")
    return found


@given(ANY_NAME)
def test_every_name_becomes_portable(name: str) -> None:
    assert offences(portable(name)) == []


@given(ANY_NAME)
def test_a_logical_name_stays_as_it_is(name: str) -> None:
    assert portable(portable(name)) == portable(name)


@given(st.lists(ANY_NAME, max_size=8, unique=True))
def test_no_two_names_in_a_folder_clash(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        chosen = portable(name, taken)
        assert offences(chosen) == []
        taken.append(chosen)
    assert len({unicodedata.normalize("NFD", name).casefold() for name in taken}) == len(names)


@given(st.lists(PATHS, max_size=8, unique=True), st.randoms())
def test_paths_of_a_release(paths: list[str], random: Random) -> None:
    found = portable_paths(paths)
    assert set(found) == set(paths)
    assert len({clash_key(path) for path in found.values()}) == len(paths)
    for path in found.values():
        assert len(path.encode()) <= MAX_PATH_BYTES
        assert all(not offences(part) for part in path.split("/"))
    # Files of one folder stay together, whatever the order they were told in.
    random.shuffle(paths)
    assert portable_paths(paths) == found
    places: dict[str, set[str]] = {}
    for path in paths:
        places.setdefault(path.rpartition("/")[0], set()).add(found[path].rpartition("/")[0])
    assert all(len(place) == 1 for place in places.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("01 Aria.flac", "01 Aria.flac"),
        ("Cafe\u0301.ogg", "Café.ogg"),
        ("CON.ogg", "_CON.ogg"),
        ("com1", "_com1"),
        ("Lpt¹.tar.gz", "_Lpt¹.tar.gz"),
        ("Conrad.ogg", "Conrad.ogg"),
        ('a:b*c?d"e<f>g|h.ogg', "a_b_c_d_e_f_g_h.ogg"),
        ("back\\slash.ogg", "back_slash.ogg"),
        ("new\nline.ogg", "new_line.ogg"),
        ("esc\x1b[31mred.ogg", "esc_[31mred.ogg"),
        ("rtl\u202egpj.ogg", "rtl_gpj.ogg"),
        ("latin1-\udce9\udcff.ogg", "latin1-__.ogg"),
        (" leading and trailing .ogg ", "leading and trailing .ogg"),
        (".hidden.ogg", "_.hidden.ogg"),
        (".pad", "_.pad"),
        ("...", "_"),
        ("a .\u3000.", "a"),
        ("-rf.mp3", "-rf.mp3"),
        ("🎵🎶 party 👩\u200d🎤.ogg", "🎵🎶 party 👩\u200d🎤.ogg"),
        ("می\u200cخواهم.flac", "می\u200cخواهم.flac"),
        ("<img src=x onerror=alert(1)>.ogg", "_img src=x onerror=alert(1)_.ogg"),
        ("U00E5.ogg", "U00E5.ogg"),
    ],
)
def test_names_that_were_met(name: str, expected: str) -> None:
    assert portable(name) == expected


def test_a_long_name_is_cut_between_characters_and_keeps_its_ending() -> None:
    for letter in ("n", "ж", "漢", "🎵"):
        chosen = portable(letter * 300 + ".flac")
        assert MAX_NAME_BYTES - 4 < len(chosen.encode()) <= MAX_NAME_BYTES
        assert re.fullmatch(f"{letter}+-[0-9a-f]{{8}}\\.flac", chosen)


def test_names_cut_alike_stay_apart_whoever_comes_first() -> None:
    one, two = "n" * 250 + "1.flac", "n" * 250 + "2.flac"
    assert portable(one) != portable(two)
    assert portable_paths([one, two]) == {one: portable(one), two: portable(two)}


def test_twins_get_the_hash_of_what_they_were() -> None:
    found = portable_paths(["Case.ogg", "case.ogg", "Caf\u00e9.ogg", "Cafe\u0301.ogg", "x/y", "X/z"])
    assert found["Case.ogg"] == "Case.ogg"
    assert found["case.ogg"] == "case-fd68b691.ogg"  # docs/formats/folders.md: printf case.ogg | sha256sum
    assert {found["Caf\u00e9.ogg"], found["Cafe\u0301.ogg"]} >= {"Café.ogg"}
    assert found["X/z"].split("/")[0] != found["x/y"].split("/")[0].upper()
    # It does not count: with another file beside it the name is the same.
    assert portable_paths(["Case.ogg", "CASE.ogg", "case.ogg"])["case.ogg"] == found["case.ogg"]


def test_a_path_that_is_too_deep_keeps_its_first_folder_and_its_name() -> None:
    deep = "CD1/" + "d" * 50 + ("/" + "d" * 50) * 19
    found = portable_paths([f"{deep}/a.flac", f"{deep}/b.flac", f"{deep}/d/a.flac", "CD1/a.flac"])
    assert found["CD1/a.flac"] == "CD1/a.flac"
    assert re.fullmatch(r"CD1/deep-[0-9a-f]{16}/a\.flac", found[f"{deep}/a.flac"])
    assert found[f"{deep}/b.flac"].rpartition("/")[0] == found[f"{deep}/a.flac"].rpartition("/")[0]
    assert len(set(found.values())) == 4


def test_the_hostile_names(hostile: Path) -> None:
    names = [path.name for path in (hostile / "names").iterdir()]
    found = portable_paths(names)
    assert len(found) == 20
    assert all(offences(name) == [] for name in found.values())


def test_ending() -> None:
    assert split_ending("01 Aria.flac") == ("01 Aria", ".flac")
    assert split_ending(".flac") == (".flac", "")
    assert split_ending("Dr. No") == ("Dr. No", "")
    assert split_ending("a." + "x" * 40) == ("a." + "x" * 40, "")


def test_plain_letters_clash_as_all_do() -> None:
    text = "".join(map(chr, range(128)))
    assert clash_key(text) == unicodedata.normalize("NFD", text.casefold())


def test_natural_order() -> None:
    ordered = ["", "1 a", "01 b", "2 b", "10 a", "10 B", "A 1", "a 1", "a 2", "A 10", "B", "é", "\udce9"]
    assert sorted({*ordered}, key=natural_key) == ordered
    assert sorted(["9" * 5000, "8" * 5001], key=natural_key) == ["9" * 5000, "8" * 5001]


@given(st.lists(ANY_NAME, min_size=2, max_size=2, unique=True))
def test_natural_order_is_total(names: list[str]) -> None:
    one, two = names
    assert (natural_key(one) < natural_key(two)) != (natural_key(two) < natural_key(one))
