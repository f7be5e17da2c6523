"""Bench "torrents": what it costs to make torrents of what is stored, to give them out, and to prove that others have
them.

Takes  a scratch folder.   Gives  the figures, one after the other (each module of a group says which).
Never  leaves anything in the scratch folder but what was there.
"""

from collections.abc import Callable, Iterator

from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.bench.torrents_assemble import assembling
from sonoteca.bench.torrents_audit import auditing
from sonoteca.bench.torrents_hash import hashing
from sonoteca.bench.torrents_reissue import reissuing
from sonoteca.bench.torrents_seed import seeding
from sonoteca.bench.torrents_stream import streaming
from sonoteca.bench.torrents_unread import unread

# A group is a module torrents_<group>.py and a line here.
GROUPS: dict[str, Callable[[Bench], Iterator[Figure | Skipped]]] = {
    "hash": hashing,
    "assemble": assembling,
    "unread": unread,
    "audit": auditing,
    "reissue": reissuing,
    "seed": seeding,
    "stream": streaming,
}


def measure(bench: Bench) -> Iterator[Figure | Skipped]:
    """All figures of this bench, or those of one group."""
    for name, figures in GROUPS.items():
        if bench.only in ("", name):
            yield from figures(bench)
