"""A program that imports Sonoteca once and hatches a child for each line it reads: "WORD ARCHIVE FOLDER".

The child does what `sonoteca add FOLDER` or `sonoteca run` does to ARCHIVE, with a clock that stands still and salts
that follow from their purpose, so that two archives that were given the same are the same to the last byte. The first
line that comes back names the child; "END PID STATUS" says how it ended (minus the signal, when one killed it).
Killing a child costs no interpreter's start, so two hundred kills take a minute.
"""

import os
import signal
import sys
import traceback

from sonoteca.pipeline import intake, work
from sonoteca.pipeline.archive import coordinator, with_doors
from sonoteca.ports.local_disk import LocalDisk
from sonoteca.ports.memory.clock import FixedClock, SeededEntropy

NOW = "2026-01-02T03:04:05Z"


def do(word: str, root: str, folder: str) -> None:
    """One command."""
    archive = with_doors(root, LocalDisk(root), FixedClock(NOW), SeededEntropy("hatchery"))
    try:
        with coordinator(archive):
            if word == "add":
                list(intake.enqueue(archive, intake.Wish(paths=(folder,), trusts_manifest=True)))
            else:
                outcomes = list(work.run(archive, 1, lambda count, name: None))
                if any(outcome.word == "failed" for _, outcome in outcomes):
                    raise RuntimeError(f"a job failed: {outcomes}")
    finally:
        archive.close()


def child(word: str, root: str, folder: str) -> None:
    """Never returns."""
    code = 1
    try:
        do(word, root, folder)
        code = 0
    finally:
        if code:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(code)


def tell(*words: object) -> None:
    """One line to whoever started this."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Hatch until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        words = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            child(*words)
        tell(pid)
        _, status = os.waitpid(pid, 0)
        tell("END", pid, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
