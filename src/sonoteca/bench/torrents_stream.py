"""Streaming: how long a listener waits for the first 64 KiB of a track of somebody else's swarm.

Takes  the bench.   Gives  wall time on loopback; one plain libtorrent is the swarm.

    torrents.stream_first_64k_ms   from a magnet link with a peer in it (the process that plays is there already): the
                                   peer is called, the torrent's description comes, a piece of 256 KiB comes and is
                                   checked; the slowest of the runs stands in `against`
    torrents.stream_seek_ms        64 KiB from another place of the same track, of which nothing has come yet

A new link each time: the peer has forgotten nobody, and nothing is there before.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata

from sonoteca.bench.figures import Figure, Skipped, flush, load, median
from sonoteca.bench.leech import lt
from sonoteca.bench.noise_volume import write_noise
from sonoteca.bench.plain_peer import plain_peer
from sonoteca.bench.store import Bench
from sonoteca.model.stream import Wanted
from sonoteca.model.torrent import Outside
from sonoteca.ports.stream import StreamLimits
from sonoteca.ports.stream_process import ProcessStreams
from sonoteca.torrents.assemble import magnet

FILES, FILE_BYTES, LISTENS = 40, 8_000_000, 10
FIRST_BYTES = 64 * 1024
FOLDER, NAME = "streamed", "sonoteca-bench-stream"


def streaming(bench: Bench) -> Iterator[Figure | Skipped]:
    """The figures, or why they cannot be read."""
    if lt is None:
        yield Skipped(figure="torrents.stream_first_64k_ms", why="libtorrent has no wheel for this Python")
        return
    paths = [f"{number:03}.opus" for number in range(FILES)]
    torrent, _ = write_noise(bench.scratch.below(FOLDER), NAME, paths, FILE_BYTES)
    root = os.path.join(bench.scratch.root, FOLDER)
    flush()
    streams = ProcessStreams(os.path.join(root, "cache"), StreamLimits())
    with plain_peer(os.path.join(root, "volume.torrent"), root) as port, closing(streams):
        link = magnet(torrent.hashes, NAME, Outside(), f"127.0.0.1:{port}")
        streams.open(Wanted(path="000.opus", link=link)).close()  # the process is there
        heard = [_listen(streams, link, number) for number in range(1, 1 + LISTENS * bench.runs)]
    first, seek = zip(*heard, strict=True)
    peer = f"libtorrent {metadata.version('libtorrent')} as it comes, loopback"
    for name, times in (("stream_first_64k_ms", first), ("stream_seek_ms", seek)):
        against = f"{peer}; slowest {max(times):.0f} ms; {load()}"
        yield Figure(figure=f"torrents.{name}", value=median(times), unit="ms", against=against, runs=len(times))
    bench.scratch.remove(FOLDER)


def _listen(streams: ProcessStreams, link: str, number: int) -> tuple[float, float]:
    """Milliseconds until the first 64 KiB, and until some of the middle."""
    start = time.perf_counter()
    with closing(streams.open(Wanted(path=f"{number % FILES:03}.opus", link=link))) as stream:
        stream.read(0, FIRST_BYTES)
        first = time.perf_counter()
        stream.read(FILE_BYTES - 1_000_000, FIRST_BYTES)
        return (first - start) * 1000, (time.perf_counter() - first) * 1000
