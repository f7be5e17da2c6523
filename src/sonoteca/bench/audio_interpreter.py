"""Interpreter: how much of the room's processor time is Python and not what Python calls.

Takes  the bench.   Gives  audio.python_share.

`perf record` watches a process that renders one recording as a limited process does, from the moment when it is warm;
its samples are counted by the library that they fell into. Python is the interpreter and the modules of PyAV that stand
between it and FFmpeg (av/*.so, not the libraries of FFmpeg beside them). numpy, hashlib and the codecs are what Python
calls. What the C library and the kernel did for both sides is told beside it and counted for neither.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

from sonoteca.bench.albums import album, sounds_of
from sonoteca.bench.figures import Figure, Skipped
from sonoteca.bench.processes import environment
from sonoteca.bench.store import Bench

SHARE = "audio.python_share"
_RATE_HZ = "4999"
_LINE = re.compile(r"\s*([\d.]+)%\s+(\S+)")
_MODULES = re.compile(r".*\.cpython-3\d+.*\.so|.*\.abi3\.so")
_TASK = "import sys; from sonoteca.bench.audio_watched import main; main(*sys.argv[1:])"


def interpreter(bench: Bench) -> Iterator[Figure | Skipped]:
    """One recording of FLAC, everything that is made of it."""
    if shutil.which("perf") is None:
        yield Skipped(figure=SHARE, why="not installed: perf")
        return
    album(bench, "watched", "flac", 1, bench.sound_s / 2)
    (sound,) = sounds_of(os.path.join(bench.scratch.root, "watched"))
    for name in ("warm", "made"):
        bench.scratch.write(f"watched/made/{name}/1", b"")
    data = os.path.join(bench.scratch.root, "watched/perf.data")
    told = subprocess.run(
        [sys.executable, "-c", _TASK, sound, os.path.join(bench.scratch.root, "watched/made"), data, _RATE_HZ],
        env=environment() | {"OPENBLAS_NUM_THREADS": "1"},  # as limited processes have it
        check=False,
        capture_output=True,
        text=True,
    )
    shares = _shares(data) if told.returncode == 0 else {}
    bench.scratch.remove("watched")
    if not shares:
        yield Skipped(figure=SHARE, why=f"perf saw nothing: {told.stderr[-200:].strip()}")
        return
    python = sum(share for name, share in shares.items() if is_python(name))
    listed = ", ".join(f"{name} {share:.3f}" for name, share in list(shares.items())[:9])
    against = f"perf record, samples by library, {bench.sound_s / 2:.0f} s of FLAC; {listed}"
    yield Figure(figure=SHARE, value=round(python, 4), unit="ratio", against=against, runs=1)


def is_python(library: str) -> bool:
    """Whether a library is the interpreter, or PyAV's and the standard library's own modules for it."""
    if library.startswith(("_hashlib", "_sha", "_md5")) or "umath" in library or "pocketfft" in library:
        return False
    return library.startswith(("python", "libpython")) or bool(_MODULES.fullmatch(library))


def _shares(data: str) -> dict[str, float]:
    """The part of all samples in each library, the largest first."""
    words = ["perf", "report", "-i", data, "--stdio", "--sort", "dso", "-g", "none"]
    said = subprocess.run(words, check=False, capture_output=True, text=True).stdout
    found = (_LINE.match(line) for line in said.splitlines())
    return {hit[2]: float(hit[1]) / 100 for hit in found if hit}
