"""The clients that judge, with the lowest version that was seen to work; the test run's header says what is here."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

from tests import tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """`program` is asked with `ask` for its version, which `pattern` finds; `package` is Debian's."""

    client: str
    package: str
    program: str
    lowest: tuple[int, ...]
    ask: str = "--version"
    pattern: str = r"(\d+(?:\.\d+)+)"


REQUIRED = (
    Required(client="qBittorrent", package="qbittorrent-nox", program="qbittorrent-nox", lowest=(4, 5, 2)),
    Required(client="rTorrent", package="rtorrent", program="rtorrent", lowest=(0, 9, 8), ask="-h"),
    Required(client="Transmission", package="transmission-daemon", program="transmission-daemon", lowest=(3, 0)),
    Required(client="aria2", package="aria2", program="aria2c", lowest=(1, 36, 0)),
)


@cache
def find_version(one: Required) -> tuple[int, ...] | None:
    """What the program says of itself; None when it is not here."""
    path = shutil.which(one.program)
    return version_of(one, path) if path else None


def version_of(one: Required, path: str) -> tuple[int, ...] | None:
    """What the program at this path says of itself."""
    told = subprocess.run([path, one.ask], capture_output=True, timeout=30, check=False, stdin=subprocess.DEVNULL)
    found = re.search(one.pattern, (told.stdout + told.stderr).decode("utf-8", "replace"))
    return tuple(int(number) for number in found[1].split(".")) if found else None


def dotted(version: tuple[int, ...]) -> str:
    """4.5.2"""
    return ".".join(str(number) for number in version)


def require_client(client: str) -> str:
    """The version of a client; ends the test when it is absent or too old."""
    one = next(one for one in REQUIRED if one.client == client)
    version = find_version(one)
    if version is None:
        tools.missing(f"needs {one.client} (Debian: {one.package})")
    if version < one.lowest:
        tools.missing(f"needs {one.client} {dotted(one.lowest)}, here is {dotted(version)}")
    return dotted(version)


def header() -> str:
    """One line for the header of a test run."""
    told = []
    for one in REQUIRED:
        version = find_version(one)
        here = "absent" if version is None else dotted(version)
        told.append(f"{one.client} {here} (Debian {one.package}, at least {dotted(one.lowest)})")
    return "clients: " + ", ".join(told)
