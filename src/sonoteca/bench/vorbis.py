"""Vorbis: recordings of the corpus, because the wheel of PyAV has no encoder for it.

Takes  the corpus' folder.   Gives  its longest Vorbis recordings, from the longest on; none where there is no corpus.
"""

import csv
import os

LIST = "index.csv"
COPIES = "duplicates"  # the same recordings again, altered a little


def longest(corpus: str, seconds: float) -> list[str]:
    """Paths of recordings that together have at least so many seconds, if there are so many."""
    found, total = list[str](), 0.0
    for duration_s, path in _all(corpus):
        if total >= seconds:
            break
        found.append(path)
        total += duration_s
    return found


def _all(corpus: str) -> list[tuple[float, str]]:
    index = os.path.join(corpus, LIST)
    if not os.path.exists(index):
        return []
    with open(index, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["codec"] == "vorbis" and row["release"] != COPIES]
    paths = [(float(row["duration_s"]), os.path.join(corpus, row["release"], row["file"])) for row in rows]
    return sorted((one for one in paths if os.path.exists(one[1])), reverse=True)
