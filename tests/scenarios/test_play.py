"""Hearing a track of a swarm at the command line: into a file, into a pipe, and at an address for any player."""

import http.client
import os
import re
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sonoteca.model.torrent import Outside
from sonoteca.torrents.assemble import magnet
from tests import swarms
from tests.scenarios.session import COMMAND, environment
from tests.swarms import Client, first_line, make_volume, until, write

SONG = "Artist - Title/01.bin"


class Shared:
    """A volume that a stock client seeds."""

    def __init__(self, folder: Path) -> None:
        swarms.libtorrent()
        self.volume = make_volume(swarms.make_archive(folder / "archive"), "volume")
        self.client = Client(folder / "client")
        for path, raw in self.volume.contents.items():
            write(self.client.folder / path, raw)
        handle = self.client.add(self.volume)
        until(lambda: handle.status().is_seeding, "a client that has all")
        self.content = self.volume.contents[f"volume/{SONG}"]
        self.link = magnet(self.volume.seed.hashes, "volume", Outside(), f"127.0.0.1:{self.client.port}")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    return Shared(tmp_path_factory.mktemp("shared"))


def play(*words: str, folder: Path, code: int = 0) -> bytes:
    """What it says on standard output. There is no archive here, and none is needed."""
    done = subprocess.run(
        [*COMMAND, "play", *words], cwd=folder, env=environment(), capture_output=True, timeout=120, check=False
    )
    assert done.returncode == code, done.stderr.decode()
    return done.stdout


def test_into_a_file(shared: Shared, tmp_path: Path) -> None:
    play(f"{shared.link}#{SONG.replace(' ', '%20')}", "--output", "song.bin", folder=tmp_path)
    assert (tmp_path / "song.bin").read_bytes() == shared.content
    play(f"{shared.link}#{SONG}", "--output", "song.bin", folder=tmp_path, code=3)
    assert [path.name for path in tmp_path.iterdir()] == ["song.bin"]


def test_into_a_pipe(shared: Shared, tmp_path: Path) -> None:
    assert play(f"{shared.link}#01.bin", "--output", "-", folder=tmp_path) == shared.content


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("nothing.torrent#a", 3),
        ("magnet:?xt=urn:btih:12#a", 3),
        ("{link}#no such song", 3),
        ("magnet:?xt=urn:btih:" + "a" * 40 + "#a", 5),
    ],
)
def test_what_cannot_be_played(target: str, code: int, shared: Shared, tmp_path: Path) -> None:
    play(target.format(link=shared.link), "--wait", "1", "--output", "song.bin", folder=tmp_path, code=code)
    assert list(tmp_path.iterdir()) == []


def test_an_address_for_any_player(shared: Shared, tmp_path: Path) -> None:
    command = [*COMMAND, "play", f"{shared.link}#01.bin", "--json"]
    env = {**environment(), "TMPDIR": os.fspath(tmp_path)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            line = first_line(process, r"\{")
            found = re.search(r'"address": "([^"]+)"', line)
            assert found, line
            address = urlsplit(found[1])
            assert address.hostname == "127.0.0.1"
            asked(address.netloc, address.path, shared.content)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


def asked(host: str, path: str, content: bytes) -> None:
    line = http.client.HTTPConnection(host, timeout=30)
    line.request("GET", path, headers={"Range": "bytes=300000-300099"})
    answer = line.getresponse()
    assert (answer.status, answer.read()) == (206, content[300_000:300_100])
    line.request("GET", path)
    assert line.getresponse().read() == content
    # Without the word in the path there is nothing.
    line.request("GET", "/" + path.rpartition("/")[2])
    answer = line.getresponse()
    assert answer.status == 404
    answer.read()
    line.close()
