"""Strace: what a command reads of the store's audio, as the kernel was asked for it.

Takes  a command to run under strace, or the lines that strace wrote.
Gives  Reads: the audio files opened and the bytes read of each object while it was still being made, and afterwards.
Never  trusts a counter of ours: a read that goes around the disk's door is in the kernel's list too.

"Afterwards" begins with the last rename into the object: its newest version is whole then (preserve/deposit.py), and
whatever is made of it from there on has to come from what is kept beside the audio. Memory maps count as read whole.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_READING = frozenset({"read", "pread64", "readv", "preadv", "preadv2", "mmap", "sendfile", "copy_file_range", "splice"})
_OPENING = frozenset({"open", "openat", "openat2"})
_MOVING = frozenset({"rename", "renameat", "renameat2"})
CALLS = ",".join(sorted(_READING | _OPENING | _MOVING))

_WHOLE = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<told>.*)\) += (?P<result>-?\w+)(?P<rest>.*)")
_BEGUN = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<told>.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<told>.*)")
_FILE = re.compile(r"(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_AUDIO = re.compile(r"(/.*/store/[^/]+/[^/]+/[^/]+)/v\d+/content/(?:masters|access|archive)/.+")
_VERSION = re.compile(r"(/.*/store/[^/]+/[^/]+/[^/]+)(?:/v\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Files opened and bytes read of masters, access and archive copies in the store. `making_bytes` is what was read
    of objects before their newest version was whole: one decode of each master."""

    opened: int = 0
    bytes: int = 0
    making_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    name: str
    told: str
    result: str
    rest: str


def find_strace() -> str | None:
    """Where the program is."""
    return shutil.which("strace")


def traced(command: list[str], log: str) -> list[str]:
    """The command that runs another one under strace, which writes to `log`."""
    options = ["-f", "-y", "-qq", "-s", "0", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", log]
    return ["strace", *options, *command]


def version() -> str:
    """Strace's own."""
    told = subprocess.run(["strace", "--version"], check=True, capture_output=True, text=True).stdout
    return told.split("\n", 1)[0].rpartition(" ")[2]


def count(lines: Iterable[str]) -> Reads:
    """What the lines say about audio in a store."""
    ready: dict[str, int] = {}
    seen: list[tuple[int, str, int]] = []  # when, which object, bytes read or -1 for opened
    for at, call in enumerate(_calls(lines)):
        if call.name in _MOVING and (home := _deposited(call)):
            ready[home] = at
        elif found := _touched(call):
            seen.append((at, *found))
    after = [what for at, home, what in seen if at > ready.get(home, -1)]
    before = [what for at, home, what in seen if at <= ready.get(home, -1)]
    return Reads(
        opened=sum(what < 0 for what in after),
        bytes=sum(what for what in after if what > 0),
        making_bytes=sum(what for what in before if what > 0),
    )


def _calls(lines: Iterable[str]) -> Iterator[_Call]:
    """Calls that succeeded, in the order in which they ended."""
    begun: dict[str, str] = {}
    for line in lines:
        text = line.rstrip("\n")
        if start := _BEGUN.fullmatch(text):
            begun[start["pid"]] = f"{start['pid']} {start['name']}({start['told']}"
            continue
        if end := _RESUMED.fullmatch(text):
            text = begun.pop(end["pid"], f"{end['pid']} {end['name']}(") + end["told"]
        whole = _WHOLE.fullmatch(text)
        if whole and not whole["result"].startswith("-"):
            yield _Call(name=whole["name"], told=whole["told"], result=whole["result"], rest=whole["rest"])


def _deposited(call: _Call) -> str | None:
    """The object that a version, or the object itself, was moved to."""
    folders, names = _FILE.findall(call.told), _TEXT.findall(call.told)
    if len(names) != 2:
        return None
    target = f"{folders[1]}/{names[1]}" if len(folders) == 2 else names[1]
    found = _VERSION.fullmatch(target)
    return found[1] if found else None


def _touched(call: _Call) -> tuple[str, int] | None:
    """Which object's audio was opened (-1) or how many bytes were read of it."""
    if call.name in _OPENING:
        path, what = re.sub(r"^<(.*)>$", r"\1", call.rest), -1
    else:
        files = _FILE.findall(call.told)
        path = files[min(len(files), 2) - 1 if call.name == "sendfile" else 0] if files else ""
        what = int(call.told.split(",")[1]) if call.name == "mmap" else int(call.result, 0)
    found = _AUDIO.fullmatch(path)
    return (found[1], what) if found else None
