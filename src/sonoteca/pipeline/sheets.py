"""Sheets: descriptions out as CSV and back, and single fields set by hand.

Takes  a CSV that `export csv` gave, edited; or FIELD=TEXT words.
Gives  edits for each release, and findings for what cannot be taken.
Never  writes: decide.py records the edits.
"""

from collections.abc import Iterator, Mapping

from sonoteca.catalogue import read, sheets
from sonoteca.catalogue.edits import apply_edits
from sonoteca.model.errors import Refused
from sonoteca.model.finding import Finding
from sonoteca.model.release import Release
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.look import all_of, find_ids

Edits = Mapping[str, Mapping[str, str]]


def export_csv(archive: Archive, collection: str) -> Iterator[str]:
    """The sheet, release by release, its heads first."""
    with archive.database.read() as tx:
        yield from sheets.format_sheet(kept.release for kept in all_of(tx, collection))


def read_csv(archive: Archive, raw: bytes) -> tuple[Edits, tuple[Finding, ...]]:
    """The cells that differ from what is here."""

    with archive.database.read() as tx:

        def find(release_id: str) -> Release | None:
            kept = read.release(tx, release_id)
            return kept.release if kept else None

        edited = sheets.edits_from(raw, find)
    return edited.edits, edited.findings


def set_fields(archive: Archive, word: str, fields: tuple[str, ...]) -> Edits:
    """FIELD=TEXT words for one release; Refused when a field does not exist or cannot hold the text."""
    with archive.database.read() as tx:
        target = find_ids(tx, word)[0]
        kept = read.release(tx, target.release)
    edits = {}
    for word_and_text in fields:
        name, equals, text = word_and_text.partition("=")
        if not equals:
            raise Refused(
                "edit", "a field and its text are joined by =", where=word_and_text, cure="--set title='Aria'"
            )
        edits[name.strip()] = text
    try:
        if kept:
            apply_edits(kept.release, edits)
    except ValueError as error:
        raise Refused("edit", str(error), where=word, cure="docs/commands.md lists the fields") from error
    return {target.release: edits}
