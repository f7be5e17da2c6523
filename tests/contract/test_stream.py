"""Streams: the limited process beside its double; then what only a real swarm can show."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sonoteca.formats import bencode
from sonoteca.model.errors import Refused, SonotecaError, Unreachable
from sonoteca.model.stream import Wanted
from sonoteca.model.torrent import InfoHashes, Outside
from sonoteca.ports.memory.stream import MemoryStreams
from sonoteca.ports.stream import MAX_READ_BYTES, StreamLimits, Streams
from sonoteca.ports.stream_process import ProcessStreams
from sonoteca.torrents.assemble import magnet
from tests import swarms
from tests.swarms import HYBRID, V1, V2, Client, Volume, libtorrent, make_volume, make_volume_of, until, write

LIMITS = StreamLimits(streams=2, file_bytes=4_000_000, open_s=10.0, read_s=10.0)
SIZES = (3_000_001, 500_000, 5, 5_000_000)
SONG, OTHER, LARGE = "Artist - Title/01.bin", "02.bin", "04.bin"


class Swarm:
    """A volume, a stock client that has it, and the link by which it is found."""

    def __init__(self, folder: Path, flags: int = HYBRID) -> None:
        libtorrent()
        self.volume: Volume = make_volume(swarms.make_archive(folder / "archive"), "volume", SIZES, flags)
        self.client = Client(folder / "client")
        for path, raw in self.volume.contents.items():
            write(self.client.folder / path, raw)
        self.handle = self.client.add(self.volume)
        until(lambda: self.handle.status().is_seeding, "a client that has all")
        self.link = self.link_of(self.volume.seed.hashes)

    def link_of(self, hashes: InfoHashes) -> str:
        return magnet(hashes, "whatever", Outside(), f"127.0.0.1:{self.client.port}")

    def content(self, path: str = SONG) -> bytes:
        return next(raw for name, raw in self.volume.contents.items() if name.endswith(path))


@pytest.fixture(scope="module")
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Swarm:
    return Swarm(tmp_path_factory.mktemp("swarm"))


def double(swarm: Swarm, folder: Path) -> Streams:
    return MemoryStreams({(swarm.link, path): swarm.content(path) for path in (SONG, OTHER)}, LIMITS)


def real(swarm: Swarm, folder: Path) -> Streams:
    return ProcessStreams(str(folder / "cache"), LIMITS)


MAKERS: dict[str, Callable[[Swarm, Path], Streams]] = {"process": real, "double": double}


@pytest.fixture(params=MAKERS)
def streams(request: pytest.FixtureRequest, swarm: Swarm, tmp_path: Path) -> Iterator[Streams]:
    made = MAKERS[request.param](swarm, tmp_path)
    yield made
    made.close()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ProcessStreams]:
    made = ProcessStreams(str(tmp_path / "cache"), LIMITS)
    yield made
    made.close()


# ── every door ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_any_stretch_is_right(streams: Streams, swarm: Swarm) -> None:
    stream, whole = streams.open(Wanted(path=SONG, link=swarm.link)), swarm.content()
    assert (stream.path, stream.size) == (SONG, len(whole))
    for start, count in ((0, 65_536), (2_999_001, 1000), (262_143, 2), (1_000_000, MAX_READ_BYTES), (3_000_000, 1)):
        assert stream.read(start, count) == whole[start : start + count]
    assert len(stream.read(0, len(whole))) == MAX_READ_BYTES
    stream.close()


def test_so_many_at_once(streams: Streams, swarm: Swarm) -> None:
    first = streams.open(Wanted(path=SONG, link=swarm.link))
    second = streams.open(Wanted(path=OTHER, link=swarm.link))
    with pytest.raises(Refused, match="heard already") as caught:
        streams.open(Wanted(path=SONG, link=swarm.link))
    assert caught.value.code == "too-many-streams"
    assert second.read(0, 500_000 // 2) == swarm.content(OTHER)[: 500_000 // 2]
    first.close()
    third = until(lambda: opened(streams, Wanted(path=SONG, link=swarm.link)), "a place")
    assert third.read(5, 5) == swarm.content()[5:10]


def opened(streams: Streams, wanted: Wanted) -> object:
    """The stream; None while the one before is not forgotten yet."""
    try:
        return streams.open(wanted)
    except Refused:
        return None


def test_no_file_of_this_path(streams: Streams, swarm: Swarm) -> None:
    with pytest.raises(Refused) as caught:
        streams.open(Wanted(path="../../etc/passwd", link=swarm.link))
    assert caught.value.code == "stream-path"


# ── a real swarm ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("flags", [V1, V2])
def test_every_flavour(flags: int, process: ProcessStreams, tmp_path: Path) -> None:
    swarm = Swarm(tmp_path, flags)
    stream, whole = process.open(Wanted(path=SONG, link=swarm.link)), swarm.content()
    parts = [stream.read(start, MAX_READ_BYTES) for start in range(0, len(whole), MAX_READ_BYTES)]
    assert b"".join(parts) == whole


def test_a_hybrid_by_either_hash(process: ProcessStreams, swarm: Swarm) -> None:
    hashes = swarm.volume.seed.hashes
    for one in (InfoHashes(v1=hashes.v1), InfoHashes(v2=hashes.v2)):
        stream = process.open(Wanted(path=SONG, link=swarm.link_of(one)))
        assert stream.read(0, 100) == swarm.content()[:100]
        stream.close()


def test_what_came_is_gone_afterwards_and_never_had_a_name(
    process: ProcessStreams, swarm: Swarm, tmp_path: Path
) -> None:
    stream = process.open(Wanted(path=SONG, link=swarm.link))
    stream.read(0, 1000)
    assert [path.suffix for path in files(tmp_path / "cache")] in ([".parts"], [])
    stream.close()
    until(lambda: not files(tmp_path / "cache"), "nothing left")
    process.close()
    assert not list((tmp_path / "cache").iterdir())


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_nothing_is_given_to_the_swarm(process: ProcessStreams, swarm: Swarm, tmp_path: Path) -> None:
    """Somebody who has nothing is connected all the while, and asks for everything."""
    poor = Client(tmp_path / "poor", "127.0.0.8")
    handle = poor.add(swarm.volume)
    stream = process.open(Wanted(path=SONG, link=f"{swarm.link}&x.pe=127.0.0.8:{poor.port}"))
    until(lambda: [peer for peer in handle.get_peer_info() if peer.num_pieces], "the player, who has something")
    for start in range(0, stream.size, MAX_READ_BYTES):
        stream.read(start, MAX_READ_BYTES)
    until(lambda: max((peer.num_pieces for peer in handle.get_peer_info()), default=0) > 10, "it has more and more")
    assert handle.status().total_payload_download == 0


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(path=SONG, link="http://127.0.0.1/"), "stream-link"),
        (Wanted(path=SONG, link="magnet:?xt=urn:btih:" + "0" * 39), "stream-link"),
        (Wanted(path=SONG, torrent=b"d4:infode"), "stream-link"),
        (Wanted(path=SONG, torrent=b"d" * 1000), "stream-link"),
    ],
)
def test_what_cannot_be_played(wanted: Wanted, code: str, process: ProcessStreams) -> None:
    with pytest.raises(Refused) as caught:
        process.open(wanted)
    assert caught.value.code == code


def test_a_file_that_is_too_large(process: ProcessStreams, swarm: Swarm) -> None:
    with pytest.raises(Refused, match="5000000") as caught:
        process.open(Wanted(path=LARGE, link=swarm.link))
    assert caught.value.code == "too-large"
    with pytest.raises(Refused):
        process.open(Wanted(path=LARGE, torrent=swarm.volume.torrent))


def test_nobody_has_it(tmp_path: Path) -> None:
    streams = ProcessStreams(str(tmp_path), StreamLimits(open_s=0.5))
    with pytest.raises(Unreachable) as caught:
        streams.open(Wanted(path="a", link="magnet:?xt=urn:btih:" + "a" * 40 + "&x.pe=127.0.0.1:9"))
    assert caught.value.code == "no-peers"
    streams.close()


@pytest.mark.parametrize("own_network", [True, False])
def test_nobody_is_called_in_the_own_network_because_a_link_says_so(own_network: bool, tmp_path: Path) -> None:
    """Peer, tracker or web seed: each is a socket here that somebody knocks at, or nobody."""
    ready = [socket.create_server((host, 0), family=family) for host, family in HERE for _ in range(3)]
    ports = [one.getsockname()[1] for one in ready]
    at = [f"127.0.0.1:{port}" for port in ports[:3]] + [f"[::1]:{port}" for port in ports[3:]]
    said = [f"x.pe={at[0]}", f"x.pe={at[3]}", f"tr=http://{at[1]}/announce", f"tr=http://{at[4]}/announce"]
    said += [f"tr=udp://localhost:{ports[1]}/announce"]
    limits = StreamLimits(open_s=1.5, own_network=own_network)
    streams = ProcessStreams(str(tmp_path), limits)
    with pytest.raises(Unreachable):
        streams.open(Wanted(path="a", link="&".join(["magnet:?xt=urn:btih:" + "a" * 40, *said])))
    volume = make_volume_of(swarms.make_archive(tmp_path / "archive"), "volume", [b"a" * 300_000], V1)
    root = bencode.parse(volume.torrent)
    assert isinstance(root, dict)
    seeded = bencode.format({**root, b"url-list": [f"http://{at[2]}/".encode(), f"http://{at[5]}/".encode()]})
    with suppress(Unreachable):
        streams.open(Wanted(path="01.bin", torrent=seeded)).read(0, 10)
    streams.close()
    assert [is_knocked_at(one) for one in ready] == [own_network] * len(ready)


HERE = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))


def is_knocked_at(server: socket.socket) -> bool:
    """Whether a connection waits there; closes it."""
    with server:
        server.setblocking(False)
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


def test_a_stream_can_be_closed_while_somebody_waits(process: ProcessStreams, tmp_path: Path) -> None:
    poor = Swarm(tmp_path)
    stream = process.open(Wanted(path=SONG, link=poor.link))
    poor.client.session.pause()
    until(lambda: not poor.handle.get_peer_info(), "nobody there")
    found: list[BaseException] = []

    def wait() -> None:
        try:
            stream.read(2_500_000, 10)
        except SonotecaError as error:
            found.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: len(asked_of(process)) == 1, "it waits")
    stream.close()
    waiting.join(5)
    assert not waiting.is_alive()
    assert [type(one) for one in found] == [Unreachable]


def asked_of(process: ProcessStreams) -> list[object]:
    return [stream for stream in process._heard if stream._turn.locked()]


def test_the_process_dies_and_another_plays(process: ProcessStreams, swarm: Swarm) -> None:
    stream = process.open(Wanted(path=SONG, link=swarm.link))
    os.kill(pid_of(process), signal.SIGKILL)
    with pytest.raises(SonotecaError):
        stream.read(2_000_000, 10)
    again = process.open(Wanted(path=SONG, link=swarm.link))
    assert again.read(2_000_000, 10) == swarm.content()[2_000_000:2_000_010]


def test_the_process_has_walls_and_ends_with_us(process: ProcessStreams, swarm: Swarm) -> None:
    process.open(Wanted(path=SONG, link=swarm.link))
    pid = pid_of(process)
    told = Path(f"/proc/{pid}/status").read_text()
    assert "NoNewPrivs:\t1" in told
    process.close()
    assert not Path(f"/proc/{pid}").exists()


def pid_of(process: ProcessStreams) -> int:
    found = process._process
    assert found is not None
    return found.pid


def test_what_a_dead_process_left_is_removed(tmp_path: Path, swarm: Swarm) -> None:
    write(tmp_path / "cache" / "999999999" / ".parts", b"old")
    write(tmp_path / "cache" / str(os.getppid()) / ".parts", b"of another website that lives")
    streams = ProcessStreams(str(tmp_path / "cache"), LIMITS)
    streams.open(Wanted(path=SONG, link=swarm.link)).close()
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == sorted([str(os.getppid()), str(os.getpid())])
    streams.close()
