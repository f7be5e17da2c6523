"""What is special is what Python's own table does not call global, and nothing else."""

from ipaddress import ip_address, ip_network

import pytest

from sonoteca.ports.special_addresses import NETWORKS, SPANS

OWN = (
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "169.254.169.254",
    "172.31.255.255",
    "100.127.0.1",
    "0.0.0.0",
    "198.19.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fd00::1",
    "fe80::1",
    "::ffff:127.0.0.1",
    "2001:db8::1",
)
OPEN = (
    "1.1.1.1",
    "9.255.255.255",
    "100.63.255.255",
    "172.32.0.0",
    "193.0.0.1",
    "223.255.255.255",
    "2a00::1",
    "2620::1",
)
# Some Pythons call these global, whole or in part: what protocols have, 6to4's relay and networks that lead to IPv4,
# many at once, what nobody was given.
NOT_SAID = {"192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3", "::/3", "2002::/16", "3fff::/20", "4000::/2", "8000::/1"}


def is_special(text: str) -> bool:
    one = ip_address(text)
    return any(one in ip_network(network) for network in NETWORKS)


@pytest.mark.parametrize("text", OWN)
def test_what_python_calls_not_global_is_special(text: str) -> None:
    assert not ip_address(text).is_global
    assert is_special(text)


@pytest.mark.parametrize("text", ["224.0.0.1", "ff02::1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001::1", "3fff::1"])
def test_what_leads_elsewhere_is_special(text: str) -> None:
    assert is_special(text)


@pytest.mark.parametrize("text", OPEN)
def test_the_internet_is_not(text: str) -> None:
    assert ip_address(text).is_global
    assert not is_special(text)


def test_nothing_global_is_special_but_what_is_said() -> None:
    for network, (first, last) in zip(NETWORKS, SPANS, strict=True):
        if network not in NOT_SAID:
            assert not ip_address(first).is_global and not ip_address(last).is_global, network
