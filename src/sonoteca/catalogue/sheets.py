"""Sheets: descriptions as a table that people edit in a spreadsheet, out and back in.

Takes  releases; or the text of a sheet and a way to look up the releases it names.
Gives  CSV (RFC 4180, UTF-8), a row a track; or the edits that the changed cells are, and findings about all else.
Never  half: a row that cannot be understood becomes a finding and changes nothing, the others count.

Only a cell that differs from what `format_sheet` would write now is an edit. The first columns are read-only: which
release and track, and `state`, a mark of everything editable in the release when it was exported: when the release has
changed since, its rows are stale, and taking them would undo the change, so they are left out with a finding.

A cell that a spreadsheet would take for a formula (= + - @, tab, CR, LF) gets an apostrophe in front, which reading
takes off again. What is no valid text is written as formats/escape.py says. A cell longer than spreadsheets hold is cut
and ends in ␛cut: it can be left as it is, not edited.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sonoteca.catalogue.edits import RELEASE_FIELDS, TRACK_FIELDS, apply_edits, track_names
from sonoteca.formats.escape import SIGN, format_text, parse_text
from sonoteca.model.finding import Finding, finding
from sonoteca.model.release import Release, Track

READ_ONLY = ("release_id", "position", "track_id", "state")
OF_RELEASE = {f"release_{name}" if name in ("title", "artist", "language") else name: name for name in RELEASE_FIELDS}
OF_TRACK = {f"track_{name}" if name in ("title", "artist", "language") else name: name for name in TRACK_FIELDS}
COLUMNS = (*READ_ONLY, *OF_RELEASE, *OF_TRACK)

MAX_SHEET_BYTES = 512 * 1024 * 1024
MAX_CELL = 32_000  # spreadsheets hold 32,767 characters in a cell and lose the rest without a word
CUT = SIGN + "cut"
FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]|'*[\t\r\n]")
GUARDED = re.compile(r"'+\s*[=+\-@＝＋－＠]|'+[\t\r\n]")

Cells = dict[str, str]
Lookup = Callable[[str], Release | None]
# By release and field, each text that is asked for, and the row that asks.
Wanted = dict[str, dict[str, dict[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What a sheet says: by release id the edits (see edits.py), and everything that could not be taken."""

    edits: Mapping[str, Mapping[str, str]]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a sheet: `number` as a person counts it, the header being 1."""

    number: int
    cells: Cells

    @property
    def where(self) -> str:
        return f"row {self.number}"

    @property
    def place(self) -> tuple[str, str]:
        return self.cells["position"].strip(), self.cells["track_id"].strip()


@dataclass(frozen=True, slots=True)
class _Now:
    """A release as it is: its rows by position and track id, and what the names of a track's fields begin with."""

    release: Release
    state: str
    rows: Mapping[tuple[str, str], Cells]
    names: Mapping[str, str]


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def format_sheet(releases: Iterable[Release]) -> Iterator[str]:
    """The sheet, line by line: a header, then every track of every release."""
    yield _format_line(dict(zip(COLUMNS, COLUMNS, strict=True)))
    for release in releases:
        for row in export_rows(release):
            yield _format_line(row)


def export_rows(release: Release) -> tuple[Cells, ...]:
    """The rows of one release, cells as they are written; a release without tracks has one row, at position 0."""
    above = {column: _cell(RELEASE_FIELDS[name].text(release)) for column, name in OF_RELEASE.items()}
    rows = [_track_cells(track) for track in sorted(release.tracks, key=lambda one: one.position)]
    rows = rows or [{"position": "0", "track_id": "", **dict.fromkeys(OF_TRACK, "")}]
    whole = [{**above, **row} for row in rows]
    state = _state(whole)
    return tuple({"release_id": release.id, **row, "state": state} for row in whole)


def _track_cells(track: Track) -> Cells:
    cells = {column: _cell(TRACK_FIELDS[name].text(track)) for column, name in OF_TRACK.items()}
    return {"position": str(track.position), "track_id": track.id, **cells}


def _cell(text: str) -> str:
    text = format_text(text)
    guarded = f"'{text}" if FORMULA.match(text) else text
    return guarded if len(guarded) <= MAX_CELL else guarded[: MAX_CELL - len(CUT)] + CUT


def _state(rows: list[Cells]) -> str:
    mark = hashlib.sha256()
    for row in rows:
        for column in sorted(row):
            mark.update(f"{column}\0{_lines(row[column])}\0".encode())
    # It begins with a letter, or a spreadsheet takes 1e57… for a number.
    return "s" + mark.hexdigest()[:15]


def _format_line(cells: Cells) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([cells[column] for column in COLUMNS])
    return line.getvalue()


# ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def edits_from(raw: bytes, find: Lookup) -> Edited:
    """The edits that a sheet asks for. `find` gives the release as it is now, None when there is none of that id."""
    findings: list[Finding] = []
    look = lru_cache(maxsize=256)(lambda release_id: _look(find, release_id))
    wanted: Wanted = {}
    for line in _parse(raw, findings):
        now = look(line.cells["release_id"].strip())
        problem = _find_problem(line, now)
        if now is None or problem is not None:
            findings += [problem] if problem else []
        else:
            _collect(line, now, wanted.setdefault(now.release.id, {}))
    edits = {}
    for release_id, asked in wanted.items():
        now = look(release_id)
        if now and (agreed := _agreed(now.release, asked, findings)):
            edits[release_id] = agreed
    return Edited(edits=edits, findings=tuple(findings))


def _look(find: Lookup, release_id: str) -> _Now | None:
    release = find(release_id)
    if release is None:
        return None
    rows = export_rows(release)
    names = {str(position): name for position, name in track_names(release).items()}
    return _Now(release, rows[0]["state"], {(row["position"], row["track_id"]): row for row in rows}, names)


def _find_problem(line: _Line, now: _Now | None) -> Finding | None:
    if now is None:
        return finding("E002", where=line.where, detail=f"release {line.cells['release_id'][:80]!r}")
    position, track = line.place
    if line.place not in now.rows:
        return finding("E002", where=line.where, detail=f"track {track[:80]!r} at position {position[:20]!r}")
    if line.cells["state"].strip() != now.state:
        return finding("E004", where=line.where, detail=f"release {now.release.id}")
    return None


def _parse(raw: bytes, findings: list[Finding]) -> Iterator[_Line]:
    problem = _find_unreadable(raw)
    if problem:
        findings.append(finding("E001", detail=problem))
        return
    text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", newline="")
    header: list[str] = []
    for number, cells in _rows(csv.reader(text, delimiter=_find_delimiter(raw) or ","), findings):
        if not header:
            header = [cell.strip() for cell in cells]
            unknown = [name for name in header if name not in COLUMNS]
            findings += [finding("E007", where="row 1", detail=f"the column {name[:80]!r}") for name in unknown]
        elif len(cells) == len(header):
            yield _Line(number, dict(zip(header, cells, strict=True)))
        elif any(cells):
            findings.append(finding("E003", where=f"row {number}", detail=f"{len(cells)} cells, not {len(header)}"))


def _rows(reader: Iterator[list[str]], findings: list[Finding]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            findings.append(finding("E003", where=f"row {number}", detail=str(error)))


def _find_unreadable(raw: bytes) -> str:
    if len(raw) > MAX_SHEET_BYTES:
        return f"it has {len(raw)} bytes, at most {MAX_SHEET_BYTES} are read"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    return "" if _find_delimiter(raw) else f"its first row does not have the columns {', '.join(READ_ONLY)}, each once"


def _find_delimiter(raw: bytes) -> str | None:
    """The one that the header was written with: spreadsheets use what their country does."""
    first = re.split(r"[\r\n]", raw[:10_000].decode("utf-8-sig", "replace"), maxsplit=1)[0]
    for delimiter in ",;\t":
        names = [name.strip().strip('"') for name in first.split(delimiter)]
        if set(READ_ONLY) <= set(names) and len(set(names)) == len(names):
            return delimiter
    return None


def _collect(line: _Line, now: _Now, asked: dict[str, dict[str, str]]) -> None:
    """Adds the changed cells of a line: by field, each text asked for and the row that asks."""
    before = now.rows[line.place]
    for column, cell in line.cells.items():
        name = OF_RELEASE.get(column, "")
        if column in OF_TRACK and line.place[1]:
            name = f"{now.names[line.place[0]]}/{OF_TRACK[column]}"
        if name and _lines(cell) != _lines(before[column]):
            asked.setdefault(name, {}).setdefault(cell, line.where)


def _agreed(release: Release, wanted: dict[str, dict[str, str]], findings: list[Finding]) -> dict[str, str]:
    """Of each field the one text that its rows ask for, if the field can hold it."""
    edits = {}
    for name, asked in wanted.items():
        if len(asked) > 1:
            rows = ", ".join(list(asked.values())[:5])
            findings.append(finding("E005", where=rows, detail=f"{name} of {release.id}"))
            continue
        cell, where = next(iter(asked.items()))
        try:
            text = _text_of(cell)
            apply_edits(release, {name: text})
        except ValueError as error:
            findings.append(finding("E006", where=where, detail=f"{name}: {error}"))
        else:
            edits[name] = text
    return edits


def _text_of(cell: str) -> str:
    if cell.endswith(CUT):
        raise ValueError("the cell was too long for a spreadsheet and is not whole")
    return parse_text(cell[1:] if GUARDED.match(cell) else cell)


def _lines(cell: str) -> str:
    """Spreadsheets write line ends their own way: that is no change."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")
