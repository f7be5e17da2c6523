"""Walls of a process that serves: before it speaks to anybody it gives up writing, and reading what is not its work.

Order  sockets and locks first, then the walls, then threads: Landlock binds the thread that asks for it and those that
       it starts, so a thread that is there already would stay outside (RuntimeError).
Gives  True; False where the kernel has no Landlock, and the process goes on as it was: the caller says so.
"""

import os
import resource
import ssl
from collections.abc import Sequence

from sonoteca.ports.workshop_walls import find_landlock_abi, forgo_privileges, lock_folders, python_folders

# What finds names and judges certificates (trackers with https), on the distributions that are about.
NETWORK_FILES = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/run/systemd/resolve",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
)


def give_up_writing(readable: Sequence[str]) -> bool:
    """From now on this process reads below these folders, where Python lives and what the network needs; it writes
    nothing, makes nothing, removes nothing, runs no program. It may listen and connect."""
    if len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("walls are put up before the first thread is started")
    abi = find_landlock_abi()
    if not abi:
        return False
    forgo_privileges()
    # /proc/self: which files are open here (libtorrent_swarm.py).
    lock_folders(abi, [*readable, *python_folders(), *NETWORK_FILES, *certificates(), "/proc/self"], network=True)
    return True


def allow_open_files(wanted: int) -> None:
    """As many open files as that, or as many as the system lets this process have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def certificates() -> list[str]:
    """Where OpenSSL looks for authorities."""
    found = ssl.get_default_verify_paths()
    return [path for path in (found.cafile, found.capath) if path]
