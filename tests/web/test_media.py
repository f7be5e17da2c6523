"""Sound over the wire, by curl and by a socket: ranges, resuming, what ends a download, what never leaves."""

import email
import hashlib
import json
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.swarms import until
from tests.tools import require_tool
from tests.web.serving import Served, served
from tests.web.shelf import HELD, NAME, Shelf, make_shelf, moved, sha256


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return make_shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def site(shelf: Shelf) -> Iterator[Served]:
    with served(shelf.session.folder) as found:
        yield found


def curl(*words: str) -> bytes:
    """What curl writes; curl itself must be content."""
    done = subprocess.run([require_tool("curl"), "-sS", "--max-time", "60", *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def head(address: str, *words: str) -> tuple[int, dict[str, str]]:
    """Status and headers of a GET whose body is thrown away."""
    raw = curl("-D", "-", "-o", "/dev/null", *words, address).decode("latin-1")
    line, _, rest = raw.partition("\r\n")
    return int(line.split()[1]), {key.lower(): value for key, value in email.message_from_string(rest).items()}


# ── whole and in parts ───────────────────────────────────────────────────────────────────────────────────────────────


def test_an_original_comes_as_it_was_put_in(site: Served, shelf: Shelf) -> None:
    file = shelf.one("Ünïcode")
    assert curl(site.address + shelf.address(file)) == shelf.originals[NAME]
    status, headers = head(site.address + shelf.address(file))
    assert (status, headers["content-type"]) == (200, "audio/flac")
    assert headers["etag"] == f'"{sha256(shelf.originals[NAME])}"'
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, max-age=3600, immutable"


@pytest.mark.parametrize("given", ["0-0", "0-99999", "777-", "-5", "65535-65537", "1000000-9999999999"])
@pytest.mark.parametrize("kind", ["file", "opus", "webm", "mp4", "zip"])
def test_a_range_is_what_stands_there(site: Served, shelf: Shelf, tmp_path: Path, kind: str, given: str) -> None:
    file = shelf.one("Two", "access" if kind in ("opus", "webm", "mp4") else "original")
    places = {"file": shelf.address(file), "zip": shelf.zip_address(file)}
    address = site.address + places.get(kind, f"/stream/{file.track}.{kind}")
    whole = whole_of(address)
    first, _, last = given.partition("-")
    start = int(first) if first else len(whole) - int(last)
    if start >= len(whole):
        assert head(address, "-r", given)[0] == 416
        return
    wanted = whole[start : int(last) + 1 if first and last else len(whole)]
    assert curl("-r", given, address) == wanted
    assert head(address, "-r", given)[1]["content-range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(whole)}"


WHOLE: dict[str, bytes] = {}


def whole_of(address: str) -> bytes:
    if address not in WHOLE:
        WHOLE[address] = curl(address)
    return WHOLE[address]


def test_several_ranges_at_once(site: Served, shelf: Shelf) -> None:
    address = site.address + shelf.address(shelf.one("Two"))
    raw = curl("-i", "-r", "0-9,5000-5009,-10", address)
    message = email.message_from_bytes(raw.partition(b"\r\n")[2])
    content = shelf.originals["02 Two.flac"]
    assert (
        [part.get_payload(decode=True) for part in message.get_payload()]
        == [  # type: ignore[union-attr]
            content[:10],
            content[5000:5010],
            content[-10:],
        ]
    )


@pytest.mark.parametrize("kind", ["file", "zip", "mp4"])
def test_curl_resumes(site: Served, shelf: Shelf, tmp_path: Path, kind: str) -> None:
    file = shelf.one("Ünïcode", "access" if kind == "mp4" else "original")
    places = {"file": shelf.address(file), "zip": shelf.zip_address(file), "mp4": f"/stream/{file.track}.mp4"}
    whole = whole_of(site.address + places[kind])
    half = tmp_path / "half"
    half.write_bytes(whole[: len(whole) // 3])
    curl("-C", "-", "-o", str(half), site.address + places[kind])
    assert sha256(half.read_bytes()) == sha256(whole)


def test_head_says_what_get_gives(site: Served, shelf: Shelf) -> None:
    file = shelf.one("Two", "access")
    for address in (*(f"/stream/{file.track}.{one}" for one in ("opus", "webm", "mp4")), shelf.zip_address(file)):
        told = head(site.address + address, "-I")[1]
        assert int(told["content-length"]) == len(whole_of(site.address + address))
        assert told["etag"] == head(site.address + address)[1]["etag"]


def test_who_has_it_is_not_sent_it_again(site: Served, shelf: Shelf) -> None:
    address = site.address + shelf.address(shelf.one("Two"))
    etag = head(address)[1]["etag"]
    assert head(address, "-H", f"If-None-Match: {etag}")[0] == 304
    assert head(address, "-r", "0-1", "-H", f"If-Range: {etag}")[0] == 206
    assert head(address, "-r", "0-1", "-H", 'If-Range: "other"')[0] == 200
    assert head(address, "-H", 'If-Match: "other"')[0] == 412


def test_a_downloaded_file_has_its_name(site: Served, shelf: Shelf, tmp_path: Path) -> None:
    file = shelf.one("Ünïcode")
    told = head(site.address + shelf.address(file) + "?download=1")[1]["content-disposition"]
    message = email.message_from_string(f"Content-Disposition: {told}\n\n")
    assert message.get_content_disposition() == "attachment"
    # RFC 6266 §4.3: whoever knows filename* takes that; the other is for those who do not, and plain.
    assert unquote(told.partition("filename*=UTF-8''")[2]) == file.name
    assert str(message.get_filename()).isascii()
    curl("-OJ", "--output-dir", str(tmp_path), site.address + shelf.address(shelf.one("Two")) + "?download=1")
    assert (tmp_path / "02 Two.flac").read_bytes() == shelf.originals["02 Two.flac"]


# ── a release as one file ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_release_as_a_zip(site: Served, shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(whole_of(site.address + shelf.zip_address(shelf.one("Two"))))
    done = subprocess.run([require_tool("unzip"), "-tq", str(path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    with zipfile.ZipFile(path) as found:
        assert found.testzip() is None
        by_name = {one.rpartition("/")[2]: found.read(one) for one in found.namelist()}
        assert len({one.partition("/")[0] for one in found.namelist()}) == 1
    assert {hashlib.sha256(raw).hexdigest() for name, raw in by_name.items() if name.endswith(".flac")} == {
        sha256(shelf.originals[name]) for name in (NAME, "02 Two.flac")
    }
    assert "CC-BY" in by_name["release.txt"].decode() or "Attribution" in by_name["release.txt"].decode()
    assert sum(name.endswith(".credits.txt") for name in by_name) == 2


def test_a_zip_of_one_kind(site: Served, shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(curl(site.address + shelf.zip_address(shelf.one("Two")) + "?tier=access"))
    with zipfile.ZipFile(path) as found:
        endings = sorted(one.rpartition(".")[2] for one in found.namelist())
    assert endings == ["opus", "opus", "txt", "txt", "txt"]


# ── what never leaves ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        "/file/" + "a" * 64 + "/x",
        "/file/" + "A" * 64 + "/x",
        "/file/../../../../etc/passwd",
        "/file/%2e%2e%2f%2e%2e%2fetc%2fpasswd/x",
        "/stream/trk_" + "a" * 32 + ".opus",
        "/stream/trk_aaaa.opus",
        "/stream/..%2f..%2fkeys.opus",
        "/stream/trk_" + "a" * 32 + ".exe",
        "/waveform/trk_" + "a" * 32 + ".svg",
        "/waveform/trk_" + "a" * 32 + ".png",
        "/zip/6f1c1f5e-0000-8000-8000-000000000009.zip",
        "/zip/urn:uuid:6f1c1f5e.zip",
        "/zip/..%2fkeys.zip",
    ],
)
def test_what_is_not_there(site: Served, path: str) -> None:
    assert head(site.address + path, "--path-as-is")[0] == 404


def test_what_is_held_is_not_there(site: Served, shelf: Shelf) -> None:
    held = shelf.originals["x.flac"]
    assert HELD not in "".join(one.name for one in shelf.files())
    assert head(f"{site.address}/file/{sha256(held)}/x")[0] == 404


def test_files_that_are_no_sound_of_the_release_are_not_there(site: Served, shelf: Shelf) -> None:
    inventory = next((shelf.session.folder / "store").rglob("inventory.json")).read_bytes()
    assert head(f"{site.address}/file/{sha256(inventory)}/x")[0] == 404


def test_other_methods_are_not_answered(site: Served, shelf: Shelf) -> None:
    assert head(site.address + shelf.address(shelf.one("Two")), "-X", "DELETE")[0] == 405


# ── the picture ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_waveforms(site: Served, shelf: Shelf) -> None:
    track = shelf.one("Two").track
    status, headers = head(f"{site.address}/waveform/{track}.svg")
    assert (status, headers["content-type"]) == (200, "image/svg+xml")
    assert b"style" not in curl(f"{site.address}/waveform/{track}.svg")
    told = json.loads(curl(f"{site.address}/waveform/{track}.json"))
    assert len(told["peaks"]) == 400 and 0 < max(told["peaks"]) <= 255
    assert abs(told["seconds"] - 20) < 0.01
    wide = curl(f"{site.address}/waveform/wide/{track}.svg")
    assert wide.count(b"M") == 2 * 300 and len(wide) < 30_000


def test_an_outline_is_what_is_stored_with_the_track(site: Served, shelf: Shelf) -> None:
    track = shelf.one("Two").track
    address = f"{site.address}/waveform/{track}.outline"
    (kept,) = (shelf.session.folder / "store").rglob(f"{track}.outline")
    assert curl(address) == kept.read_bytes()
    assert curl("--compressed", address) == kept.read_bytes()
    assert len(kept.read_bytes()) == 2000
    told = json.loads(curl(f"{site.address}/waveform/{track}.json"))["peaks"]
    assert told == [max(kept.read_bytes()[place : place + 5]) for place in range(0, 2000, 5)]
    assert f'data-outline="/waveform/{track}.outline"' in curl(f"{site.address}/track/{track}").decode()


def test_spectra(site: Served, shelf: Shelf) -> None:
    track = shelf.one("Two").track
    light, dark = (curl(f"{site.address}/spectrum/{paper}/{track}.png") for paper in ("light", "dark"))
    assert light.startswith(b"\x89PNG") and light != dark and len(light) < 30_100
    status, headers = head(f"{site.address}/spectrum/dark/{track}.png")
    assert (status, headers["content-type"], headers["cache-control"]) == (200, "image/png", "private, max-age=3600")
    page = curl(f"{site.address}/track/{track}").decode()
    assert f'srcset="/spectrum/dark/{track}.png" media="(prefers-color-scheme: dark)"' in page
    for path in (f"red/{track}", "light/trk_x", "light/trk_" + "a" * 32):
        assert head(f"{site.address}/spectrum/{path}.png")[0] == 404


# ── people who leave, and things that are taken back ─────────────────────────────────────────────────────────────────


def opened(site: Served, path: str) -> socket.socket:
    """A request whose answer is waiting: little of it fits between the two."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    client.settimeout(60)
    client.connect(("127.0.0.1", site.port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert client.recv(100).startswith(b"HTTP/1.1 200")
    return client


@pytest.mark.parametrize("kind", ["file", "zip", "webm"])
def test_nothing_is_held_for_those_who_went_away(site: Served, shelf: Shelf, kind: str) -> None:
    file = shelf.one("Ünïcode", "access" if kind == "webm" else "original")
    places = {"file": shelf.address(file), "zip": shelf.zip_address(file), "webm": f"/stream/{file.track}.webm"}
    clients = [opened(site, places[kind]) for _ in range(20)]
    until(lambda: site.store_files() == 1, "that the file is open once, however many listen")
    for client in clients:
        client.close()
    until(lambda: site.store_files() == 0, "that no file is open")


@pytest.mark.parametrize("kind", ["file", "zip"])
def test_what_is_withdrawn_ends_in_the_middle_of_a_download(shelf: Shelf, tmp_path: Path, kind: str) -> None:
    mine = moved(shelf, tmp_path / "archive")
    file, access = mine.one("Ünïcode"), mine.one("Ünïcode", "access")
    path = mine.address(file) if kind == "file" else mine.zip_address(file)
    with served(mine.session.folder) as site:
        assert head(f"{site.address}/stream/{file.track}.mp4", "-r", "0-99")[0] == 206
        client = opened(site, path)
        mine.session.ask("withdraw", file.track, "--reason", "the holder asked")
        received = 0
        while raw := client.recv(1 << 20):
            received += len(raw)
        client.close()
        assert received < file.bytes

        assert head(site.address + mine.address(file), "-r", "5000000-")[0] == 410
        assert head(site.address + mine.address(access))[0] == 410
        for ending in ("opus", "webm", "mp4"):
            assert head(f"{site.address}/stream/{file.track}.{ending}", "-r", "100-199")[0] == 410
        for picture in ("waveform/{}.svg", "waveform/wide/{}.svg", "waveform/{}.outline", "spectrum/dark/{}.png"):
            assert head(f"{site.address}/{picture.format(file.track)}")[0] == 410
        # The release has another track still.
        assert len(curl(site.address + mine.zip_address(file))) < file.bytes
        until(lambda: site.store_files() == 0, "that no file is open")

        mine.session.ask("reinstate", file.track)
        assert curl(site.address + mine.address(file)) == mine.originals[NAME]


def test_the_small_copy_is_played_where_there_is_one(shelf: Shelf, tmp_path: Path) -> None:
    """Until then the usual one stands at its address, so a player needs to know nothing."""
    mine = moved(shelf, tmp_path / "archive")
    usual = mine.one("Two", "access")
    with served(mine.session.folder) as site:
        address = f"{site.address}/stream/low/{usual.track}"
        assert sha256(curl(f"{address}.opus")) == usual.digest
        mine.session.ask("run", "--recipe", "low")
        low = mine.one("Two", "low")
        assert sha256(curl(f"{address}.opus")) == low.digest != usual.digest
        assert sha256(curl(f"{site.address}/stream/{usual.track}.opus")) == usual.digest
        for ending in ("webm", "mp4"):
            assert 0 < len(curl(f"{address}.{ending}")) < usual.bytes
        mine.session.ask("withdraw", usual.track, "--reason", "the holder asked")
        for ending in ("opus", "webm", "mp4"):
            assert head(f"{address}.{ending}")[0] == 410
        assert head(site.address + mine.address(low))[0] == 410
