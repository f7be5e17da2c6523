"""What a client is to a test: give it a torrent and a folder, wait, ask what it downloaded."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.clients.network import Network
from tests.clients.programs import Program
from tests.clients.tracker import Tracker, with_tracker
from tests.clients.waiting import until


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a client lives: its folder, its own address, the tracker that tells it its peers; `program` when it is not
    the one on the PATH."""

    folder: Path
    network: Network
    tracker: Tracker
    address: str
    program: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the client says of a download: `payload_bytes` came from peers, what lay in the folder is not counted."""

    is_done: bool
    payload_bytes: int
    told: str


class Client(ABC):
    """A running stock client. What `add` gives is the client's own name for the download, mostly its infohash."""

    NAME: ClassVar[str]

    def __init__(self, place: Place) -> None:
        self.place = place
        self._copies = 0
        place.folder.mkdir(parents=True, exist_ok=True)
        self._program = self._start()
        try:
            until(self._is_up, f"{self.NAME} to answer", told=self._program.tail)
        except BaseException:
            self.close()
            raise

    def _is_up(self) -> bool:
        self._program.verify_alive()
        try:
            return self._answers()
        except OSError:
            return False

    def add(self, torrent: Path, folder: Path) -> str:
        """Starts downloading below `folder`. What is there already is checked and kept."""
        folder.mkdir(parents=True, exist_ok=True)
        self._copies += 1
        copy = self.place.folder / f"{self._copies}.torrent"
        copy.write_bytes(with_tracker(torrent.read_bytes(), self.place.tracker.url))
        return self._add(copy, folder)

    def add_link(self, link: str, folder: Path) -> str:
        """The same from a magnet link: what is in it, the client learns from peers."""
        folder.mkdir(parents=True, exist_ok=True)
        return self._add_link(link, folder)

    def wait_done(self, ident: str, deadline_s: float = 60) -> None:
        """AssertionError when it is not complete in time."""
        until(lambda: self._is_done(ident), f"{self.NAME} to finish", deadline_s, lambda: self._told(ident))

    def wait_moving(self, ident: str, deadline_s: float) -> None:
        """AssertionError when it has nothing in time."""
        until(lambda: self._is_done(ident) or self.downloaded_bytes(ident), f"{self.NAME} to begin", deadline_s)

    def downloaded_bytes(self, ident: str) -> int:
        """Payload that came from peers."""
        return self._progress(ident).payload_bytes

    def fetch(self, torrent: Path, folder: Path, deadline_s: float = 60) -> None:
        """add, wait_done, remove."""
        ident = self.add(torrent, folder)
        self.wait_done(ident, deadline_s)
        self.remove(ident)

    def close(self) -> None:
        """Ends the program."""
        self._program.kill()

    def _is_done(self, ident: str) -> bool:
        self._program.verify_alive()
        return self._progress(ident).is_done

    def _told(self, ident: str) -> str:
        return f"{self._progress(ident).told}; {self._program.tail()}"

    @abstractmethod
    def _start(self) -> Program:
        """The program, in `place.folder`, with everything off that looks for other hosts."""

    @abstractmethod
    def _answers(self) -> bool:
        """OSError while nobody listens."""

    @abstractmethod
    def _add(self, torrent: Path, folder: Path) -> str: ...

    def _add_link(self, link: str, folder: Path) -> str:
        raise NotImplementedError(f"no test needs links in {self.NAME}: {link} {folder}")

    @abstractmethod
    def _progress(self, ident: str) -> Progress: ...

    @abstractmethod
    def remove(self, ident: str) -> None:
        """Forgets the download; its files stay."""

    @abstractmethod
    def shown(self, ident: str) -> list[str]:
        """The files that a person sees in it."""
