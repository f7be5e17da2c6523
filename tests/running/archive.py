"""A small archive with something public in it: a recording of noise, given to everyone."""

import io
import json
import random
import socket
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running.programs import Told, told
from tests.scenarios.session import Session

RIGHTS = json.dumps({"license": "CC0-1.0"})


def noise(name: str, seconds: float) -> bytes:
    """A WAV that no encoder makes much smaller."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as writer:
        writer.setparams((2, 2, 44_100, 0, "NONE", ""))
        writer.writeframes(random.Random(name).randbytes(4 * int(44_100 * seconds)))
    return kept.getvalue()


def make_release(folder: Path, seconds: float) -> None:
    """A folder as a label hands it over."""
    folder.mkdir(parents=True)
    (folder / "01 Noise.wav").write_bytes(noise(folder.name, seconds))
    (folder / "rights.json").write_text(RIGHTS)


def make_archive(place: Path, seconds: float = 45) -> Session:
    """An archive with one release, published."""
    make_release(place / "shelf" / "Maker - Long", seconds)
    session = opened(place / "archive")
    session.take(str(place / "shelf"), "--trust-manifest")
    return session


def opened(folder: Path) -> Session:
    """The archive there, with a seeder that takes nobody's port; a new one if there is none."""
    session = Session(folder)
    (folder / "sonoteca.toml").write_text('reserve_bytes = 0\nseed_listen = "127.0.0.1:0"\njobs = 1\n')
    return session


@contextmanager
def running(root: Path) -> Iterator[tuple[Told, str]]:
    """`sonoteca up` on this archive; when it is ready: what it tells, and its address."""
    command = [sys.executable, "-m", "sonoteca", "--archive", str(root), "up", "--listen", "127.0.0.1:0", "--json"]
    with told(command) as up:
        address = up.event("up", "starting")["address"].removeprefix("http://").rstrip("/")
        up.event("up", "ready")
        yield up, address


class Slow:
    """A visitor who begins to take a file, larger than what the kernel keeps, and takes the rest when told to."""

    def __init__(self, address: str, path: str) -> None:
        host, _, port = address.rpartition(":")
        self.channel = socket.create_connection((host, int(port)), 60)
        self.channel.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        self.taken = self.channel.recv(1024)

    def rest(self) -> bytes:
        """The body, to its end."""
        while block := self.channel.recv(1 << 20):
            self.taken += block
        self.channel.close()
        return self.taken.partition(b"\r\n\r\n")[2]
