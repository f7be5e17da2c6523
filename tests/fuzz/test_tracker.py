"""Invariant: whatever a tracker answers gives at most MAX_PEERS addresses of machines with a port, or a ValueError."""

import ipaddress
import struct
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sonoteca.formats import bencode, tracker
from sonoteca.model.peers import Endpoint

WHOLE = st.integers(-(2**63), 2**63 - 1)  # what our own writer writes
PEER = st.one_of(
    WHOLE,
    st.binary(max_size=20),
    st.fixed_dictionaries({}, optional={b"ip": st.binary(max_size=20), b"port": st.integers(-1, 70_000)}),
    st.just({b"ip": b"192.0.2.7", b"port": 80}),
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        b"peers": st.one_of(st.binary(max_size=60), st.lists(PEER, max_size=5), WHOLE),
        b"peers6": st.binary(max_size=72),
        b"failure reason": st.binary(max_size=9),
    },
)


def verify(found: tuple[Endpoint, ...]) -> None:
    assert len(found) <= tracker.MAX_PEERS
    for one in found:
        ipaddress.ip_address(one.host)
        assert 0 < one.port < 1 << 16


@given(st.one_of(st.binary(max_size=200), ANSWERS.map(bencode.format)))
@example(bencode.format({b"peers": bytes([192, 0, 2, 7, 26, 225]) * 1000}))
def test_any_answer_over_http(raw: bytes) -> None:
    try:
        verify(tracker.parse_http(raw))
    except ValueError:
        return


@given(st.binary(max_size=80), st.integers(0, 3), st.sampled_from([4, 16]))
def test_any_answer_over_udp(rest: bytes, action: int, size: int) -> None:
    for raw in (rest, struct.pack(">II", action, 7) + rest):
        with suppress(ValueError):
            verify(tracker.parse_udp_announce(raw, 7, size))
        with suppress(ValueError):
            assert 0 <= tracker.parse_udp_connect(raw, 7) < 1 << 64


def test_peers_of_both_kinds() -> None:
    raw = bencode.format(
        {
            b"peers": bytes([192, 0, 2, 7, 26, 225]) * 2,
            b"peers6": ipaddress.ip_address("2001:db8::1").packed + b"\0\x50",
        }
    )
    assert [str(one) for one in tracker.parse_http(raw)] == ["192.0.2.7:6881", "[2001:db8::1]:80"]


def test_a_refusal_says_why() -> None:
    with pytest.raises(ValueError, match="not here"):
        tracker.parse_http(bencode.format({b"failure reason": b"not here"}))


def test_names_are_not_asked_for() -> None:
    peers: bencode.Value = [{b"ip": b"internal.example", b"port": 80}, {b"ip": b"192.0.2.7", b"port": 80}]
    assert [one.host for one in tracker.parse_http(bencode.format({b"peers": peers}))] == ["192.0.2.7"]
