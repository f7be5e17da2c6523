"""Running: an archive as a whole: coordinator, website, seeder; each a process that any of the others can do without.

Takes  the archive's folder, its settings, the socket on which the website listens.
Gives  `parts`, for a supervisor; `look`, how they go, asked of each of them.
Never  opens the archive: the parts do.
"""

import json
import socket
import sys
from signal import SIGINT
from typing import Any

from sonoteca.config import Settings
from sonoteca.model.errors import Conflict, SonotecaError, Unreachable
from sonoteca.pipeline.reach import listen_addresses, seed_hours, tracker_addresses
from sonoteca.pipeline.supervisor import RETIRING_S, Part
from sonoteca.ports.children import Child
from sonoteca.ports.control import BRIEF, ask
from sonoteca.ports.disk import Disk
from sonoteca.ports.fetch import fetch
from sonoteca.ports.listening import near
from sonoteca.ports.turns import RUNNING, UP


def parts(root: str, settings: Settings, listening: socket.socket) -> tuple[Part, ...]:
    """The three parts; Refused when a setting cannot be."""
    listen_addresses(settings.seed_listen)
    tracker_addresses(settings.seed_trackers)
    seed_hours(settings.seed_hours)
    program = (sys.executable, "-m", "sonoteca", "--archive", root)
    number = listening.fileno()
    web = (*program, "serve", "--fd", str(number), "--grace", str(int(RETIRING_S)))
    return (
        # Ctrl-C is what ends a run between two steps.
        Part(name="coordinator", command=(*program, "run", "--keep"), stop=SIGINT),
        Part(name="web", command=web, hands=(number,), reloads=True),
        Part(name="seeder", command=(*program, "seed", "--listen", settings.seed_listen)),
    )


def look(root: str, disk: Disk, address: str) -> dict[str, Any]:
    """How the parts go, by asking each: {"up", "coordinator", "web", "seeder"}."""
    return {
        "up": is_held(disk, UP),
        "coordinator": {"runs": is_held(disk, RUNNING)},
        "web": _web(near(address)),
        "seeder": _seeder(root),
    }


def early_site(root: str, listening: socket.socket) -> Child:
    """The website alone and unheard, until something takes over its socket."""
    number = listening.fileno()
    words = (sys.executable, "-m", "sonoteca", "--archive", root, "serve", "--fd", str(number), "--grace", "3600")
    return Child(words, (number,), is_heard=False)


def is_held(disk: Disk, lock: str) -> bool:
    """Whether some process has this lock."""
    try:
        with disk.lock(lock):
            return False
    except Conflict:
        return True


def _web(address: str) -> dict[str, Any]:
    try:
        told = fetch(address, "/readyz")
        is_ready = told.status == 200 and bool(json.loads(told.body)["ready"])
    except (Unreachable, ValueError, KeyError, TypeError):
        return {"runs": False, "ready": False, "address": f"http://{address}/"}
    return {"runs": True, "ready": is_ready, "address": f"http://{address}/"}


def _seeder(root: str) -> dict[str, Any]:
    try:
        told = ask(root, "status", timeout_s=15.0, about=BRIEF)
    except SonotecaError as error:
        return {"runs": True, "why": error.what}
    if told is None:
        return {"runs": False}
    return {"runs": True, **{key: told[key] for key in ("seeding", "adding", "failed", "peers", "addresses")}}
