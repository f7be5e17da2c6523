"""Walls: what a child of the workshop takes from itself before it sees a single strange byte.

Order  file limits and memory → network and users (namespaces) → capabilities → no new privileges → folders (Landlock)
       → calls (seccomp, workshop_calls.py) → the parent's death. Each is kept for ever by the kernel; what this kernel
       or container does not have is left out and said.

After this a child can read below the given folders and where Python lives, use the memory and time it was given, and
answer on its one socket; and make files in one folder, if it was given one. It cannot write elsewhere, make links or
folders, start programs, open sockets, signal others, or outlive the coordinator. Numbers are from linux/landlock.h,
linux/prctl.h, linux/sched.h and linux/capability.h; the system calls have one number on every architecture (since Linux
5.13).
"""

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Sequence

from sonoteca.ports.workshop import Limits
from sonoteca.ports.workshop_calls import refuse_calls

_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_WRITE_FILE, _REMOVE_FILE, _MAKE_FILE, _TRUNCATE = 1 << 1, 1 << 5, 1 << 8, 1 << 14
# Rights to files by ABI: 13 at first, then REFER, TRUNCATE and IOCTL_DEV.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP_RIGHTS, _SCOPES = 0b11, 0b11  # bind and connect (ABI 4); abstract sockets and signals (ABI 6)
_SET_PDEATHSIG, _SET_NO_NEW_PRIVS = 1, 38
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522


def find_landlock_abi() -> int:
    """The version of Landlock this kernel offers, 0 if none."""
    return max(0, int(_LIBC.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)))


def close_in(readable: Sequence[str], limits: Limits, parent: int) -> None:
    """Takes everything away that the task does not need. OSError when the kernel has a wall but will not put it up."""
    _limit_resources(limits)
    _leave_network()
    _drop_capabilities()
    forgo_privileges()
    if abi := find_landlock_abi():
        lock_folders(abi, [*readable, *python_folders()], writable=limits.folder)
    refuse_calls()
    # Last: a change of credentials forgets it (prctl(2)).
    _check(_LIBC.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl(PDEATHSIG)")
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def limit_cpu(seconds: int) -> None:
    """The CPU seconds from now on (the hard limit stays as it is). SIGXCPU kills whoever goes beyond."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def python_folders() -> list[str]:
    """Where modules come from: codecs and the like are imported when they are first needed."""
    found = dict.fromkeys(os.path.abspath(path) for path in (*sys.path, sys.prefix, sys.base_prefix) if path)
    return [path for path in found if path != "/" and os.path.isdir(path)]


def _limit_resources(limits: Limits) -> None:
    fixed = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_FSIZE: limits.file_bytes if limits.folder else 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: 0,  # does not bind root; the walls below do
        # Above what limit_cpu allows the last call: at the hard limit it is SIGKILL, which does not say why.
        resource.RLIMIT_CPU: (limits.cpu_s + 1) * limits.calls_per_child + 2,
    }
    for kind, amount in fixed.items():
        _, hard = resource.getrlimit(kind)
        amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (amount, amount))


def _leave_network() -> bool:
    # Not allowed in many containers: then Landlock is what stands between the child and TCP, and seccomp between it and
    # any socket at all.
    return bool(_LIBC.unshare(_NEWUSER | _NEWNET) == 0)


def _drop_capabilities() -> None:
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    _check(_LIBC.capset(header, bytes(24)), "capset")


def forgo_privileges() -> None:
    """No program that is started from here has more rights than this process; Landlock asks for it."""
    _check(_LIBC.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")


def lock_folders(abi: int, readable: Sequence[str], *, network: bool = False, writable: str = "") -> None:
    """Landlock: from now on this thread, and those it starts, read these folders and files and nothing else, and write
    nothing but files in the folder `writable`. TCP is closed unless `network`. After `forgo_privileges`."""
    handled = struct.pack("<QQQ", _FILE_RIGHTS[min(abi, 5)], 0 if network else _TCP_RIGHTS, _SCOPES)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    rules = _check(_LIBC.syscall(_CREATE_RULESET, handled, size, 0), "landlock_create_ruleset")
    for path in readable:
        if os.path.exists(path):  # what is not there cannot be read
            _allow_reading(rules, path)
    if writable:
        _allow_writing(rules, writable, abi)
    _check(_LIBC.syscall(_RESTRICT_SELF, rules, 0), "landlock_restrict_self")
    os.close(rules)


def _allow_reading(rules: int, path: str) -> None:
    # The kernel takes no rights to folders for a file (EINVAL).
    rights = _READ_FILE | _READ_FOLDER if os.path.isdir(path) else _READ_FILE
    _allow(rules, os.open(path, os.O_PATH | os.O_CLOEXEC), rights)


def _allow_writing(rules: int, folder: str, abi: int) -> None:
    rights = _READ_FILE | _READ_FOLDER | _WRITE_FILE | _MAKE_FILE | _REMOVE_FILE | _TRUNCATE
    # A right that this kernel does not know is not one that it takes away. A folder that is not there stops the child.
    below = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    _allow(rules, below, rights & _FILE_RIGHTS[min(abi, 5)])


def _allow(rules: int, below: int, rights: int) -> None:
    try:
        rule = struct.pack("<Qi", rights, below)
        _check(_LIBC.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0), "landlock_add_rule")
    finally:
        os.close(below)


def _check(result: int, deed: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{deed}: {os.strerror(number)}")
    return result
