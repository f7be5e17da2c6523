"""LibtorrentSwarm: the swarm door on libtorrent, seeding files where they lie in the store.

Takes  what ports/swarm.py says. The .torrent decides which files there are, the Seed where the bytes of each lie
       (`renamed_files`: absolute paths; pads have none).
Gives  every torrent seeded, or "error" with the reason.
Order  sizes are looked at before libtorrent hears of a torrent: one too large it would not mind, and one missing it
       would answer by reading all the others. `remove` returns when the session does not know the torrent any more (its
       peers are disconnected in the same step) and no file of it is open.
Never  without both flags, seed_mode | upload_mode: with seed_mode alone libtorrent fetched a withdrawn file from
       another peer and wrote it back into the store. Trackers, web seeds and nodes that stand in a .torrent are not
       called; the settings name whom to call.

What seed_mode does: nothing is read until a peer asks; a piece is hashed the first time, and served if it is right. At
the first wrong one libtorrent disconnects that torrent's peers, hashes all of it and goes on with the right pieces
alone. Here it is "error" from then on, with the damaged files named, until it is removed and added again. A piece that
was right once is not hashed again, nor are those of a second file with the same bytes (pieces_without_hashes): damage
there is found by `sonoteca verify`, and by the peers, who hash what they get.

What the kernel has taken over by the time a torrent is removed may still arrive: unsent that is 16 KiB a connection
(UNSENT_BYTES), the rest is on its way, or there and not yet read.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from errno import EADDRINUSE
from typing import Any, ClassVar, cast

from sonoteca.model.errors import Conflict, SonotecaError, Uncertain, Unreachable
from sonoteca.model.peers import PeerSeen
from sonoteca.model.torrent import Announced, InfoHashes, Seed, SeedStatus
from sonoteca.ports.libtorrent_alerts import TABLE, Torrent, alert_mask, heed, heeded_alerts
from sonoteca.ports.libtorrent_peers import seen_peers
from sonoteca.ports.libtorrent_settings import session_settings
from sonoteca.ports.libtorrent_torrent import (
    files_of,
    instruct,
    load,
    lt,
    pieces_without_hashes,
    short_of,
    verify_installed,
)
from sonoteca.ports.swarm import (
    ERROR,
    SEEDING,
    SwarmSettings,
    Totals,
    find_stamps,
    mark_of,
    seeded_already,
    verify_files,
)

__all__ = ["LibtorrentSwarm", "lt", "verify_installed"]

DEADLINE_S = 10.0


class LibtorrentSwarm:
    """A session that only uploads. Unreachable "no-libtorrent" where it is not installed, Conflict "port-taken"."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, chosen: SwarmSettings) -> None:
        verify_installed()
        self._chosen = chosen
        self._torrents: dict[str, Torrent] = {}
        self._listens: dict[str, None] = {}
        self._deaf: SonotecaError | None = None
        self._stats: Mapping[str, int] = {}
        self._open_files = _OpenFiles()
        settings = session_settings(chosen, lt.generate_fingerprint("SO", 0, 1, 0, 0), alert_mask())
        self._session = lt.session(cast(Any, settings))
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._session.set_alert_fd(self._ringer.fileno())
        self._wait_for_ports()

    def _wait_for_ports(self) -> None:
        self._wait(lambda: self._deaf is not None or len(self._listens) >= len(self._chosen.listen))
        if self._deaf or not self._listens:
            self.close()
            raise self._deaf or _deaf(", ".join(self._chosen.listen), "no answer", 0)

    # ── adding and removing ──────────────────────────────────────────────────────────────────────────────────────────

    def add(self, seed: Seed, torrent: bytes, root: str) -> int:
        """See Swarm.add."""
        wanted = load(seed, torrent)
        short = seed.hashes.short
        if short in self._torrents:
            raise seeded_already(seed)
        files = files_of(wanted)
        paths = [os.path.join(root, path) for path in seed.files]
        stamps = find_stamps(paths)
        verify_files(seed, [size for _, size in files], stamps)
        wanted.renamed_files = {index: path for (index, _), path in zip(files, paths, strict=True)}
        wanted.save_path = root
        wanted.verified_pieces = pieces_without_hashes(wanted, [index for index, _ in files])
        instruct(wanted, self._chosen)
        self._torrents[short] = Torrent(seed, root, paths)
        self._session.async_add_torrent(wanted)
        return mark_of(stamps)

    def remove(self, hashes: InfoHashes) -> None:
        """See Swarm.remove."""
        leaving = self._torrents.get(hashes.short)
        if leaving is None:
            return
        known = self._wait(lambda: leaving.handle is not None or bool(leaving.error))
        if leaving.handle is not None:
            best = leaving.handle.info_hashes().get_best()
            self._session.remove_torrent(leaving.handle)
            # Asked in the order of the calls: when this is answered, the removal is done and its peers are gone.
            known = not self._session.find_torrent(best).is_valid()
        del self._torrents[hashes.short]
        if not known or not self._wait(lambda: self._are_closed(leaving)):
            raise Uncertain(
                "still-seeded",
                "it cannot be known whether this torrent is still served",
                where=leaving.name,
                cure="stop the seeder (Ctrl-C, or: sonoteca seed --stop), then go on",
            )

    def _are_closed(self, leaving: Torrent) -> bool:
        """Whether nothing of it is open here, but for what another torrent has as well."""
        mine = set(leaving.paths)
        still = {number for path in self._open_files.paths() if (number := hash(path)) in mine}
        return all(any(number in one.paths for one in self._torrents.values()) for number in still)

    # ── telling others ───────────────────────────────────────────────────────────────────────────────────────────────

    def announce(self, hashes: InfoHashes) -> None:
        """See Swarm.announce."""
        torrent = self._torrents.get(hashes.short)
        if torrent is None or torrent.handle is None or torrent.state != SEEDING:
            return
        if self._chosen.trackers and not torrent.is_told:
            torrent.is_told = True
            trackers: Any = [{"url": url, "tier": tier} for tier, url in enumerate(self._chosen.trackers)]
            torrent.handle.replace_trackers(trackers)
        if self._chosen.dht:
            torrent.handle.force_dht_announce()
            torrent.announced[TABLE] = (time.time(), "")

    def limit(self, upload_bytes_s: int) -> None:
        """See Swarm.limit."""
        self._session.apply_settings(cast(Any, {"upload_rate_limit": upload_bytes_s}))

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> tuple[SeedStatus, ...]:
        """See Swarm.status."""
        return tuple(sorted(map(_told, self._torrents.values()), key=lambda one: one.name))

    def states(self) -> dict[InfoHashes, str]:
        """See Swarm.states."""
        return {one.hashes: one.state for one in self._torrents.values()}

    def peers(self, hashes: InfoHashes) -> tuple[PeerSeen, ...]:
        """See Swarm.peers."""
        found = self._torrents.get(hashes.short)
        return () if found is None or found.handle is None else seen_peers(found.handle)

    def totals(self) -> Totals:
        """See Swarm.totals."""
        self._stats = {}
        self._session.post_session_stats()
        self._wait(lambda: bool(self._stats))
        return Totals(**{name: int(self._stats.get(metric, 0)) for name, metric in _METRICS.items()})

    def addresses(self) -> tuple[str, ...]:
        """See Swarm.addresses."""
        return tuple(self._listens)

    def wakes(self) -> int | None:
        """See Swarm.wakes."""
        return self._bell.fileno()

    # ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def drain(self) -> None:
        """See Swarm.drain."""
        with suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass
        heeded = heeded_alerts()
        # What an alert points to is gone when the next are taken: nothing of them is kept.
        for alert in self._session.pop_alerts():
            if isinstance(alert, heeded):
                self._heed_torrent(alert)
            elif isinstance(alert, lt.session_stats_alert):
                self._stats = dict(alert.values)
            elif isinstance(alert, lt.listen_succeeded_alert) and alert.socket_type == lt.socket_type_t.tcp:
                self._listens[_address(alert.address, alert.port)] = None
            elif isinstance(alert, lt.listen_failed_alert):
                self._deaf = _deaf(_address(alert.address, alert.port), alert.error.message(), alert.error.value())

    def _heed_torrent(self, alert: "lt.torrent_alert") -> None:
        if isinstance(alert, lt.add_torrent_alert):
            self._heed_added(alert)
        elif alert.handle.is_valid():
            torrent = self._torrents.get(short_of(alert.handle.info_hashes()))
            if torrent is not None:
                heed(torrent, alert)

    def _heed_added(self, alert: "lt.add_torrent_alert") -> None:
        is_well = not alert.error.value()
        # The parameters come as a copy, with all that is in them.
        found = alert.handle.info_hashes() if is_well else alert.params.info_hashes
        torrent = self._torrents.get(short_of(found))
        if torrent is None:
            return
        if is_well:
            torrent.handle = alert.handle
        else:
            torrent.error = alert.error.message()

    # ── ending ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def hush(self) -> None:
        """Serves nobody any more and listens nowhere, at once; the rest of `close` may take a while: connections over
        uTP are waited for, half a minute if a peer does not answer. For a process that ends anyway."""
        for torrent in self._torrents.values():
            if torrent.handle is not None:
                self._session.remove_torrent(torrent.handle)
        self._torrents.clear()
        self._session.apply_settings(cast(Any, {"listen_interfaces": ""}))
        self._session.pause()
        # Asked in the order of the calls: when this is answered, all of them are done.
        self._session.is_paused()

    def close(self) -> None:
        """See Swarm.close."""
        if self._bell.fileno() < 0:
            return
        self.hush()
        del self._session  # waits until its threads have ended
        self._ringer.close()
        self._bell.close()

    def _wait(self, come: Callable[[], bool]) -> bool:
        """Until that is so, or the deadline."""
        end = time.monotonic() + DEADLINE_S
        while not come():
            if time.monotonic() > end:
                return False
            self._session.wait_for_alert(20)
            self.drain()
        return True


