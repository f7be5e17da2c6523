"""Addresses: where an archive that nobody has set up yet listens, written into its settings.

Takes  sonoteca.toml as it is.   Gives  the same with these three lines, all others untouched.
"""

import json

from sonoteca.pipeline.archive import SETTINGS
from sonoteca.ports.disk import Disk
from sonoteca.ports.listening import find_free
from sonoteca.ports.turns import turn

KEYS = ("web_listen", "seed_listen", "seed_address")
PREFERRED = {"web": "127.0.0.1:8000", "seed": "127.0.0.1:6881"}


def settle(disk: Disk, patience_s: float) -> None:
    """Chooses free ports of this machine alone; the seeder's stands in magnet links, so that clients here find it."""
    web, seed = find_free(PREFERRED["web"]), find_free(PREFERRED["seed"])
    with turn(disk, patience_s):
        disk.replace(SETTINGS, with_lines(disk.read(SETTINGS), (web, seed, seed)))


def with_lines(raw: bytes, values: tuple[str, ...]) -> bytes:
    """The settings with these values of KEYS."""
    kept = [line for line in raw.decode("utf-8-sig").splitlines() if line.partition("=")[0].strip() not in KEYS]
    lines = [f"{key} = {json.dumps(value)}" for key, value in zip(KEYS, values, strict=True)]
    # First: what follows a [table] would belong to it.
    return ("\n".join([*lines, *kept]) + "\n").encode()
