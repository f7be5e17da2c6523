"""Sheets: what goes out comes back as it was, only changed cells are edits, and no hostile text becomes a formula."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.catalogue.edits import apply_edits
from sonoteca.catalogue.sheets import COLUMNS, CUT, Edited, edits_from, export_rows, format_sheet
from sonoteca.model.release import Contributor, Release, Statement
from tests.unit.catalogue import making

HOSTILE = st.one_of(
    st.text(max_size=30),
    st.text("=+-@'\t\r\n\"\\;,␛␀\ufeff\udce9\ud800\0 aA1cut", max_size=12),
    st.sampled_from(
        ["=HYPERLINK(1)", "'=1", "''", "-1", "@SUM", " =1", "＝1", "␛cut", "x" * 40_000, "\r\n", "07", "1e5"]
    ),
)


def sheet(*releases: Release) -> bytes:
    """As it is written to a file."""
    return "".join(format_sheet(releases)).encode()


def cells(raw: bytes, delimiter: str = ",") -> list[list[str]]:
    """As a spreadsheet sees it."""
    return list(csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=delimiter))


def changed(raw: bytes, change: Callable[[list[list[str]]], object]) -> bytes:
    """The sheet after somebody worked on it."""
    found = cells(raw)
    change(found)
    text = io.StringIO()
    csv.writer(text).writerows(found)
    return text.getvalue().encode()


def read(raw: bytes, *releases: Release) -> Edited:
    """The edits in a sheet over these releases."""
    return edits_from(raw, {str(one.id): one for one in releases}.get)


def put(column: str, row: int, text: str) -> Callable[[list[list[str]]], None]:
    """Writes a cell; the header is row 0."""

    def change(found: list[list[str]]) -> None:
        found[row][COLUMNS.index(column)] = text

    return change


def codes(edited: Edited) -> list[str]:
    return [one.code for one in edited.findings]


def worded(text: str) -> Release:
    """A release with this text wherever text may stand."""
    release = making.release(tracks=2)
    statement = Statement(text=text, source="tag")
    artist = Contributor(name=text, role="artist", source="tag")
    tracks = tuple(
        replace(one, title=statement, number=text, side=text, contributors=(artist,)) for one in release.tracks
    )
    return replace(
        release,
        title=statement,
        description=text,
        label=text,
        genres=(text, text),
        contributors=(artist,),
        date=text,
        tracks=tracks,
    )


@given(HOSTILE)
def test_out_and_in_changes_nothing(text: str) -> None:
    release = worded(text)
    assert read(sheet(release), release) == Edited(edits={}, findings=())


@given(HOSTILE)
def test_no_cell_is_a_formula(text: str) -> None:
    for row in cells(sheet(worded(text)))[1:]:
        assert not [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠") or cell[:1] in tuple("\t\r\n")]
        assert all(len(cell) < 32_767 for cell in row)


@given(HOSTILE)
def test_a_hostile_text_stays_when_its_neighbour_is_edited(text: str) -> None:
    release = worded(text)
    edited = read(changed(sheet(release), put("place", 1, "Oslo")), release)
    assert edited.edits == {release.id: {"place": "Oslo"}}
    after = apply_edits(release, edited.edits[release.id])
    assert replace(after, place="") == release


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20))
def test_what_is_typed_is_what_is_meant(text: str) -> None:
    release = making.release()
    typed = export_rows(replace(release, place=text))[0]["place"]
    edited = read(changed(sheet(release), put("place", 1, typed)), release)
    assert edited.findings == ()
    assert edited.edits == ({release.id: {"place": text}} if text else {})


def test_an_apostrophe_that_people_type_stays() -> None:
    release = making.release()
    edited = read(changed(sheet(release), put("release_title", 1, "'tis")), release)
    assert edited.edits == {release.id: {"title": "'tis"}}


def test_only_changed_cells_are_edits() -> None:
    one, two = making.release(1), making.release(2)
    edited = read(changed(sheet(one, two), put("track_title", 2, "New")), one, two)
    assert edited.findings == ()
    assert edited.edits == {one.id: {f"tracks/{one.tracks[1].id}/title": "New"}}


def test_a_field_of_the_release_may_be_changed_in_one_row_or_in_all() -> None:
    release = making.release()

    def everywhere(found: list[list[str]]) -> None:
        for row in found[1:]:
            row[COLUMNS.index("label")] = "L"

    assert read(changed(sheet(release), everywhere), release) == read(
        changed(sheet(release), put("label", 2, "L")), release
    )


def test_rows_that_disagree_change_nothing_there() -> None:
    release = making.release()

    def both(found: list[list[str]]) -> None:
        put("label", 1, "L")(found)
        put("label", 2, "M")(found)
        put("place", 1, "P")(found)

    edited = read(changed(sheet(release), both), release)
    assert codes(edited) == ["E005"]
    assert edited.edits == {release.id: {"place": "P"}}


def test_a_release_that_changed_since_is_left_alone() -> None:
    release = making.release()
    raw = changed(sheet(release), put("place", 1, "Oslo"))
    edited = read(raw, apply_edits(release, {"label": "New"}))
    assert edited.edits == {}
    assert set(codes(edited)) == {"E004"}


def test_rows_of_nobody_are_told_apart() -> None:
    release = making.release()

    def spoil(found: list[list[str]]) -> None:
        put("release_id", 1, "urn:uuid:other")(found)
        put("track_id", 2, "trk_other")(found)
        put("place", 3, "Oslo")(found)

    edited = read(changed(sheet(release), spoil), release)
    assert [(one.code, one.where) for one in edited.findings] == [("E002", "row 2"), ("E002", "row 3")]
    assert edited.edits == {release.id: {"place": "Oslo"}}


def test_a_text_that_the_field_cannot_hold_is_a_finding_and_the_rest_counts() -> None:
    release = making.release()

    def both(found: list[list[str]]) -> None:
        put("date", 1, "May-99")(found)
        put("place", 1, "Oslo")(found)

    edited = read(changed(sheet(release), both), release)
    assert codes(edited) == ["E006"]
    assert edited.edits == {release.id: {"place": "Oslo"}}


def test_a_cut_cell_can_be_left_but_not_edited() -> None:
    release = replace(making.release(), description="x" * 100_000)
    raw = sheet(release)
    assert read(raw, release) == Edited(edits={}, findings=())
    edited = read(changed(raw, put("description", 1, "y" + CUT)), release)
    assert (codes(edited), edited.edits) == (["E006"], {})


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"a,b,c\r\n1,2,3\r\n", b"release_id,position,track_id\r\n", b"\0" * 50]
)
def test_what_is_no_sheet_is_one_finding(raw: bytes) -> None:
    edited = read(raw, making.release())
    assert (codes(edited), edited.edits) == (["E001"], {})


def test_a_byte_order_mark_other_delimiters_orders_and_line_ends_are_read() -> None:
    release = making.release()
    found = cells(changed(sheet(release), put("place", 1, "a\r\nb")))
    turned = [list(reversed(row)) for row in found]
    for delimiter in ";\t":
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(turned)
        raw = b"\xef\xbb\xbf" + text.getvalue().encode()
        assert read(raw, release) == Edited(edits={release.id: {"place": "a\r\nb"}}, findings=())


def test_rows_that_are_broken_do_not_hide_the_others() -> None:
    release = making.release()
    raw = changed(sheet(release), put("place", 1, "Oslo")) + b"only,three,cells\r\n\r\n" + b"x" * 200_000 + b"\r\n"
    edited = read(raw, release)
    assert codes(edited) == ["E003", "E003"]
    assert edited.edits == {release.id: {"place": "Oslo"}}


def test_a_column_too_many_is_noted() -> None:
    release = making.release()

    def widen(found: list[list[str]]) -> None:
        for row in found:
            row.append("mine")

    assert codes(read(changed(sheet(release), widen), release)) == ["E007"]


@given(st.binary(max_size=200), st.integers(0, 2_000))
def test_no_bytes_break_the_reader(noise: bytes, at: int) -> None:
    """Whatever is spliced into a sheet: findings or edits, never an error."""
    release = making.release()
    raw = sheet(release)
    edited = read(raw[:at] + noise + raw[at:], release)
    for edits in edited.edits.values():
        apply_edits(release, edits)


def test_a_release_without_tracks_can_be_described() -> None:
    release = replace(making.release(), tracks=())
    edited = read(changed(sheet(release), put("place", 1, "Oslo")), release)
    assert edited == Edited(edits={release.id: {"place": "Oslo"}}, findings=())
