"""What an archive holds, as plain values that can be compared: every file of the truth by digest, every derived row."""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

TRUTH = ("store", "records")
PUBLISHED = (".torrent", ".seed.json")
DERIVED = (
    *("releases", "recordings", "masters", "inside", "tracks", "files", "identifiers", "evidence"),
    *("reasons", "verdicts", "findings", "records", "refused"),
    *("sounds", "renditions", "volumes", "members", "marks", "likenesses"),
)


def snapshot(archive: Path) -> dict[str, Any]:
    """Files of store, records and torrents, ledger entries (in any order: that of events), rows, leftovers."""
    return {
        "files": {
            str(path.relative_to(archive)): digest(path)
            for place in TRUTH
            for path in sorted((archive / place).rglob("*"))
            if path.is_file()
        },
        "folders": sorted(
            str(path.relative_to(archive)) for place in TRUTH for path in (archive / place).rglob("*") if path.is_dir()
        ),
        "torrents": {
            path.name: digest(path) for path in sorted((archive / "torrents").glob("*")) if is_published(path)
        },
        "entries": sorted(entries(archive)),
        "rows": rows(archive),
        "quarantine": sorted(
            str(path.relative_to(archive))
            for path in (archive / "quarantine").rglob("*")
            if path != archive / "quarantine" / "refused"
        ),
        "beside": sorted(path.name for path in archive.iterdir() if not path.name.endswith(("-wal", "-shm", ".lock"))),
        "waiting": waiting(archive),
    }


def is_published(path: Path) -> bool:
    """A torrent or a seed list; a seeder has a lock and a socket there too."""
    return path.name.endswith(PUBLISHED)


def digest(path: Path) -> str:
    """sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entries(archive: Path) -> list[str]:
    """The ledger's entries after the first, read from its bundles as tlog-tiles has them: length, then bytes. Of a
    bundle that is not full, the widest form counts: narrower ones are its past."""
    folder = archive / "ledger" / "tile" / "entries"
    widest: dict[str, tuple[int, Path]] = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        base, _, width = str(path.relative_to(folder)).partition(".p/")
        widest[base] = max(widest.get(base, (0, path)), (int(width or 256), path))
    found = []
    for base in sorted(widest):
        raw = widest[base][1].read_bytes()
        while raw:
            length = int.from_bytes(raw[:2], "big")
            found.append(raw[2 : 2 + length].decode())
            raw = raw[2 + length :]
    return [entry for entry in found if json.loads(entry)["kind"] != "recovery-key"]


def rows(archive: Path) -> dict[str, list[str]]:
    """Every derived row."""
    found = {}
    with sqlite3.connect(archive / "catalogue.sqlite") as connection:
        for table in DERIVED:
            found[table] = sorted(repr(row) for row in connection.execute(f"select * from {table}"))
    connection.close()
    return found


def waiting(archive: Path) -> list[str]:
    """Work that is left: none should be."""
    with sqlite3.connect(archive / "catalogue.sqlite") as connection:
        queued = [
            repr(row)
            for row in connection.execute("select name, state from queue where state in ('queued', 'working')")
        ]
        left = [repr(row) for table in ("intents", "outbox") for row in connection.execute(f"select * from {table}")]
    connection.close()
    return queued + left
