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
alone. Here it is "error" from then on, until it is removed and added again. A piece that was right once is not hashed
again, nor are those of a second file with the same bytes (_pieces_without_hashes): damage there is found by `sonoteca
verify`, and by the peers, who hash what they get.

What the kernel has taken over by the time a torrent is removed may still arrive: unsent that is 16 KiB a connection
(UNSENT_BYTES), the rest is on its way, or there and not yet read.
"""

import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EADDRINUSE
from typing import Any, ClassVar, cast

from sonoteca.model.errors import Conflict, SonotecaError, Uncertain, Unreachable
from sonoteca.model.torrent import InfoHashes, Seed, SeedStatus
from sonoteca.ports.libtorrent_settings import session_settings
from sonoteca.ports.swarm import (
    ADDING,
    ERROR,
    MAX_DEPTH,
    MAX_PIECES,
    MAX_TOKENS,
    MAX_TORRENT_BYTES,
    SEEDING,
    SwarmSettings,
    bad_torrent,
    find_size,
    seeded_already,
    verify_files,
)

try:
    import libtorrent as lt
except ImportError:  # no wheel for this Python
    lt = None  # type: ignore[assignment]

DEADLINE_S = 10.0
_LIMITS = {"max_pieces": MAX_PIECES, "max_decode_tokens": MAX_TOKENS, "max_decode_depth": MAX_DEPTH}


class _Torrent:
    """One that libtorrent was given. `handle` comes with the alert that it was added."""

    def __init__(self, seed: Seed, paths: Sequence[str]) -> None:
        self.seed = seed
        self.paths = frozenset(paths)
        self.handle: lt.torrent_handle | None = None
        self.error = ""


class LibtorrentSwarm:
    """A session that only uploads. Unreachable "no-libtorrent" where it is not installed, Conflict "port-taken"."""

    PLACES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, chosen: SwarmSettings) -> None:
        verify_installed()
        self._chosen = chosen
        self._torrents: dict[str, _Torrent] = {}
        self._listens: dict[str, None] = {}
        self._deaf: SonotecaError | None = None
        self._open_files = _OpenFiles()
        settings = session_settings(chosen, lt.generate_fingerprint("SO", 0, 1, 0, 0), _alert_mask())
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

    def add(self, seed: Seed, torrent: bytes, root: str) -> None:
        """See Swarm.add."""
        wanted = _load(seed, torrent)
        short = _hashes(wanted.info_hashes).short
        if short in self._torrents:
            raise seeded_already(seed)
        files = _files(wanted)
        paths = [os.path.join(root, path) for path in seed.files]
        verify_files(seed, [size for _, size in files], [find_size(path) for path in paths])
        wanted.renamed_files = {index: path for (index, _), path in zip(files, paths, strict=True)}
        wanted.save_path = root
        wanted.verified_pieces = _pieces_without_hashes(wanted, [index for index, _ in files])
        self._instruct(wanted)
        self._torrents[short] = _Torrent(seed, paths)
        self._session.async_add_torrent(wanted)

    def _instruct(self, wanted: "lt.add_torrent_params") -> None:
        flags = lt.torrent_flags.seed_mode | lt.torrent_flags.upload_mode
        flags |= lt.torrent_flags.override_trackers | lt.torrent_flags.override_web_seeds
        flags |= lt.torrent_flags.duplicate_is_error
        if not self._chosen.dht:
            flags |= lt.torrent_flags.disable_dht
        if not self._chosen.lsd:
            flags |= lt.torrent_flags.disable_lsd
        wanted.flags = flags
        wanted.trackers = list(self._chosen.trackers)
        wanted.tracker_tiers = list(range(len(self._chosen.trackers)))
        wanted.url_seeds = []
        wanted.http_seeds = []
        wanted.dht_nodes = []

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
        others = {path for one in self._torrents.values() for path in one.paths}
        if not known or not self._wait(lambda: self._open_files.are_closed(leaving.paths - others)):
            raise Uncertain(
                "still-seeded",
                "it cannot be known whether this torrent is still served",
                where=leaving.seed.name,
                cure="stop the seeder (Ctrl-C, or: sonoteca seed --stop), then go on",
            )

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def status(self) -> tuple[SeedStatus, ...]:
        """See Swarm.status."""
        return tuple(sorted(map(_told, self._torrents.values()), key=lambda one: one.name))

    def addresses(self) -> tuple[str, ...]:
        """See Swarm.addresses."""
        return tuple(self._listens)

    def wakes(self) -> int | None:
        """See Swarm.wakes."""
        return self._bell.fileno()

    def drain(self) -> None:
        """See Swarm.drain."""
        with suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass
        # What an alert points to is gone when the next are taken: nothing of them is kept.
        for alert in self._session.pop_alerts():
            if isinstance(alert, lt.torrent_alert):
                self._heed_torrent(alert)
            elif isinstance(alert, lt.listen_succeeded_alert) and alert.socket_type == lt.socket_type_t.tcp:
                self._listens[_address(alert.address, alert.port)] = None
            elif isinstance(alert, lt.listen_failed_alert):
                self._deaf = _deaf(_address(alert.address, alert.port), alert.error.message(), alert.error.value())

    def _heed_torrent(self, alert: "lt.torrent_alert") -> None:
        if isinstance(alert, lt.add_torrent_alert):
            torrent = self._torrents.get(_hashes(alert.params.info_hashes).short)
            if torrent is None:
                return
            if alert.error.value():
                torrent.error = alert.error.message()
            else:
                torrent.handle = alert.handle
        elif isinstance(alert, _troubles()) and alert.handle.is_valid():
            torrent = self._torrents.get(_hashes(alert.handle.info_hashes()).short)
            if torrent is not None and not torrent.error:
                torrent.error = alert.message()

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


def verify_installed() -> None:
    """Unreachable "no-libtorrent" where there is none."""
    if lt is None:
        raise Unreachable(
            "no-libtorrent",
            "libtorrent is not installed, and nothing can be seeded without it",
            where="sonoteca seed",
            cure="it has no wheel for Python 3.14 and later: use Python 3.11, 3.12 or 3.13 (make PYTHON=python3.13)",
        )


def _alert_mask() -> int:
    chosen = lt.alert.category_t
    return int(chosen.error_notification | chosen.status_notification | chosen.storage_notification)


def _troubles() -> tuple[type, ...]:
    return (lt.torrent_error_alert, lt.file_error_alert, lt.hash_failed_alert, lt.fastresume_rejected_alert)


def _load(seed: Seed, torrent: bytes) -> "lt.add_torrent_params":
    """The .torrent, within the limits; Damaged "bad-torrent" unless it has the hashes that the seed names."""
    if len(torrent) > MAX_TORRENT_BYTES:
        raise bad_torrent(seed, f"it has more than {MAX_TORRENT_BYTES} bytes")
    try:
        wanted: lt.add_torrent_params = lt.load_torrent_buffer(torrent, cast(Any, _LIMITS))
    except (RuntimeError, ValueError) as error:
        raise bad_torrent(seed, str(error)[:200]) from error
    found = _hashes(wanted.info_hashes)
    if found != seed.hashes:
        raise bad_torrent(seed, f"its hashes are {found.v1 or '-'} {found.v2 or '-'}, not those of its seed file")
    return wanted


def _hashes(found: "lt.info_hash_t") -> InfoHashes:
    return InfoHashes(v1=str(found.v1) if found.has_v1() else "", v2=str(found.v2) if found.has_v2() else "")


def _files(wanted: "lt.add_torrent_params") -> list[tuple[int, int]]:
    """Index and size of each file that is no pad."""
    if wanted.ti is None:
        return []
    files = wanted.ti.layout()
    pad = lt.file_flags_t.flag_pad_file
    return [(index, files.file_size(index)) for index in range(files.num_files()) if not files.file_flags(index) & pad]


def _pieces_without_hashes(wanted: "lt.add_torrent_params", files: Sequence[int]) -> list[bool]:
    """Which pieces are to be taken as right: libtorrent 2.1.1 keeps the v2 hashes of only one of several equal files,
    and finds every piece of the others wrong. [] when there are none: then all are hashed before they are served."""
    if wanted.ti is None or not wanted.info_hashes.has_v2():
        return []
    layout = wanted.ti.layout()
    # A file of one piece is its own hash.
    twins = [index for index in files if layout.file_size(index) > layout.piece_length() and _is_twin(layout, index)]
    found = [False] * (layout.num_pieces() if twins else 0)
    for index in twins:
        start = layout.piece_index_at_file(index)
        count = -(-layout.file_size(index) // layout.piece_length())
        found[start : start + count] = [True] * count
    return found


def _is_twin(layout: "lt.file_storage", index: int) -> bool:
    """Whether a file before this one has the same bytes."""
    return layout.file_index_for_root(layout.root(index)) != index


def _told(torrent: _Torrent) -> SeedStatus:
    seed = torrent.seed
    if torrent.handle is None:
        return SeedStatus(
            name=seed.name, hashes=seed.hashes, state=ERROR if torrent.error else ADDING, error=torrent.error
        )
    seen = torrent.handle.status(0)
    state, error = _state(torrent, seen)
    return SeedStatus(
        name=seed.name,
        hashes=seed.hashes,
        state=state,
        peers=seen.num_peers,
        uploaded_bytes=seen.total_payload_upload,
        downloaded_bytes=seen.total_payload_download,
        error=error,
    )


def _state(torrent: _Torrent, seen: "lt.torrent_status") -> tuple[str, str]:
    states = lt.torrent_status.states
    if torrent.error or seen.errc.value():
        return ERROR, torrent.error or seen.errc.message()
    if seen.state in (states.seeding, states.finished):
        return SEEDING, ""
    if seen.state in (states.checking_files, states.checking_resume_data):
        return ADDING, ""
    return ERROR, "not all of it is there"


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

    def are_closed(self, paths: frozenset[str]) -> bool:
        """Whether none of these is open here."""
        if self._folder is None or not paths:
            return True
        return not any(self._target(name) in paths for name in os.listdir(self._folder))

    def _target(self, name: str) -> str:
        try:
            return os.readlink(name, dir_fd=self._folder)
        except OSError:
            return ""  # closed since the folder was read
