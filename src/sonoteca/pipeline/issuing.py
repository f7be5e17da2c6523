"""Issuing: what volumes and views share when torrents/ is made to follow from the records.

Takes  the archive.
Gives  the intent, which says so until it is done; torrents that leave the seeder at once.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from sonoteca.catalogue import write
from sonoteca.catalogue.write import Intent
from sonoteca.model.torrent import Flavour
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.torrents import seed_path
from sonoteca.ports.control import BRIEF, ask

ISSUING = "issuing"  # what an intent has for a staging place when volumes are being issued
ISSUING_JOB = -2_000_000_000


def intend(archive: Archive) -> None:
    """Says that volumes or views are about to be issued."""
    with archive.database.write() as tx:
        owe_files(tx)


def owe_files(tx: Connection) -> None:
    """Says that torrents/ has to be made to follow from the records."""
    write.open_intent(tx, Intent(job=ISSUING_JOB, release="", staging=ISSUING))


def end_issue(archive: Archive) -> None:
    """The seeder agrees with the seed lists; the intent is closed."""
    ask(archive.root, "sync", about=BRIEF)
    with archive.database.write() as tx:
        write.close_intent(tx, ISSUING_JOB)


def recall(archive: Archive, names: Iterable[str]) -> None:
    """These torrents, in every flavour, are not seeded when this returns."""
    losing = tuple(names)
    for name in losing:
        for flavour in Flavour:
            archive.disk.remove(seed_path(name, flavour))
    if losing:
        ask(archive.root, "recall")
