"""The line to the seeder: one seeder an archive, strict lines, and no mistaking a silent seeder for none."""

import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sonoteca.model.errors import Conflict, Refused, Unreachable
from sonoteca.ports import control_place
from sonoteca.ports.control import MAX_ASKERS, MAX_LINE_BYTES, Control, ask
from tests.swarms import DEADLINE_S, first_line, until


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "torrents").mkdir()
    return os.fspath(tmp_path)


@contextmanager
def answering(root: str) -> Iterator[Control]:
    """A seeder's end that says back what it was asked."""
    control, ended = Control(root), threading.Event()

    def serve() -> None:
        while not ended.is_set():
            for asked in control.wait(0.05):
                asked.answer({"error": "no"} if asked.command == "bad" else {"said": asked.command})

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield control
    finally:
        ended.set()
        thread.join(DEADLINE_S)
        control.close()


def test_nobody_there_is_none(root: str) -> None:
    assert ask(root, "status") is None


def test_no_torrents_no_seeder(tmp_path: Path) -> None:
    assert ask(os.fspath(tmp_path), "status") is None


def test_a_question_is_answered(root: str) -> None:
    with answering(root) as control:
        assert control.where == os.path.join(root, "torrents", "seeder.sock")
        assert [ask(root, word) for word in ("status", "ünï\n")] == [{"said": "status"}, {"said": "ünï\n"}]
    assert ask(root, "status") is None


def test_the_socket_is_the_users_alone(root: str) -> None:
    with answering(root) as control:
        assert stat.S_IMODE(os.stat(control.where).st_mode) == 0o600
        assert os.listdir(os.path.join(root, "torrents")) == ["seeder.sock"]


def test_what_it_refuses_is_told(root: str) -> None:
    with answering(root), pytest.raises(Refused, match="the seeder says: no"):
        ask(root, "bad")


def test_a_path_longer_than_a_sockets_works(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 200) / ("ö" * 100) / ("c" * 200)
    (deep / "torrents").mkdir(parents=True)
    with answering(os.fspath(deep)):
        assert ask(os.fspath(deep), "status") == {"said": "status"}


def test_the_folder_is_made_when_it_is_missing(tmp_path: Path) -> None:
    with answering(os.fspath(tmp_path)):
        assert ask(os.fspath(tmp_path), "status") == {"said": "status"}


def test_a_second_seeder_is_refused(root: str) -> None:
    with answering(root):
        with pytest.raises(Conflict) as caught:
            Control(root)
        assert caught.value.code == "seeding-already"
        assert ask(root, "status") == {"said": "status"}
    Control(root).close()


def test_a_dead_seeders_socket_is_replaced(root: str) -> None:
    program = f"from sonoteca.ports.control import Control\nkept = Control({root!r})\nprint('up', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        first_line(process, "up")
        process.send_signal(signal.SIGKILL)
    assert os.listdir(os.path.join(root, "torrents")) == ["seeder.sock"]
    assert ask(root, "status") is None
    with answering(root):
        assert ask(root, "status") == {"said": "status"}


def test_what_was_left_half_made_is_in_nobodys_way(root: str) -> None:
    for name in (".half-seeder.sock", "seeder.sock"):
        with socket.socket(socket.AF_UNIX) as left, ExitStack() as back:
            back.callback(os.chdir, os.getcwd())
            os.chdir(os.path.join(root, "torrents"))
            left.bind(name)
    with answering(root):
        assert ask(root, "status") == {"said": "status"}


def test_a_seeder_that_cannot_be_found_is_not_none(root: str) -> None:
    """As for another user, or with another /tmp: its lock says that it runs."""
    with answering(root) as control:
        os.unlink(control.where)
        with pytest.raises(Unreachable) as caught:
            ask(root, "sync")
        assert caught.value.code == "seeder-silent"


def test_a_seeder_that_does_not_answer_is_not_none(root: str) -> None:
    control = Control(root)
    with pytest.raises(Unreachable) as caught:
        ask(root, "sync", timeout_s=0.05)
    assert caught.value.code == "seeder-silent"
    control.close()


