"""Archive: the doors of one archive, opened together and handed down; and how a new one is made.

Takes  the archive's folder.   Gives  `Archive`, with settings read once.
Order  `create` writes the keys and ledger entry 0 before the settings file: a folder with a sonoteca.toml is a
       whole archive.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from sonoteca.acquire.reading import Doors
from sonoteca.catalogue.tables import SCHEMA
from sonoteca.config import TEMPLATE, Settings, parse_settings
from sonoteca.ledger import Ledger, recovery_entry
from sonoteca.ledger.files import CHECKPOINT
from sonoteca.model.errors import Conflict, Damaged, Refused, Unreachable
from sonoteca.ports.clock import Clock, Entropy, SystemClock, SystemEntropy
from sonoteca.ports.database import Database
from sonoteca.ports.disk import Disk
from sonoteca.ports.keys import RECOVERY_KEY, create_keys, load_signer
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.local_source import LocalSource
from sonoteca.ports.private import Private, SqlitePrivate
from sonoteca.ports.records import DiskRecords, Records
from sonoteca.ports.source import SourceFolder
from sonoteca.ports.turns import LOCK, RUNNING, turn
from sonoteca.ports.workshop import Limits, Workshop
from sonoteca.ports.workshop_processes import ProcessWorkshop
from sonoteca.preserve.deposit import init_store

if TYPE_CHECKING:
    from sonoteca.ports.sameness_index import SamenessIndex

SETTINGS = "sonoteca.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The doors of one archive. Tests build it with doubles and faulty proxies."""

    root: str
    settings: Settings
    disk: Disk
    source: SourceFolder
    workshop: Workshop
    studio: Workshop
    database: Database
    records: Records
    ledger: Ledger
    clock: Clock
    sameness_name: str = "sameness"
    private: Private

    @property
    def limits(self) -> Limits:
        """The limits of the processes that look into untrusted files."""
        chosen = self.settings
        return Limits(memory_bytes=chosen.probe_memory_bytes, cpu_s=chosen.probe_cpu_s, wall_s=chosen.probe_wall_s)

    @property
    def sameness(self) -> "SamenessIndex":
        """The index of fingerprints."""
        # Loaded only now: most commands need no numpy, which takes longer to import than they run.
        found: SamenessIndex = import_module("sonoteca.ports.sameness_index").SegmentIndex(
            self.root, self.sameness_name
        )
        return found

    @property
    def intake_doors(self) -> Doors:
        """The doors that acquire needs."""
        return Doors(disk=self.disk, source=self.source, workshop=self.workshop)

    def close(self) -> None:
        """Ends the limited processes and closes the databases."""
        self.workshop.close()
        self.studio.close()
        self.database.close()
        self.private.close()


def open_archive(root: str) -> Archive:
    """The archive in this folder."""
    disk = LocalDisk(root)
    if disk.find(SETTINGS) is None:
        raise Refused(
            "no-archive",
            "there is no archive here",
            where=root,
            cure="sonoteca init DIR makes one; --archive DIR names one",
        )
    return with_doors(root, disk, SystemClock(), SystemEntropy())


def with_doors(root: str, disk: Disk, clock: Clock, entropy: Entropy) -> Archive:
    """The archive behind this disk door, with these sources of time and chance."""
    settings = parse_settings(disk.read(SETTINGS))
    return Archive(
        root=root,
        settings=settings,
        disk=disk,
        source=LocalSource(),
        workshop=ProcessWorkshop([disk.full_path("quarantine")]),
        studio=ProcessWorkshop([disk.full_path("store")]),
        database=Database(root, SCHEMA),
        records=DiskRecords(disk, entropy),
        ledger=Ledger(disk, load_signer(disk)),
        clock=clock,
        private=SqlitePrivate(root),
    )


def find_root(start: str) -> str:
    """The archive that this folder is in (or is); Refused when there is none."""
    folder = os.path.abspath(start)
    while not os.path.exists(os.path.join(folder, SETTINGS)):
        above = os.path.dirname(folder)
        if above == folder:
            raise Refused(
                "no-archive",
                "there is no archive here",
                where=start,
                cure="sonoteca init DIR makes one; --archive DIR names one",
            )
        folder = above
    return folder


def create(root: str, clock: Clock | None = None) -> str:
    """A new, empty archive; gives the path of the recovery key, which belongs on another machine."""
    disk = LocalDisk(root, create=True)
    if disk.find(SETTINGS) is not None:
        raise Refused("archive-exists", "there is an archive here already", where=root, cure="sonoteca status shows it")
    with disk.lock(LOCK):
        furnish(root, disk, clock or SystemClock())
    return RECOVERY_KEY


def furnish(root: str, disk: Disk, clock: Clock) -> None:
    """Everything that an archive begins with; what an `init` that was cut short has made already stays."""
    init_store(disk)
    if disk.find(CHECKPOINT) is None:
        keys = create_keys(disk, name=f"sonoteca-{os.path.basename(os.path.abspath(root)) or 'archive'}")
        Ledger(disk, keys.signer).append_once([recovery_entry(keys.recovery_public, clock.now())])
    create_catalogue(root)
    disk.replace(SETTINGS, TEMPLATE)


def create_catalogue(root: str) -> None:
    """An empty catalogue of the newest form."""
    database = Database(root, SCHEMA)
    try:
        database.create()
    except Conflict:
        # An earlier `init` was cut short after this step: what it made is empty and of this form.
        with database.read():
            pass
    database.close()


@contextmanager
def coordinator(archive: Archive, patience_s: float = 0.0) -> Iterator[None]:
    """One process at a time changes an archive; Conflict "locked" when another still does after so long."""
    with turn(archive.disk, patience_s):
        _carry_over(archive.database)
        yield


@contextmanager
def one_run(archive: Archive) -> Iterator[None]:
    """One process at a time works the queue, turn by turn; Conflict "locked" otherwise."""
    with archive.disk.lock(RUNNING):
        yield


def _carry_over(database: Database) -> None:
    """A catalogue that an older version made is brought to the form of this one. What else is wrong with it shows when
    it is used."""
    try:
        with database.read():
            return
    except Damaged:
        return
    except Conflict as error:
        if error.code != "version":
            return
    # Loaded only now: alembic takes longer to import than most commands run.
    import_module("sonoteca.ports.migrations").upgrade(database)


def verify_room(archive: Archive, wanted_bytes: int) -> None:
    """Raises Unreachable when the reserve would be touched."""
    free = archive.disk.free_bytes()
    if free - wanted_bytes < archive.settings.reserve_bytes:
        raise Unreachable(
            "space",
            f"{wanted_bytes} bytes are wanted, {free} are free, {archive.settings.reserve_bytes} stay in reserve",
            where=archive.root,
            cure="free some space or lower reserve_bytes in sonoteca.toml; then sonoteca run goes on",
        )
