"""Traced: commands of ours under strace, and what they read of audio that is in the store already.

Takes  a folder for the log, an archive, the words of a command.   Gives  strace.Reads.
"""

import os

from sonoteca.bench import strace
from sonoteca.bench.processes import command, running, wait_for_seeder


def traced(folder: str, archive: str, *words: str) -> strace.Reads:
    """A command, to its end; RuntimeError when it fails."""
    log = os.path.join(folder, f"{words[0]}.strace")
    with running(strace.traced(command(archive, *words), log)) as process:
        if process.wait():
            raise RuntimeError(f"{words[0]} failed under strace")
    return _counted(log)


def traced_seeder(folder: str, archive: str) -> strace.Reads:
    """Until every volume is served, then ended as a person ends it."""
    log = os.path.join(folder, "seed.strace")
    volumes = sum(name.endswith(".torrent") for name in os.listdir(os.path.join(archive, "torrents")))
    with running(strace.traced(command(archive, "seed", "--listen", "127.0.0.1:0", "--json"), log)) as process:
        wait_for_seeder(archive, volumes)
        with running(command(archive, "seed", "--stop")) as stopping:
            stopping.wait()
        process.wait()
    return _counted(log)


def _counted(log: str) -> strace.Reads:
    with open(log, encoding="utf-8", errors="replace") as lines:
        return strace.count(lines)
