"""Duplicates: the corpus' pairs, judged by duplicates.csv; and how fast is too fast.

    audio.duplicates_recall     rows that should be found and are ÷ rows that should be found
    audio.duplicates_false      rows that should not be found and are, and every other two recordings that are told to
                                be the same or parts of each other
    audio.duplicates_look       pairs of recordings that a person is asked to listen to
    audio.speed_limit_percent   how much faster the corpus' longest recordings may play and are still found

Every recording goes through the room's own decoder; candidates come out of an index of all of them, on disk.

    python -m sonoteca.bench.audio_duplicates CORPUS        prints the table of docs/sameness.md
"""

import csv
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sonoteca.bench.audio_fingerprint import corpus_files, heard_apart, paired_files
from sonoteca.bench.audio_speed import faster
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.catalogue.sameness import codes_of, find_overlap
from sonoteca.formats import fingerprint
from sonoteca.formats.fingerprint import Raw
from sonoteca.model.sameness import Likeness, Overlap
from sonoteca.model.sound import Heard
from sonoteca.pipeline.sameness import MOST_COMPARED
from sonoteca.ports.bench_folder import BenchFolder
from sonoteca.ports.sameness_index import Entry, SegmentIndex

YES = ("yes", "yes-partial")
SURE = (Likeness.BYTES, Likeness.SAMPLES, Likeness.RECORDING, Likeness.PART)
SPEEDS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
LONG_S, LONGEST = 90.0, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A row of duplicates.csv, and what was found."""

    one: str
    other: str
    relation: str
    expected: str
    note: str
    found: Overlap | None

    @property
    def is_found(self) -> bool:
        """Whether it is said that they are the same, or parts of each other."""
        return self.found is not None and self.found.likeness in SURE


class Shelf:
    """Recordings of the corpus, heard and indexed. Names are paths below the corpus."""

    def __init__(self, scratch: BenchFolder, corpus: str, files: Sequence[str]) -> None:
        self._corpus = corpus
        self.names = [os.path.relpath(path, corpus) for path in files]
        self.heard: dict[str, Heard] = {
            name: heard_apart(path)[0] for name, path in zip(self.names, files, strict=True)
        }
        self.raws: dict[str, Raw] = {
            name: fingerprint.parse(one.fingerprint) for name, one in self.heard.items() if one.fingerprint
        }
        self.index = SegmentIndex(scratch.root, "duplicates")
        self.index.add(
            [Entry(key, codes_of(self.raws[name])) for key, name in enumerate(self.names) if name in self.raws]
        )

    def find(self, raw: Raw) -> dict[str, Overlap]:
        """What is like this, by name."""
        names = [self.names[key] for key, _ in self.index.find(codes_of(raw), MOST_COMPARED)]
        found = {name: find_overlap(raw, self.raws[name]) for name in names}
        return {name: one for name, one in found.items() if one}

    def between(self, one: str, other: str) -> Overlap | None:
        """What two are to each other, as the archive would tell it."""
        span_s = self.heard[one].seconds
        if self._digest(one) == self._digest(other):
            return Overlap(likeness=Likeness.BYTES, error=0.0, offset_s=0.0, start_s=0.0, span_s=span_s)
        if self.heard[one].pcm_md5 and self.heard[one].pcm_md5 == self.heard[other].pcm_md5:
            return Overlap(likeness=Likeness.SAMPLES, error=0.0, offset_s=0.0, start_s=0.0, span_s=span_s)
        return self.find(self.raws[one]).get(other) if one in self.raws else None

    def _digest(self, name: str) -> bytes:
        with open(os.path.join(self._corpus, name), "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()


def duplicates(bench: Bench) -> Iterator[Figure | Skipped]:
    """The figures of this group."""
    files = corpus_files(bench.corpus)
    if not files:
        yield Skipped(figure="audio.duplicates_recall", why="needs the corpus")
        return
    shelf = Shelf(bench.scratch, bench.corpus, files)
    pairs = judged(shelf, bench.corpus)
    wanted = [one for one in pairs if one.expected in YES]
    recall = sum(one.is_found for one in wanted) / len(wanted)
    yield _figure("duplicates_recall", recall, "share", f"duplicates.csv, {len(wanted)} rows")
    strangers = list(_strangers(shelf, pairs))
    wrong = sum(one.is_found for one in pairs if one.expected == "no")
    wrong += sum(overlap.likeness in SURE for _, _, overlap in strangers)
    asked = f"{len(shelf.raws)} recordings with a fingerprint, each asked for"
    yield _figure("duplicates_false", wrong, "pairs", asked)
    look = sum(overlap.likeness is Likeness.MAYBE for _, _, overlap in strangers)
    yield _figure("duplicates_look", look, "pairs", _told(strangers))
    yield _speed(shelf, bench.corpus)
    bench.scratch.remove("index")


def judged(shelf: Shelf, corpus: str) -> list[Pair]:
    """Every row of duplicates.csv, with what was found."""
    with open(os.path.join(corpus, "duplicates.csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        Pair(
            one=row["file_a"],
            other=row["file_b"],
            relation=row["relation"],
            expected=row["expected_match"],
            note=row["note"],
            found=shelf.between(row["file_a"], row["file_b"]),
        )
        for row in rows
    ]


def _strangers(shelf: Shelf, pairs: Sequence[Pair]) -> Iterator[tuple[str, str, Overlap]]:
    """Pairs that are told to be alike, though nobody said so: neither a row nor a chain of rows joins them."""
    group = {name: name for name in shelf.names}
    for pair in pairs:
        if pair.expected in (*YES, "maybe"):
            old, new = group[pair.other], group[pair.one]
            group = {name: new if at == old else at for name, at in group.items()}
    for name, raw in shelf.raws.items():
        for other, overlap in shelf.find(raw).items():
            if name < other and group[name] != group[other]:
                yield name, other, overlap


def _told(strangers: Sequence[tuple[str, str, Overlap]]) -> str:
    """Pairs in words."""
    told = (f"{one} – {other}: {overlap.likeness.value}, {overlap.error}" for one, other, overlap in strangers)
    return "; ".join(told) or "none"


def _speed(shelf: Shelf, corpus: str) -> Figure:
    """The most of SPEEDS at which all of the longest recordings are found."""
    longest = sorted(shelf.raws, key=lambda name: (-shelf.heard[name].seconds, name))
    chosen = [name for name in longest if shelf.heard[name].seconds >= LONG_S][:LONGEST]
    told, limit, is_unbroken = [], 0.0, True
    for percent in SPEEDS:
        found = sum(_is_found(shelf, name, faster(os.path.join(corpus, name), percent)) for name in chosen)
        told.append(f"{percent} %: {found}")
        is_unbroken = is_unbroken and found == len(chosen)
        limit = percent if is_unbroken else limit
    return _figure("speed_limit_percent", limit, "%", f"{len(chosen)} recordings, found at " + ", ".join(told))


def _is_found(shelf: Shelf, name: str, raw: Raw) -> bool:
    found = shelf.find(raw).get(name)
    return found is not None and found.likeness in SURE


def table(pairs: Sequence[Pair]) -> str:
    """The score table of docs/sameness.md."""
    lines = [
        "| pair | what it is | expected | found | bits | offset | span |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for pair in pairs:
        names = f"{os.path.basename(pair.one)} – {os.path.basename(pair.other)}"
        what = pair.relation + (f" ({pair.note})" if pair.note else "")
        one = pair.found
        said = (
            (one.likeness.value, f"{100 * one.error:.1f} %", f"{one.offset_s:.1f} s", f"{one.span_s:.0f} s")
            if one
            else ("–", "", "", "")
        )
        lines.append("| " + " | ".join((names, what, pair.expected, *said)) + " |")
    return "\n".join(lines) + "\n"


def _figure(name: str, value: float, unit: str, against: str) -> Figure:
    return Figure(figure=f"audio.{name}", value=round(value, 4), unit=unit, against=against, runs=1)


def score(scratch: BenchFolder, corpus: str) -> str:
    """The table, from the corpus."""
    return table(judged(Shelf(scratch, corpus, paired_files(corpus)), corpus))


if __name__ == "__main__":
    with BenchFolder.temporary("") as folder:
        sys.stdout.write(score(folder, sys.argv[1]))
