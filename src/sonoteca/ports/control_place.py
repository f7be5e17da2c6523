"""Where the seeder's lock and socket lie.

The lock is flock(2) on the folder torrents/ itself: it needs no file and no right to write, ends with the process
however that ends, and is the same lock through every mount of that folder.

The socket is torrents/seeder.sock; where that folder cannot be written (an archive mounted read-only),
/run/user/<user>/sonoteca/<device>-<inode>.sock, the numbers those of torrents/, which all its mounts have in common;
where there is no such folder either, /tmp/sonoteca-<user>/<device>-<inode>.sock. It is looked for in this order. Names
are opened through a descriptor of their folder (/proc/self/fd), because a socket's path has at most 107 bytes.
"""

import errno
import fcntl
import os
import select
import socket
import stat
import time
from contextlib import ExitStack, suppress
from typing import ClassVar

from sonoteca.model.errors import Conflict
from sonoteca.ports.troubles import describe, told

FOLDER, NAME = "torrents", "seeder.sock"
_WAITING = 32
_HALF = ".half-seeder.sock"
_LOCK_PATIENCE_S = 1.0
_CANNOT_WRITE = (errno.EROFS, errno.EACCES, errno.EPERM)


class ControlPlace:
    """The lock and the listening socket of one seeder, from now until `close`."""

    PLACES: ClassVar[tuple[str, ...]] = ("torrents",)

    def __init__(self, root: str) -> None:
        with ExitStack() as undo:
            self.folder = _make_torrents(root)
            undo.callback(os.close, self.folder)
            _take_lock(self.folder, root)
            self.listening, self.where = _make_socket(root)
            undo.pop_all()

    def close(self) -> None:
        """Another seeder may start. The socket's name stays; nobody answers there."""
        self.listening.close()
        if self.folder >= 0:
            os.close(self.folder)
        self.folder = -1


def _make_torrents(root: str) -> int:
    path = os.path.join(root, FOLDER)
    with told(path), suppress(FileExistsError):
        os.mkdir(path, 0o755)
    return open_torrents(root)


def open_torrents(root: str) -> int:
    """A descriptor of the folder that the lock is on."""
    path = os.path.join(root, FOLDER)
    with told(path):
        return open_folder(path)


def _take_lock(folder: int, root: str) -> None:
    end = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > end:
                cure = "sonoteca seed --status asks it, sonoteca seed --stop ends it"
                raise Conflict("seeding-already", "this archive has a seeder", where=root, cure=cure) from error
        except OSError as error:
            raise describe(error, root) from error
        # Somebody who asks holds it for an instant (is_held).
        select.select([], [], [], 0.02)


def is_held(root: str) -> bool:
    """Whether some process has the lock, through whatever mount."""
    if not os.path.isdir(os.path.join(root, FOLDER)):
        return False
    folder = open_torrents(root)
    try:
        fcntl.flock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(folder)
    return False


def places(root: str) -> list[tuple[str, str]]:
    """Folder and name of the socket: where it is made, and where it is looked for, in this order; none without
    torrents/."""
    folder = os.path.join(root, FOLDER)
    try:
        seen = os.stat(folder)
    except FileNotFoundError:
        return []
    name = f"{seen.st_dev:x}-{seen.st_ino:x}.sock"
    return [(folder, NAME), *((path, name) for path in _runtime_folders())]


def _runtime_folders() -> tuple[str, str]:
    # Of this user alone. Not from the environment: a service, a cron job and a login would each have another one.
    user = os.geteuid()
    return f"/run/user/{user}/sonoteca", f"/tmp/sonoteca-{user}"


def _make_socket(root: str) -> tuple[socket.socket, str]:
    """The listening socket and its path, in the first place that lets itself be written."""
    refused: OSError | None = None
    for folder, name in places(root):
        try:
            if folder in _runtime_folders():
                _make_private(folder)
            return _bind(folder, name), os.path.join(folder, name)
        except OSError as error:
            if error.errno not in _CANNOT_WRITE:
                raise describe(error, folder) from error
            refused = error
    raise describe(refused or OSError(errno.EACCES, "no place"), root)


def _make_private(folder: str) -> None:
    """A folder that is ours alone; PermissionError when somebody else made it first."""
    if not os.path.isdir(os.path.dirname(folder)):
        raise PermissionError(errno.EACCES, "not on this machine")
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    seen = os.lstat(folder)
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o077:
        raise PermissionError(errno.EACCES, "somebody else's")


def _bind(folder: str, name: str) -> socket.socket:
    with ExitStack() as closing, ExitStack() as undo:
        here = open_folder(folder)
        closing.callback(os.close, here)
        listening = undo.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        # Bound under another name, closed to others, then named: nobody meets it in between, or its dead forerunner.
        with suppress(FileNotFoundError):
            os.unlink(_HALF, dir_fd=here)
        listening.bind(through(here, _HALF))
        os.chmod(_HALF, 0o600, dir_fd=here)
        listening.listen(_WAITING)
        listening.setblocking(False)
        os.rename(_HALF, name, src_dir_fd=here, dst_dir_fd=here)
        undo.pop_all()
        return listening


def open_folder(path: str) -> int:
    """A descriptor of a folder; OSError for a link."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)


def through(folder: int, name: str) -> str:
    """A short path to a name in an open folder."""
    return f"/proc/self/fd/{folder}/{name}"
