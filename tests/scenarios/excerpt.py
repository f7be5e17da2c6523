"""An excerpt of the corpus: short recordings over all its formats, in folders as they are there, papers and all."""

import csv
import shutil
from collections import defaultdict
from pathlib import Path

NO_RECORDINGS = frozenset({"midi", "libopenmpt"})
# Longer ones would take minutes in a test; what they add is length. Whole releases of them are left to the soak test.
MAX_S = 90
PER_FORMAT = 3
MOST = 40


def rows_of(corpus: Path) -> list[dict[str, str]]:
    """Every recording of index.csv."""
    with open(corpus / "index.csv", newline="") as file:
        return [row for row in csv.DictReader(file) if row["format"] not in NO_RECORDINGS]


def chosen(corpus: Path) -> list[dict[str, str]]:
    """Rows of index.csv: of each format and codec the shortest, then those of other folders, up to so many."""
    by_format = defaultdict(list)
    for row in sorted(rows_of(corpus), key=lambda row: (float(row["duration_s"]), row["release"], row["file"])):
        if float(row["duration_s"]) <= MAX_S:
            by_format[row["format"], row["codec"]].append(row)
    found = []
    for place in range(PER_FORMAT):
        found += [one[place] for _, one in sorted(by_format.items()) if len(one) > place]
    return found[:MOST]


def excerpt(corpus: Path, folder: Path) -> list[dict[str, str]]:
    """Copies them below `folder`; gives their rows."""
    rows = chosen(corpus)
    with open(corpus / "index.csv", newline="") as file:
        listed = {(row["release"], row["file"]) for row in csv.DictReader(file)}
    for release in sorted({row["release"] for row in rows}):
        for path in sorted((corpus / release).rglob("*")):
            name = path.relative_to(corpus / release).as_posix()
            if path.is_file() and (release, name) not in listed:
                copy(path, folder / release / name)
    for row in rows:
        copy(corpus / row["release"] / row["file"], folder / row["release"] / row["file"])
    return rows


def copy(path: Path, target: Path) -> None:
    """With its folders."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
