"""Watched: a process that renders one recording while perf counts where its time goes (audio_interpreter.py starts it).

Takes  a recording, a folder that has "warm" and "made", where perf writes, how often it looks.
Gives  nothing; perf's file is written.

The first seconds of the recording are rendered before, so that everything is loaded, as it is in a limited process.
"""

import os
import signal
import subprocess
import time

from sonoteca.bench.audio_decoded import order_of
from sonoteca.convert.render import render
from sonoteca.model.sound import RenderOrder

WARM_S = 5.0
START_TIMEOUT_S = 20.0


def main(path: str, folder: str, data: str, rate_hz: str) -> None:
    """Renders it twice: a little, unwatched, then all of it."""
    for name, seconds in (("warm", WARM_S), ("made", 1e6)):
        order = order_of(path, os.path.join(folder, name), 0, max_seconds=seconds)
        if name == "warm":
            render(order)
        else:
            _watch(order, data, rate_hz)


def _watch(order: RenderOrder, data: str, rate_hz: str) -> None:
    words = ["perf", "record", "-q", "-e", "cpu-clock", "-F", rate_hz, "-o", data, "-p", str(os.getpid())]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as watcher:
        until = time.monotonic() + START_TIMEOUT_S
        # Its file has more than a head when it looks.
        while not (os.path.exists(data) and os.path.getsize(data)) and time.monotonic() < until:
            time.sleep(0.02)
        answer = render(order)
        watcher.send_signal(signal.SIGINT)
        watcher.wait()
    if answer.refused:
        raise RuntimeError(answer.refused)
