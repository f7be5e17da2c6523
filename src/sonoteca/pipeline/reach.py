"""Reach: who can find and reach the seeder, by the settings.

Takes  Settings.   Gives  addresses, the ways in which strangers learn of them, warnings when nobody does.
Never  loads a torrent client: `sonoteca status` asks too.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from sonoteca.config import Settings
from sonoteca.model.errors import Refused
from sonoteca.swarm.hours import Hours, parse_hours

_LISTEN = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<four>[0-9.]+)):(?P<port>[0-9]{1,5})")
MAX_PORT = 65_535
_PRINTABLE = re.compile(r"[!-~]+")


def listen_addresses(text: str) -> tuple[str, ...]:
    """Where to listen; Refused when it is no address."""
    found = tuple(part.strip() for part in text.split(","))
    for address in found:
        if not _is_address(address):
            cure = 'write ADDRESS:PORT, "127.0.0.1:6881" or "[::1]:6881"; several with commas between'
            raise Refused("settings", "seed_listen: this is no address of a machine", where=address[:100], cure=cure)
    return found


def _is_address(text: str) -> bool:
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > MAX_PORT:
        return False
    try:
        return ip_address(match["six"] or match["four"]).version == (6 if match["six"] else 4)
    except ValueError:
        return False


def tracker_addresses(urls: tuple[str, ...]) -> tuple[str, ...]:
    """The trackers; Refused when one of them cannot be one."""
    for url in urls:
        if not _is_tracker(url):
            cure = "write udp://HOST:PORT/announce, http://… or https://…"
            raise Refused("settings", "seed_trackers: this is no tracker's address", where=url[:100], cure=cure)
    return urls


def _is_tracker(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port is not None
    except ValueError:
        return False
    if not _PRINTABLE.fullmatch(url) or not parts.hostname or parts.netloc.endswith(":"):
        return False
    return parts.scheme in ("http", "https") or (parts.scheme == "udp" and has_port)


def seed_hours(lines: tuple[str, ...]) -> tuple[Hours, ...]:
    """The upload limits of the day; Refused when a line is none."""
    found = []
    for line in lines:
        try:
            found.append(parse_hours(line))
        except ValueError as error:
            cure = 'write "Mon-Fri 08:00-18:00 200000": days (or none: every day), from-to, bytes a second'
            raise Refused("settings", f"seed_hours: {error}", where=line[:100], cure=cure) from error
    return tuple(found)


def shifted(address: str, shard: int) -> str:
    """Where a shard listens: each on its own port, counted up; port 0 stays the system's choice."""
    host, _, port = address.rpartition(":")
    if not int(port):
        return address
    if int(port) + shard > MAX_PORT:
        cure = f"choose a port below {MAX_PORT - shard}"
        raise Refused(
            "settings", "seed_listen: there is no such port for each of seed_shards", where=address, cure=cure
        )
    return f"{host}:{int(port) + shard}"


def reachable_by(settings: Settings) -> tuple[str, ...]:
    """By which ways a stranger learns where the seeder is; () when by none."""
    ways = (
        (settings.seed_address, f"the address {settings.seed_address} in magnet links"),
        (settings.seed_trackers, f"trackers: {', '.join(settings.seed_trackers)}"),
        (settings.seed_dht, "the distributed hash table"),
        (settings.seed_lsd, "discovery in the local network"),
    )
    return tuple(way for is_set, way in ways if is_set)


def warnings(settings: Settings) -> tuple[str, ...]:
    """What keeps strangers from being served; () when nothing does."""
    found = []
    if all(_is_of_this_machine(address) for address in listen_addresses(settings.seed_listen)):
        found.append('only this machine can connect: seed_listen = "0.0.0.0:6881" opens it to others')
    if not reachable_by(settings):
        found.append("nobody is told where it is: set seed_address, seed_trackers or seed_dht")
    return tuple(found)


def _is_of_this_machine(address: str) -> bool:
    match = _LISTEN.fullmatch(address)
    return match is not None and ip_address(match["six"] or match["four"]).is_loopback
