"""What libtorrent was given, and what its alerts say of it.

Takes  a Torrent and an alert about it.   Gives  its state, with what is wrong and which files are damaged.
"""

import time
from array import array
from collections.abc import Sequence

from sonoteca.model.torrent import Seed
from sonoteca.ports.libtorrent_torrent import lt
from sonoteca.ports.swarm import ADDING, ERROR, SEEDING

MAX_TROUBLE_CHARACTERS = 200
TABLE = "dht"


class Torrent:
    """One that libtorrent was given. `handle` comes with the alert that it was added. Of the paths only numbers are
    kept: libtorrent has them, and eight bytes a file are enough to know which are open."""

    __slots__ = ("announced", "damaged", "error", "handle", "hashes", "is_ready", "is_told", "name", "paths", "root")

    def __init__(self, seed: Seed, root: str, paths: Sequence[str]) -> None:
        self.name, self.hashes, self.root = seed.name, seed.hashes, root
        self.paths = array("q", map(hash, paths))
        self.handle: lt.torrent_handle | None = None
        self.error = ""
        self.is_ready = self.is_told = False
        self.damaged: set[str] = set()
        self.announced: dict[str, tuple[float, str]] = {}

    @property
    def state(self) -> str:
        """As ports/swarm.py has them."""
        if self.error:
            return ERROR
        return SEEDING if self.is_ready else ADDING


def heed(torrent: Torrent, alert: "lt.torrent_alert") -> None:
    """The torrent is what it was told to be."""
    if isinstance(alert, lt.state_changed_alert):
        states = lt.torrent_status.states
        torrent.is_ready |= alert.state in (states.seeding, states.finished)
        if alert.state == states.downloading and not torrent.error:
            torrent.error = "not all of it is there"
    elif isinstance(alert, lt.tracker_reply_alert | lt.tracker_error_alert):
        _heed_tracker(torrent, alert)
    elif isinstance(alert, lt.torrent_checked_alert):
        if torrent.error:
            torrent.damaged |= _lost(alert.handle)
    elif isinstance(alert, _troubles()):
        torrent.error = torrent.error or alert.message()
        torrent.damaged |= _named(alert)


def heeded_alerts() -> "tuple[type[lt.torrent_alert], ...]":
    """Those that say something new: of each torrent that is added three others come, by the ten thousand."""
    kept = (lt.add_torrent_alert, lt.state_changed_alert, lt.torrent_checked_alert)
    return (*kept, lt.tracker_reply_alert, lt.tracker_error_alert, *_troubles())


def _troubles() -> "tuple[type[lt.torrent_alert], ...]":
    return (lt.torrent_error_alert, lt.file_error_alert, lt.hash_failed_alert, lt.fastresume_rejected_alert)


def _heed_tracker(torrent: Torrent, alert: "lt.tracker_reply_alert | lt.tracker_error_alert") -> None:
    way = alert.tracker_url()
    if isinstance(alert, lt.tracker_reply_alert):
        torrent.announced[way] = (time.time(), "")
    elif way != TABLE:
        last, _ = torrent.announced.get(way, (0.0, ""))
        torrent.announced[way] = (last, (alert.failure_reason() or alert.error.message())[:MAX_TROUBLE_CHARACTERS])


def _named(alert: "lt.torrent_alert") -> set[str]:
    """The file that a trouble is about."""
    if isinstance(alert, lt.file_error_alert):
        return {alert.filename()}
    if isinstance(alert, lt.hash_failed_alert):
        return _paths(alert.handle, [alert.piece_index])
    return set()


def _lost(handle: "lt.torrent_handle") -> set[str]:
    """The files that are not whole, after libtorrent has hashed all of them."""
    pieces = handle.status(lt.torrent_handle.query_pieces).pieces
    return _paths(handle, [index for index, has_it in enumerate(pieces) if not has_it])


def _paths(handle: "lt.torrent_handle", pieces: Sequence[int]) -> set[str]:
    torrent = handle.torrent_file()
    if torrent is None or not pieces:
        return set()
    layout, places = torrent.layout(), handle.get_renamed_files()
    files = {layout.file_index_at_piece(piece) for piece in pieces}
    return {places.file_path(layout, index) for index in files if not layout.file_flags(index) & _pad()}


def _pad() -> int:
    return int(lt.file_flags_t.flag_pad_file)


def alert_mask() -> int:
    """What a session is to tell."""
    chosen = lt.alert.category_t
    told = chosen.error_notification | chosen.status_notification | chosen.storage_notification
    return int(told | chosen.tracker_notification)
