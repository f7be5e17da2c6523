"""Invariant: any text gives a link whose hashes, addresses and peers have their form, or Malformed; nothing else."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats import magnet
from sonoteca.model.malformed import Malformed

PARTS = st.sampled_from(
    [
        "xt=urn:btih:" + "a" * 40,
        "xt=urn:btih:" + "a" * 32,
        "xt=urn:btmh:1220" + "b" * 64,
        "dn=%ff%00a",
        "so=1-3,9",
        "so=3-",
        "tr=http://[::1",
        "tr=udp://a:1/",
        "tr=http%3A%2F%2Fa%2F%25",
        "ws=https://a/%0a",
        "x.pe=[::1]:1",
        "x.pe=a:1",
        "&&=",
        "xt",
    ]
)
LINKS = st.lists(st.one_of(PARTS, st.text(max_size=20)), max_size=8).map(lambda parts: "magnet:?" + "&".join(parts))


@given(st.one_of(st.text(max_size=80), LINKS))
@example("magnet:?xt=urn:btih:" + "a" * 40 + "&tr=http://[")
@example("magnet:?xt=urn:btih:" + "a" * 40 + "&so=" + "0-99999," * 20)
def test_any_text(link: str) -> None:
    try:
        found = magnet.parse(link)
    except Malformed:
        return
    assert re.fullmatch(r"([0-9a-f]{40})?", found.hashes.v1)
    assert re.fullmatch(r"([0-9a-f]{64})?", found.hashes.v2)
    assert found.hashes.short
    assert found.name.isprintable()
    assert len(found.only) <= magnet.MAX_FILES
    for address in (*found.trackers, *found.web_seeds):
        assert re.fullmatch(r"(http|https|udp)://[!-~]+", address)
    for peer in found.peers:
        assert re.fullmatch(r"[\[\]0-9a-zA-Z.:-]+:[0-9]{1,5}", peer)