_METRICS = {
    "peers": "peer.num_peers_connected",
    "uploaded_bytes": "net.sent_payload_bytes",
    "downloaded_bytes": "net.recv_payload_bytes",
    "connections_taken": "peer.incoming_connections",
    "wrong_pieces": "ses.num_piece_failed",
    "requests_refused": "peer.invalid_piece_requests",
    "dht_nodes": "dht.dht_nodes",
}


def _told(torrent: Torrent) -> SeedStatus:
    seen = None if torrent.handle is None else torrent.handle.status(0)
    error = torrent.error or (seen.errc.message() if seen is not None and seen.errc.value() else "")
    return SeedStatus(
        name=torrent.name,
        hashes=torrent.hashes,
        state=ERROR if error else torrent.state,
        peers=seen.num_peers if seen else 0,
        uploaded_bytes=seen.total_payload_upload if seen else 0,
        downloaded_bytes=seen.total_payload_download if seen else 0,
        error=error,
        damaged=tuple(sorted(os.path.relpath(path, torrent.root) for path in torrent.damaged)),
        announced=tuple(
            Announced(way=way, at=_iso(at) if at else "", trouble=trouble)
            for way, (at, trouble) in sorted(torrent.announced.items())
        ),
    )


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _deaf(address: str, why: str, number: int) -> SonotecaError:
    what = f"it cannot listen there ({why})"
    if number == EADDRINUSE:
        cure = "stop what listens there, or choose another port: sonoteca seed --listen ADDRESS:PORT"
        return Conflict("port-taken", what, where=address, cure=cure)
    cure = "name an address of this machine: sonoteca seed --listen ADDRESS:PORT"
    return Unreachable("cannot-listen", what, where=address, cure=cure)


class _OpenFiles:
    """Which files this process has open, as the kernel tells; where it does not, none is taken to be."""

    def __init__(self) -> None:
        self._folder: int | None = None
        with suppress(OSError):
            self._folder = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def paths(self) -> list[str]:
        """All of them."""
        return [] if self._folder is None else [self._target(name) for name in os.listdir(self._folder)]

    def _target(self, name: str) -> str:
        try:
            return os.readlink(name, dir_fd=self._folder)
        except OSError:
            return ""  # closed since the folder was read
