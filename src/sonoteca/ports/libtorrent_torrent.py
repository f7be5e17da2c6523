"""A .torrent as libtorrent reads it, before the session hears of it: within the limits, with the hashes that the seed
names, seeding and nothing else.

Takes  a Seed and the bytes of its .torrent.   Gives  add_torrent_params.
Never  without both flags, seed_mode | upload_mode (libtorrent_swarm.py says why); with trackers, web seeds or nodes
       that stand in the .torrent.
"""

from collections.abc import Sequence
from typing import Any, cast

from sonoteca.model.errors import Unreachable
from sonoteca.model.torrent import InfoHashes, Seed
from sonoteca.ports.swarm import MAX_DEPTH, MAX_PIECES, MAX_TOKENS, MAX_TORRENT_BYTES, SwarmSettings, bad_torrent

try:
    import libtorrent as lt
except ImportError:  # no wheel for this Python
    lt = None  # type: ignore[assignment]

__all__ = ["files_of", "instruct", "load", "lt", "pieces_without_hashes", "short_of", "verify_installed"]

_LIMITS = {"max_pieces": MAX_PIECES, "max_decode_tokens": MAX_TOKENS, "max_decode_depth": MAX_DEPTH}


def verify_installed() -> None:
    """Unreachable "no-libtorrent" where there is none."""
    if lt is None:
        raise Unreachable(
            "no-libtorrent",
            "libtorrent is not installed, and nothing can be seeded without it",
            where="sonoteca seed",
            cure="it has no wheel for Python 3.14 and later: use Python 3.11, 3.12 or 3.13 (make PYTHON=python3.13)",
        )


def load(seed: Seed, torrent: bytes) -> "lt.add_torrent_params":
    """The .torrent, within the limits; Damaged "bad-torrent" unless it has the hashes that the seed names."""
    if len(torrent) > MAX_TORRENT_BYTES:
        raise bad_torrent(seed, f"it has more than {MAX_TORRENT_BYTES} bytes")
    try:
        wanted: lt.add_torrent_params = lt.load_torrent_buffer(torrent, cast(Any, _LIMITS))
    except (RuntimeError, ValueError) as error:
        raise bad_torrent(seed, str(error)[:200]) from error
    found = _hashes_of(wanted.info_hashes)
    if found != seed.hashes:
        raise bad_torrent(seed, f"its hashes are {found.v1 or '-'} {found.v2 or '-'}, not those of its seed file")
    return wanted


def _hashes_of(found: "lt.info_hash_t") -> InfoHashes:
    return InfoHashes(v1=str(found.v1) if found.has_v1() else "", v2=str(found.v2) if found.has_v2() else "")


def short_of(found: "lt.info_hash_t") -> str:
    """InfoHashes.short, without making all of it: alerts by the hundred thousand ask for no more."""
    return str(found.v1) if found.has_v1() else _hashes_of(found).short


def files_of(wanted: "lt.add_torrent_params") -> list[tuple[int, int]]:
    """Index and size of each file that is no pad."""
    if wanted.ti is None:
        return []
    files = wanted.ti.layout()
    pad = lt.file_flags_t.flag_pad_file
    return [(index, files.file_size(index)) for index in range(files.num_files()) if not files.file_flags(index) & pad]


def pieces_without_hashes(wanted: "lt.add_torrent_params", files: Sequence[int]) -> list[bool]:
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


def instruct(wanted: "lt.add_torrent_params", chosen: SwarmSettings) -> None:
    """To seed and to do nothing else; whom to tell of it comes later, and from the settings (Swarm.announce)."""
    flags = lt.torrent_flags.seed_mode | lt.torrent_flags.upload_mode
    flags |= lt.torrent_flags.override_trackers | lt.torrent_flags.override_web_seeds
    flags |= lt.torrent_flags.duplicate_is_error
    if not chosen.dht:
        flags |= lt.torrent_flags.disable_dht
    if not chosen.lsd:
        flags |= lt.torrent_flags.disable_lsd
    wanted.flags = flags
    wanted.trackers = []
    wanted.tracker_tiers = []
    wanted.url_seeds = []
    wanted.http_seeds = []
    wanted.dht_nodes = []
