"""Bench "audio": what the one decode of a recording costs with everything that it feeds.

Takes  a scratch folder and the corpus.   Gives  the figures, one after the other (each module of a group says which).
Never  leaves anything in the scratch folder but what was there.
"""

from collections.abc import Callable, Iterator

from sonoteca.bench.audio_duplicates import duplicates
from sonoteca.bench.audio_fingerprint import beside_fpcalc
from sonoteca.bench.audio_index import index
from sonoteca.bench.audio_interpreter import interpreter
from sonoteca.bench.audio_processes import memory, workers
from sonoteca.bench.audio_rooms import rooms
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench

# A group is a function of a module audio_….py and a line here; no other bench has a group of its name.
GROUPS: dict[str, Callable[[Bench], Iterator[Figure | Skipped]]] = {
    "beside-tools": rooms,
    "python": interpreter,
    "two-at-once": workers,
    "six-hours": memory,
    "fingerprint": beside_fpcalc,
    "duplicates": duplicates,
    "index": index,
}


def measure(bench: Bench) -> Iterator[Figure | Skipped]:
    """All figures of this bench, or those of one group."""
    for name, figures in GROUPS.items():
        if bench.only in ("", name):
            yield from figures(bench)
