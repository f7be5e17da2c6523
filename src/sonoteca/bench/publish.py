"""Bench "publish": what it costs to go from the store to the swarm, beside the usual tools in a shell script.

Takes  a scratch folder and the corpus.   Gives  the figures, one after the other.
Never  leaves anything in the scratch folder but what was there.

    publish.room_vs_shell_flac     publishing FLAC recordings ÷ bench/shell_baseline.sh on the same files (CPU)
    publish.room_vs_shell_wav      the same of WAV, which FLAC copies are made of as well
    publish.room_vs_shell_vorbis   the same of the corpus' longest Vorbis recordings
    publish.noncodec_share         what is neither codec, resampling, levels nor sums ÷ the whole, in those runs
    publish.extra_reads_bytes      audio of the store read for torrents, by strace, of `run` and of `seed`
    publish.two_workers_speedup    one process at a time ÷ two (wall time)
    publish.two_cores_speedup      the same of numpy's FFTs, which wait for nothing: what the machine could give then
    publish.wall_per_audio_hour_s  in those runs, two processes at a time
    publish.peak_rss_mb_…          the most memory of each kind of process, one recording being long
"""

from collections.abc import Callable, Iterator

from sonoteca.bench.beside_shell import rooms
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.bench.watched import extra_reads, memory, workers

GROUPS: dict[str, Callable[[Bench], Iterator[Figure | Skipped]]] = {
    "rooms": rooms,
    "reads": extra_reads,
    "workers": workers,
    "memory": memory,
}


def measure(bench: Bench) -> Iterator[Figure | Skipped]:
    """All figures of this bench, or those of one group."""
    for name, figures in GROUPS.items():
        if bench.only in ("", name):
            yield from figures(bench)
