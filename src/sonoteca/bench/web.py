"""Bench "web": what the website costs.

Takes  a scratch folder and the corpus.   Gives  the figures, one after the other (each module of a group says which).
Never  leaves anything in the scratch folder but what was there.
"""

from collections.abc import Callable, Iterator

from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.bench.web_media import media
from sonoteca.bench.web_pages import pages

GROUPS: dict[str, Callable[[Bench], Iterator[Figure | Skipped]]] = {"pages": pages, "media": media}


def measure(bench: Bench) -> Iterator[Figure | Skipped]:
    """All figures of this bench, or those of one group."""
    for name, figures in GROUPS.items():
        if bench.only in ("", name):
            yield from figures(bench)
