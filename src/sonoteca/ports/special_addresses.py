"""Special addresses: those that are not the whole Internet's: of the own network, of this machine, for documents, for
many at once. Pure.

Takes  nothing.   Gives  spans of addresses, each with its first and last.
Why    what strangers name is called from here: behind a router stand machines that trust whoever is behind it too.

IANA's registries of special-purpose addresses (RFC 6890, as of 2026); of IPv6 all is special but 2000::/3, from which
unicast addresses are given out, and in it what leads to addresses of IPv4.
"""

from ipaddress import ip_network

NETWORKS = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",  # a provider's own network
    "127.0.0.0/8",
    "169.254.0.0/16",  # the neighbours, and what clouds tell their machines
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",  # many at once, and what is reserved
    "::/3",  # with it ::1, IPv4 in IPv6 (::ffff:0:0/96) and NAT64 (64:ff9b::/96)
    "2001::/23",  # with it Teredo, which has an address of IPv4 in it
    "2001:db8::/32",
    "2002::/16",  # 6to4 as well
    "3fff::/20",
    "4000::/2",
    "8000::/1",  # with it fc00::/7, fe80::/10, ff00::/8
)
SPANS = tuple((str(one[0]), str(one[-1])) for one in map(ip_network, NETWORKS))
