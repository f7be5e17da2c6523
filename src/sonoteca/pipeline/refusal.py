"""Refusal: what is not taken in lies in quarantine with its reasons, until it expires.

Takes  the files that acquire refused of one source.
Gives  their place, and the rows that the catalogue shows of them.
Order  files first, reasons.json last: a folder with reasons.json is whole. Replaces what an earlier visit left there.

quarantine/refused/<hash of the source key>/{000000, …, reasons.json}; the rows follow from reasons.json alone.
"""

import hashlib
from typing import Any

from sonoteca.acquire.take import RefusedFile
from sonoteca.catalogue.write import RefusedRow
from sonoteca.formats import json, plain
from sonoteca.model.finding import FINDINGS
from sonoteca.pipeline.archive import Archive

PLACE = "quarantine/refused"
REASONS = "reasons.json"
MAX_REASONS_BYTES = 256 * 1024 * 1024


def place_of(source_key: str) -> str:
    """Where the refused files of a source lie."""
    return f"{PLACE}/{hashlib.sha256(source_key.encode()).hexdigest()[:24]}"


def set_aside(archive: Archive, source_key: str, refused: tuple[RefusedFile, ...]) -> list[RefusedRow]:
    """Moves the files there and writes their reasons; gives their rows."""
    place = place_of(source_key)
    archive.disk.remove_tree(place)
    if not refused:
        return []
    archive.disk.make_folder(place)
    moves = {file.staged: f"{place}/{number:06d}" for number, file in enumerate(refused) if file.staged}
    for staged, name in moves.items():
        archive.disk.rename(staged, name)
    files = [_reason(moves.get(file.staged, "").rpartition("/")[2], file) for file in refused]
    told = {"source_key": source_key, "at": archive.clock.now(), "files": files}
    archive.disk.replace(f"{place}/{REASONS}", json.format(plain.to_plain(told)))
    return load_rows(archive, source_key)


def _reason(name: str, file: RefusedFile) -> dict[str, Any]:
    why = file.finding.detail or FINDINGS[file.finding.code][1]
    said = {"original": file.original, "bytes": file.bytes, "digest": file.digest}
    return {"name": name, **said, "code": file.finding.code, "detail": why}


def load_rows(archive: Archive, source_key: str) -> list[RefusedRow]:
    """The rows of one source's refused files."""
    return rows_at(archive, place_of(source_key))[1]


def rows_at(archive: Archive, place: str) -> tuple[str, list[RefusedRow]]:
    """The source key and rows of what lies at a place; ("", []) when nothing whole lies there."""
    if archive.disk.find(f"{place}/{REASONS}") is None:
        return "", []
    told = json.parse_object(archive.disk.read(f"{place}/{REASONS}", MAX_REASONS_BYTES))
    names = ("bytes", "digest", "code", "detail")
    rows = [
        RefusedRow(
            original=plain.from_plain(str, file["original"]), at=told["at"], **{name: file[name] for name in names}
        )
        for file in told["files"]
    ]
    return str(told["source_key"]), rows
