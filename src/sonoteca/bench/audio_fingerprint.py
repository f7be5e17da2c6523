"""Fingerprint: ours beside fpcalc's, of every recording of the corpus.

audio.fpcalc_equal_share    sub-fingerprints that are the same in the same place ÷ all; what only one of them has is
                            not the same
audio.fingerprint_ms        CPU of the fingerprint, resampling included, a second of sound
"""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator

import numpy

from sonoteca.acquire.probe import probe
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.store import Bench
from sonoteca.convert.listen import listen
from sonoteca.formats import fingerprint
from sonoteca.formats.fingerprint import Raw
from sonoteca.model.ids import TrackId
from sonoteca.model.sound import Heard, RenderOrder, Span

MAX_SECONDS = 1e6


def beside_fpcalc(bench: Bench) -> Iterator[Figure | Skipped]:
    """The figures of this group."""
    program = shutil.which("fpcalc")
    files = corpus_files(bench.corpus)
    if program is None or not files:
        yield Skipped(figure="audio.fpcalc_equal_share", why="needs fpcalc and the corpus")
        return
    same = every = 0
    seconds = cpu_s = 0.0
    for path in files:
        heard, spent_s = heard_apart(path)
        ours, theirs = _raw(heard), fpcalc(program, path)
        both = min(len(ours), len(theirs))
        same += int((ours[:both] == theirs[:both]).sum())
        every += max(len(ours), len(theirs))
        seconds, cpu_s = seconds + heard.seconds, cpu_s + spent_s
    against = f"{_version(program)}, -raw -length 0, {len(files)} files, {every} sub-fingerprints"
    yield Figure(
        figure="audio.fpcalc_equal_share", value=round(same / max(1, every), 5), unit="share", against=against, runs=1
    )
    against = f"{seconds:.0f} s of the corpus in all its rates and channels, CPU of the consumer"
    yield Figure(
        figure="audio.fingerprint_ms", value=round(1000 * cpu_s / seconds, 3), unit="ms/s", against=against, runs=1
    )


def corpus_files(corpus: str) -> list[str]:
    """Every recording that index.csv lists, and every file that duplicates.csv names."""
    listed = {os.path.join(row["release"], row["file"]) for row in _rows(corpus, "index.csv")}
    return sorted({*_recordings(corpus, listed), *paired_files(corpus)})


def paired_files(corpus: str) -> list[str]:
    """Every file that duplicates.csv names."""
    return _recordings(corpus, {row[name] for row in _rows(corpus, "duplicates.csv") for name in ("file_a", "file_b")})


def _recordings(corpus: str, names: set[str]) -> list[str]:
    found = sorted(os.path.join(corpus, name) for name in names)
    return [path for path in found if probe(path, os.path.basename(path)).audio is not None]


def _rows(corpus: str, name: str) -> list[dict[str, str]]:
    try:
        with open(os.path.join(corpus, name), encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:
        return []


def heard_apart(path: str) -> tuple[Heard, float]:
    """What the room hears of a file, and the CPU seconds of the fingerprint; nothing for what cannot be decoded."""
    audio = probe(path, os.path.basename(path)).audio
    if audio is None:
        return Heard(refused="no recording"), 0.0
    span = (Span(track=TrackId("")),)
    order = RenderOrder(path=path, folder="/", master="", audio=audio, spans=span, max_seconds=MAX_SECONDS)
    heard = listen(order)
    return heard, dict(heard.cpu_s).get("fingerprint", 0.0)


def fpcalc(program: str, path: str) -> Raw:
    """What fpcalc says; nothing for what is too short for it. It may complain about the end after it printed all."""
    said = subprocess.run([program, "-raw", "-length", "0", path], capture_output=True, text=True, check=False).stdout
    words = said.partition("FINGERPRINT=")[2].strip()
    return numpy.array([int(word) for word in words.split(",") if word], numpy.uint32)


def _raw(heard: Heard) -> Raw:
    return fingerprint.parse(heard.fingerprint) if heard.fingerprint else numpy.zeros(0, numpy.uint32)


def _version(program: str) -> str:
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stdout
    return said.split(" (")[0].strip()
