"""Links of others, as BEP 9, 52 and 53 have them, beside what torf and libtorrent make of them; and what is no link."""

import base64
from typing import Any

import pytest
import torf

from sonoteca.formats import magnet
from sonoteca.formats.magnet import Magnet
from sonoteca.model.malformed import Malformed
from sonoteca.model.torrent import InfoHashes, Outside
from sonoteca.torrents import assemble
from tests.swarms import libtorrent

V1, V2 = "0123456789abcdef0123456789abcdef01234567", "ab" * 32
BTIH, BTMH = f"magnet:?xt=urn:btih:{V1}", f"magnet:?xt=urn:btmh:1220{V2}"
BASE32 = base64.b32encode(bytes.fromhex(V1)).decode()


def test_all_that_it_can_say() -> None:
    link = (
        f"MAGNET:?xt=urn:btih:{V1.upper()}&xt.1=urn:btmh:1220{V2}&dn=Caf%C3%A9+%E6%9D%B1%E4%BA%AC%2F..&xl=5"
        "&tr=udp%3A%2F%2Ftracker.example%3A6969%2Fannounce&tr.2=http://tracker.example/a%3Fk%3D1&tr=wss%3A%2F%2Fw.example"
        "&ws=https%3A%2F%2Fmirror.example%2Fa%2520b%2F&x.pe=192.0.2.7:6881&x.pe=%5B2001:db8::1%5D:1&so=0,2,6-8"
    )
    assert magnet.parse(link) == Magnet(
        hashes=InfoHashes(v1=V1, v2=V2),
        name="Café 東京/..",
        trackers=("udp://tracker.example:6969/announce", "http://tracker.example/a?k=1"),
        web_seeds=("https://mirror.example/a%20b/",),
        peers=("192.0.2.7:6881", "[2001:db8::1]:1"),
        only=(0, 2, 6, 7, 8),
    )


def test_ours_come_back() -> None:
    hashes = InfoHashes(v1=V1, v2=V2)
    outside = Outside(trackers=(("udp://t.example:1/a?b=c&d",),), web_seeds=("https://w.example/seed/",))
    found = magnet.parse(assemble.magnet(hashes, "Ünï & Co. [access] 001", outside, "archive.example:6881"))
    assert (found.hashes, found.name) == (hashes, "Ünï & Co. [access] 001")
    assert found.trackers == ("udp://t.example:1/a?b=c&d",)
    assert found.peers == ("archive.example:6881",)


@pytest.mark.parametrize(
    "link", [BTIH, f"magnet:?xt=urn:btih:{BASE32}", f"magnet:?xt=urn%3Abtih%3A{BASE32.lower()}&dn=a%20b"]
)
def test_others_read_the_same(link: str) -> None:
    found = magnet.parse(link)
    lt: Any = libtorrent()
    theirs = lt.parse_magnet_uri(link.replace("%3A", ":"))
    assert found.hashes.v1 == str(theirs.info_hashes.v1) == V1
    other = torf.Magnet.from_string(link.replace("%3A", ":"))
    assert (found.name or None) == other.dn


def test_v2_alone() -> None:
    lt: Any = libtorrent()
    assert magnet.parse(BTMH).hashes == InfoHashes(v2=V2)
    assert str(lt.parse_magnet_uri(BTMH).info_hashes.v2) == V2


@pytest.mark.parametrize(
    "link",
    [
        "",
        "magnet:",
        "http://example/?xt=urn:btih:" + V1,
        "magnet:?dn=nothing",
        "magnet:?xt=urn:btih:" + V1[:-1],
        "magnet:?xt=urn:btih:" + V1 + "0",
        "magnet:?xt=urn:btih:" + "g" * 40,
        "magnet:?xt=urn:btih:" + "1" * 32,
        f"{BTIH}&xt=urn:btih:{'f' * 40}",
        "magnet:?xt=urn:btmh:" + V2,
        "magnet:?xt=urn:btmh:1114" + V2[:40],
        "magnet:?xt=urn:sha1:" + V1,
        f"{BTIH}&tr=javascript:alert(1)",
        f"{BTIH}&tr=http://a%0d%0aHost:b/",
        f"{BTIH}&tr=http://a:99999/",
        f"{BTIH}&ws=file:///etc/passwd",
        f"{BTIH}&ws=http://%C3%A4.example/",
        f"{BTIH}&x.pe=a",
        f"{BTIH}&x.pe=a:0",
        f"{BTIH}&x.pe=a:65536",
        f"{BTIH}&x.pe=a/b:1",
        f"{BTIH}&so=-1",
        f"{BTIH}&so=5-2",
        f"{BTIH}&so=0-999999",
        f"{BTIH}&dn=a b",
        f"{BTIH}&dn=\N{LATIN SMALL LETTER E WITH ACUTE}",
        f"{BTIH}\n",
        BTIH + "&tr=http://a/" * 65,
        BTIH + "&a=1" * 300,
        BTIH + "&dn=" + "x" * 20_000,
    ],
)
def test_no_link(link: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        magnet.parse(link)


@pytest.mark.parametrize(
    ("code", "link"),
    [
        ("B201", f"{BTIH}&dn={'x' * 20_000}"),
        ("B202", "http://example/"),
        ("B203", "magnet:?xt=urn:btih:0"),
        ("B204", f"{BTIH}&xt=urn:btih:{'f' * 40}"),
        ("B205", "magnet:?dn=nothing"),
        ("B206", f"{BTIH}&tr=nowhere"),
        ("B207", f"{BTIH}&x.pe=a"),
        ("B208", f"{BTIH}&so=5-2"),
    ],
)
def test_what_is_refused_has_a_code(code: str, link: str) -> None:
    with pytest.raises(Malformed) as caught:
        magnet.parse(link)
    assert caught.value.code == code


def test_a_name_is_shown_and_no_more() -> None:
    found = magnet.parse(f"{BTIH}&dn=..%2F..%2Fetc%00%1b%E2%80%AE{'x' * 500}")
    assert found.name.startswith("../../etc\N{REPLACEMENT CHARACTER}")
    assert found.name.isprintable()
    assert len(found.name) == magnet.MAX_NAME
