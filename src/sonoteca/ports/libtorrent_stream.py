"""LibtorrentPlayer: one libtorrent session that fetches pieces by deadline and gives nothing away.

Takes  Wanted.   Gives  what ports/stream.py says, inside the limited process (stream_worker.py).
Order  nothing is wanted of a torrent when it is added but the first piece of the file that is meant: a torrent of which
       nothing is wanted counts as finished, and who has finished is not connected. A piece that is waited for has a
       deadline of now, those behind it later ones.
Never  unchokes a peer: what is fetched is heard here, and has no verdict to be published. Opens a port; calls
       anybody at a special address unless its limits let it; follows a link that formats/magnet.py or
       formats/metainfo.py would not take.

Pieces that belong to no file that is wanted whole stand in one file (".<hash>.parts") of the session's folder, so that
no name of the torrent ever reaches the disk.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, ClassVar, cast

from sonoteca.formats import info_dict, magnet, metainfo
from sonoteca.model.errors import Damaged, Refused, Unreachable
from sonoteca.model.stream import Found, Wanted
from sonoteca.ports.libtorrent_swarm import verify_installed
from sonoteca.ports.special_addresses import SPANS
from sonoteca.ports.stream import StreamLimits, too_many

try:
    import libtorrent as lt
except ImportError:  # no wheel for this Python
    lt = None  # type: ignore[assignment]

KEPT_PIECES_BYTES = 32 * 1024 * 1024
AHEAD_BYTES = 4 * 1024 * 1024
AHEAD_STEP_MS = 250
TOP = 7
LOOK_AGAIN_S = 0.5
_NEVER = (1 << 31) - 1


class Opened:
    """A torrent of which one file is heard."""

    def __init__(self, handle: "lt.torrent_handle", peers: tuple[tuple[str, int], ...]) -> None:
        # Not its infohash: a link may name one of two, and the torrent then has both.
        self.key = hash(handle)
        self.handle = handle
        self.peers = peers
        self.found: Found | None = None


class LibtorrentPlayer:
    """A session. Threads may share it: a reader waits, one thread hears libtorrent."""

    PLACES: ClassVar[tuple[str, ...]] = ("cache",)

    def __init__(self, folder: str, limits: StreamLimits) -> None:
        verify_installed()
        self._folder = folder
        self._limits = limits
        self._users: dict[int, int] = {}
        self._handles: dict[int, lt.torrent_handle] = {}
        self._pieces: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._failed: dict[int, str] = {}
        self._changed = threading.Condition()
        self._is_open = True
        self._session = lt.session(cast(Any, _settings(limits)))
        _choke_neighbours(self._session)
        if not limits.own_network:
            self._session.set_ip_filter(_special())
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    # ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, wanted: Wanted) -> Opened:
        """See Streams.open."""
        params, peers = _params(wanted, self._folder, dht=self._limits.dht)
        with self._changed:
            if sum(self._users.values()) >= self._limits.streams:
                raise too_many(self._limits)
            # Asked for again while it is heard: libtorrent gives the torrent that it has.
            opened = Opened(self._session.add_torrent(params), peers)
            self._users[opened.key] = self._users.get(opened.key, 0) + 1
            self._handles[opened.key] = opened.handle
        with ExitStack() as undo:
            undo.callback(self.close_one, opened)
            self._begin(opened, wanted.path)
            undo.pop_all()
        return opened

    def _begin(self, opened: Opened, path: str) -> None:
        self._wait(opened, lambda: bool(opened.handle.status().has_metadata), self._limits.open_s, "the torrent")
        info = opened.handle.torrent_file()
        if info is None:
            raise Unreachable("no-peers", "the torrent is not known", where="the swarm")
        try:
            opened.found = info_dict.find(bytes(info.info_section()), path)
        except ValueError as error:
            raise Refused("stream-path", str(error), where=path[:100]) from error
        if opened.found.bytes > self._limits.file_bytes:
            what = f"the file has {opened.found.bytes} bytes, at most {self._limits.file_bytes} are heard"
            raise Refused("too-large", what, where=opened.found.path[:100])
        self._want(opened, info_dict.pieces_of(opened.found, 0, 1))

    def _call_peers(self, opened: Opened) -> None:
        for peer in opened.peers:
            opened.handle.connect_peer(peer)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, opened: Opened, start: int, count: int) -> bytes:
        """See Stream.read."""
        found = opened.found
        if found is None:
            raise ValueError("read before it was opened")
        pieces = info_dict.pieces_of(found, start, count)
        end = time.monotonic() + self._limits.read_s
        parts = []
        self._want(opened, pieces)
        for number in pieces:
            piece = self._piece(opened, number, end)
            first = number * found.piece_bytes - found.offset  # where the piece begins, seen from the file
            parts.append(piece[max(0, start - first) : start + count - first])
        return b"".join(parts)

    def _piece(self, opened: Opened, number: int, end: float) -> bytes:
        key = (opened.key, number)
        self._wait(opened, lambda: key in self._pieces, end - time.monotonic(), "a piece")
        with self._changed:
            piece = self._pieces.get(key)
            if piece is not None:
                self._pieces.move_to_end(key)
                return piece
        # It went between the two because others read a lot: once more.
        self._want(opened, range(number, number + 1))
        return self._piece(opened, number, end)

    def _want(self, opened: Opened, pieces: range) -> None:
        """The pieces now, and some behind them soon."""
        found, handle = opened.found, opened.handle
        if found is None:
            return
        last = (found.offset + found.bytes - 1) // found.piece_bytes
        ahead = min(last, pieces.stop - 1 + max(1, AHEAD_BYTES // found.piece_bytes))
        for step, number in enumerate(range(pieces.start, ahead + 1)):
            with self._changed:
                is_here = (opened.key, number) in self._pieces
            if is_here:
                continue
            is_now = number in pieces
            handle.piece_priority(number, TOP)
            flag = lt.deadline_flags_t.alert_when_available if is_now else 0
            handle.set_piece_deadline(number, 0 if is_now else step * AHEAD_STEP_MS, flag)
        if not handle.status().num_peers:
            # Who has finished what was wanted may have been left by its peers.
            self._call_peers(opened)

    def _wait(self, opened: Opened, has_come: Callable[[], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        with self._changed:
            while not has_come():
                if opened.key in self._failed:
                    raise Damaged("stream-failed", self._failed[opened.key], where="the swarm")
                left = end - time.monotonic()
                if left <= 0 or not self._is_open:
                    peers = opened.handle.status().num_peers
                    why = f"{what} did not come in time; {peers} peers are connected"
                    raise Unreachable("no-peers", why, where="the swarm")
                if not self._changed.wait(min(left, LOOK_AGAIN_S)) and not opened.handle.status().num_peers:
                    self._call_peers(opened)

    # ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hear(self) -> None:
        while self._is_open:
            self._session.wait_for_alert(500)
            alerts = self._session.pop_alerts()
            if alerts:
                with self._changed:
                    for alert in alerts:
                        self._heed(alert)
                    self._changed.notify_all()

    def _heed(self, alert: Any) -> None:
        if isinstance(alert, lt.read_piece_alert):
            key = (hash(alert.handle), int(alert.piece))
            if not alert.error.value():
                self._keep(key, bytes(alert.buffer))
        elif isinstance(alert, lt.torrent_removed_alert):
            self._tidy()
        elif isinstance(alert, lt.torrent_error_alert | lt.file_error_alert | lt.metadata_failed_alert):
            self._failed[hash(alert.handle)] = alert.message()[:200]

    def _keep(self, key: tuple[int, int], piece: bytes) -> None:
        self._pieces[key] = piece
        self._pieces.move_to_end(key)
        while sum(map(len, self._pieces.values())) > KEPT_PIECES_BYTES and len(self._pieces) > 1:
            self._pieces.popitem(last=False)

    # ── ending ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def close_one(self, opened: Opened) -> None:
        """See Stream.close. What others still hear of it stays."""
        with self._changed:
            self._users[opened.key] -= 1
            if self._users[opened.key]:
                return
            del self._users[opened.key], self._handles[opened.key]
            self._failed.pop(opened.key, None)
            for key in [key for key in self._pieces if key[0] == opened.key]:
                del self._pieces[key]
        # Told to delete as well, libtorrent 2.1.1 crashes now and then: in three of six runs of 200 removals that came
        # while pieces were on their way, and in none of six without.
        self._session.remove_torrent(opened.handle)

    def _tidy(self) -> None:
        """Removes what came of torrents that are not heard any more; what is written after this, the next time."""
        hashes = [handle.info_hashes() for handle in self._handles.values()]
        kept = {str(one)[:40] for pair in hashes for one in (pair.v1, pair.v2)}
        for name in os.listdir(self._folder):
            if name[1:41] not in kept:
                with suppress(OSError):
                    os.unlink(os.path.join(self._folder, name))

    def close(self) -> None:
        """Hears nothing any more."""
        self._is_open = False
        with self._changed:
            self._changed.notify_all()
        self._hearing.join()


def _settings(limits: StreamLimits) -> dict[str, Any]:
    quiet = ("enable_lsd", "enable_upnp", "enable_natpmp")
    chosen = lt.alert.category_t
    mask = chosen.error_notification | chosen.status_notification | chosen.storage_notification
    return {
        **dict.fromkeys(quiet, False),
        "enable_dht": limits.dht,
        **({} if limits.dht else {"dht_bootstrap_nodes": ""}),
        # Trackers are asked for each address that is listened at; nobody who comes is let in.
        "listen_interfaces": "0.0.0.0:0,[::]:0",
        "enable_incoming_tcp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "webtorrent_stun_server": "",
        "alert_mask": int(mask | chosen.piece_progress_notification),
        # Nothing is given: no verdict lets it out.
        "unchoke_slots_limit": 0,
        "num_optimistic_unchoke_slots": 0,
        "allowed_fast_set_size": 0,
        "upload_rate_limit": 16 * 1024,
        "close_redundant_connections": False,
        "allow_multiple_connections_per_ip": True,
        "smooth_connects": False,
        "strict_end_game_mode": False,
        "tick_interval": 100,
        "connections_limit": 60,
        "min_reconnect_time": 1,
        "max_failcount": 20,
        "peer_connect_timeout": 7,
        "max_metadata_size": info_dict.MAX_INFO_BYTES,
        "max_retry_port_bind": 1,
    }


def _special() -> "lt.ip_filter":
    """Nobody at such an address is called: no peer, tracker or web seed, also when a name leads there."""
    found = lt.ip_filter()
    for first, last in SPANS:
        found.add_rule(first, last, 1)
    return found


def _choke_neighbours(session: "lt.session") -> None:
    """libtorrent gives peers of the own network everything, whatever the limits say: theirs is a class without."""
    kind = lt.session.local_peer_class_id
    session.set_peer_class(kind, {**session.get_peer_class(kind), "ignore_unchoke_slots": False})


def _params(wanted: Wanted, folder: str, *, dht: bool) -> tuple["lt.add_torrent_params", tuple[tuple[str, int], ...]]:
    """What libtorrent is told, and whom to call first. Refused for a link or torrent that is none."""
    try:
        params, peers = _of_torrent(wanted) if wanted.torrent else _of_link(wanted.link)
    except (ValueError, RuntimeError) as error:
        raise Refused("stream-link", f"this cannot be played: {error}"[:300], where="the link or torrent") from error
    params.save_path = folder
    flags = lt.torrent_flags.default_dont_download | lt.torrent_flags.disable_lsd | lt.torrent_flags.disable_pex
    flags |= lt.torrent_flags.apply_ip_filter
    params.flags = flags if dht else flags | lt.torrent_flags.disable_dht
    return params, peers


def _of_torrent(wanted: Wanted) -> tuple["lt.add_torrent_params", tuple[tuple[str, int], ...]]:
    found = info_dict.find(metainfo.parse(wanted.torrent).info, wanted.path)
    params = lt.load_torrent_buffer(wanted.torrent)
    first = found.offset // found.piece_bytes
    params.piece_priorities = [*[0] * first, TOP]  # all others are not wanted either
    return params, ()


def _of_link(link: str) -> tuple["lt.add_torrent_params", tuple[tuple[str, int], ...]]:
    """Not by libtorrent's own reader: what it takes and ours does not is not taken."""
    said = magnet.parse(link)
    params = lt.add_torrent_params()
    v1, v2 = bytes.fromhex(said.hashes.v1), bytes.fromhex(said.hashes.v2)
    params.info_hashes = _info_hash(v1, v2)
    params.trackers = list(said.trackers)
    params.tracker_tiers = list(range(len(said.trackers)))
    params.url_seeds = list(said.web_seeds)
    peers = [(peer.rpartition(":")[0].strip("[]"), int(peer.rpartition(":")[2])) for peer in said.peers]
    params.peers = peers  # called at once; connect_peer waits for the second to be over
    return params, tuple(peers)


def _info_hash(v1: bytes, v2: bytes) -> "lt.info_hash_t":
    if v1 and v2:
        return lt.info_hash_t(lt.sha1_hash(v1), lt.sha256_hash(v2))
    return lt.info_hash_t(lt.sha1_hash(v1)) if v1 else lt.info_hash_t(lt.sha256_hash(v2))
