"""libtorrent itself as a client among the others: the library that qBittorrent, Deluge and many more are made of."""

from pathlib import Path
from typing import Any, ClassVar

from tests.clients.binding import libtorrent
from tests.clients.face import Client, Place, Progress
from tests.clients.network import free_port
from tests.clients.programs import Program
from tests.clients.swarming import SETTINGS
from tests.clients.waiting import until


class Library(Client):
    """A session in this process that finds its peers as the programs do: by the tracker in the torrent."""

    NAME: ClassVar[str] = "libtorrent"

    def __init__(self, place: Place) -> None:
        self.place = place
        self._copies = 0
        place.folder.mkdir(parents=True, exist_ok=True)
        listen = f"{place.address}:{free_port(place.address)}"
        mask = libtorrent.alert.category_t.storage_notification
        wanted: Any = {
            **SETTINGS,
            "alert_mask": mask,
            "listen_interfaces": listen,
            "outgoing_interfaces": place.address,
        }
        self._session = libtorrent.session(wanted)
        self._handles: dict[str, Any] = {}

    def close(self) -> None:
        for ident in list(self._handles):
            self.remove(ident)
        del self._session

    def _add(self, torrent: Path, folder: Path) -> str:
        wanted = libtorrent.load_torrent_file(str(torrent))
        wanted.save_path = str(folder)
        wanted.flags = 0
        ident = str(torrent)
        self._handles[ident] = self._session.add_torrent(wanted)
        return ident

    def _is_done(self, ident: str) -> bool:
        return self._progress(ident).is_done and self._is_on_disk(ident)

    def _is_on_disk(self, ident: str) -> bool:
        """What it has may still be on its way there."""
        self._session.pop_alerts()
        self._handles[ident].flush_cache()
        flushed = libtorrent.cache_flushed_alert
        until(lambda: any(isinstance(one, flushed) for one in self._session.pop_alerts()), "all of it on its disk")
        return True

    def _told(self, ident: str) -> str:
        return self._progress(ident).told

    def _progress(self, ident: str) -> Progress:
        now = self._handles[ident].status()
        told = f"{now.state} {now.progress} {now.errc.message()}"
        return Progress(is_done=now.is_seeding, payload_bytes=now.total_payload_download, told=told)

    def shown(self, ident: str) -> list[str]:
        """What a program would show of it."""
        files = self._handles[ident].torrent_file().files()
        return [files.file_path(number) for number in range(files.num_files())]

    def remove(self, ident: str) -> None:
        self._session.remove_torrent(self._handles.pop(ident))

    def _start(self) -> Program:
        raise NotImplementedError("it is no program")

    def _answers(self) -> bool:
        return True
