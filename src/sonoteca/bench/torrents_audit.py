"""Auditing: how long it takes to ask one peer for 30 random blocks and to compare them with what is stored.

Takes  the bench.   Gives  wall time (the peer is another process: processor time would leave it out), and ours alone.

    torrents.audit_30_blocks_ms       from the connection to the verdict: handshake, 30 blocks of 16 KiB one after the
                                      other, each compared with its leaf out of a .pieces file read and checked for it
    torrents.audit_30_blocks_cpu_ms   our part of it, processor time

The peer is libtorrent as it comes, on loopback, with a hybrid volume of FILES distinct files in the page cache.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from sonoteca.bench.figures import Figure, Skipped, flush, load, median, spend
from sonoteca.bench.leech import lt
from sonoteca.bench.noise_volume import write_noise
from sonoteca.bench.plain_peer import plain_peer
from sonoteca.bench.store import Bench
from sonoteca.formats import metainfo, pieces
from sonoteca.formats.merkle import HASH_BYTES
from sonoteca.model.copies import Audited, Outcome
from sonoteca.model.peers import Block, Endpoint
from sonoteca.ports.clock import SystemClock
from sonoteca.ports.peer_wire import TcpPeerWire
from sonoteca.ports.web_blocks import HttpWebBlocks
from sonoteca.swarm.audit import Doors, Question, audit
from sonoteca.swarm.audit_plan import ground_of

FILES, FILE_BYTES, BLOCKS = 500, 1_000_000, 30
FOLDER, NAME, AUDITS = "audited", "sonoteca-bench", 20


def auditing(bench: Bench) -> Iterator[Figure | Skipped]:
    """The figures, or why they cannot be read."""
    if lt is None:
        yield Skipped(figure="torrents.audit_30_blocks_ms", why="libtorrent has no wheel for this Python")
        return
    question = _make(bench)
    root = os.path.join(bench.scratch.root, FOLDER)
    flush()
    with plain_peer(os.path.join(root, "volume.torrent"), root) as port:
        spent = [spend(lambda: _one_audit(question, port, root)) for _ in range(AUDITS * bench.runs)]
    against = f"libtorrent {metadata.version('libtorrent')}, a process of its own, loopback"
    yield Figure(
        figure="torrents.audit_30_blocks_ms",
        value=median(1000 * one.wall_s for one in spent),
        unit="ms",
        against=f"{against}; {load()}",
        runs=len(spent),
    )
    cpu = median(1000 * one.cpu_s for one in spent)
    yield Figure(figure="torrents.audit_30_blocks_cpu_ms", value=cpu, unit="ms", against=against, runs=len(spent))
    bench.scratch.remove(FOLDER)


def _make(bench: Bench) -> Question:
    """Files, their .pieces, and the hybrid torrent over them."""
    folder = bench.scratch.below(FOLDER)
    paths = [f"{number % 40:02}/{number:03}.opus" for number in range(FILES)]
    torrent, layers = write_noise(folder, NAME, paths, FILE_BYTES)
    for path, made in layers.items():
        folder.write(f"pieces/{path}", pieces.format(made))
    short = torrent.hashes.short
    return Question(
        volume=NAME,
        volume_hash=short,
        name=NAME,
        info_hash=bytes.fromhex(short),
        infohash=short,
        is_v2=False,
        ground=ground_of(metainfo.parse(torrent.torrent)),
        blocks=BLOCKS,
    )


def _one_audit(question: Question, port: int, root: str) -> None:
    doors = Doors(wire=TcpPeerWire(), web=HttpWebBlocks(), clock=SystemClock(), chance=secrets.token_bytes)

    def leaves(blocks: Sequence[Block]) -> list[bytes]:
        return [_leaf(Path(root, "pieces", block.path).read_bytes(), block.leaf) for block in blocks]

    found: list[Audited] = list(audit(question, [Endpoint(host="127.0.0.1", port=port)], doors, leaves))
    if [one.outcome for one in found] != [Outcome.PROVED]:
        raise RuntimeError(f"the peer did not prove its copy: {found}")


def _leaf(raw: bytes, leaf: int) -> bytes:
    return pieces.parse(raw).leaves[leaf * HASH_BYTES : (leaf + 1) * HASH_BYTES]