def test_a_seeder_that_ends_while_it_is_asked_is_none(root: str) -> None:
    control = Control(root)

    def end() -> None:
        until(lambda: control.wait(0.05), "a question")
        control.close()

    thread = threading.Thread(target=end)
    thread.start()
    assert ask(root, "sync") is None
    thread.join(DEADLINE_S)


def test_a_seeder_that_begins_is_waited_for(root: str) -> None:
    lock = os.open(os.path.join(root, "torrents"), os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(ask(root, "status")))
    thread.start()
    os.close(lock)
    with answering(root):
        thread.join(DEADLINE_S)
    # It came before the seeder, or was answered.
    assert found in ([None], [{"said": "status"}])


def test_where_torrents_cannot_be_written_it_lies_in_the_users_own_folder(root: str) -> None:
    """The lock and the names are of the folder itself, so that other mounts of it find them (tests/scenarios)."""
    (_, name), *others = control_place.places(root)
    assert name == "seeder.sock"
    seen = os.stat(os.path.join(root, "torrents"))
    user = os.geteuid()
    assert others == [
        (f"/run/user/{user}/sonoteca", f"{seen.st_dev:x}-{seen.st_ino:x}.sock"),
        (f"/tmp/sonoteca-{user}", f"{seen.st_dev:x}-{seen.st_ino:x}.sock"),
    ]


# ── strangers on the line ────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def connected(control: Control) -> Iterator[socket.socket]:
    folder = control_place.open_folder(os.path.dirname(control.where))
    try:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(DEADLINE_S)
            channel.connect(control_place.through(folder, "seeder.sock"))
            yield channel
    finally:
        os.close(folder)


def everything(channel: socket.socket) -> bytes:
    found = b""
    try:
        while part := channel.recv(65536):
            found += part
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize(
    "line",
    [
        *(b"\n", b"status\n", b"[]\n", b"\xff\n", b"[" * 4000 + b"\n"),
        *(b'{"command": 1}\n', b'{"command": "a", "b": 1}\n', b'{"command":"a","command":"a"}\n'),
        b'{"command": "status"}\n{"command": "status"}\n',
    ],
)
def test_a_line_that_is_none_is_told(root: str, line: bytes) -> None:
    with answering(root) as control, connected(control) as channel:
        channel.sendall(line)
        assert b"one line is expected" in everything(channel)


def test_a_line_without_end_is_cut_off(root: str) -> None:
    with answering(root) as control:
        with connected(control) as channel:
            channel.sendall(b"x" * (MAX_LINE_BYTES + 1))
            assert everything(channel) == b""
        assert ask(root, "status") == {"said": "status"}


def test_whoever_hangs_up_or_only_listens_keeps_nobody_waiting(root: str) -> None:
    with answering(root) as control, connected(control), connected(control) as half, connected(control) as gone:
        half.sendall(b'{"comm')
        gone.sendall(b'{"command": "status"}\n')
        gone.close()
        assert ask(root, "status") == {"said": "status"}


def test_a_slow_asker_is_dropped(root: str) -> None:
    control = Control(root, patience_s=0.05)
    with connected(control) as channel:
        channel.sendall(b'{"comm')
        channel.setblocking(False)
        until(lambda: control.wait(0.01) or is_cut_off(channel), "patience to end")
    control.close()


def is_cut_off(channel: socket.socket) -> bool:
    try:
        return channel.recv(1) == b""
    except BlockingIOError:
        return False


def test_more_than_it_takes_are_sent_away(root: str) -> None:
    with answering(root) as control, ExitStack() as crowd:
        channels = [crowd.enter_context(connected(control)) for _ in range(MAX_ASKERS)]
        with connected(control) as one_more:
            assert everything(one_more) == b""
        channels[0].sendall(b'{"command": "a"}\n')
        assert everything(channels[0]) == b'{"said":"a"}\n'


def test_a_long_answer_arrives(root: str) -> None:
    control, ended = Control(root), threading.Event()
    answer: dict[str, Any] = {"torrents": ["x" * 1000] * 3000}

    def serve() -> None:
        while not ended.is_set():
            for asked in control.wait(0.01):
                asked.answer(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    assert ask(root, "status") == answer
    ended.set()
    thread.join(DEADLINE_S)
    control.close()
