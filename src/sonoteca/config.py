"""Settings: sonoteca.toml, read once, frozen, handed down as arguments. docs/settings.md explains each.

Takes  the bytes of sonoteca.toml.   Gives  `Settings`, or Refused that names the line's key and what it may be.
Never  reads the environment or a file: the command line does that and passes the bytes.
"""

import dataclasses
import tomllib
from dataclasses import dataclass
from typing import Any

from sonoteca.model.errors import Refused
from sonoteca.model.rights import Channel, Policy
from sonoteca.model.torrent import Outside

UNNAMED = "A Sonoteca archive"
TEMPLATE = b"""# Settings of this archive. None is required; docs/settings.md explains every one.
# name = "The archive's name, as people see it"
# noncommercial_archive = false   # true: you state that nothing here is commercial; NonCommercial licences may be used
# reserve_bytes = 1073741824      # work stops cleanly when less than this is free
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default. Sizes in bytes, times in seconds or days, as their names say."""

    name: str = UNNAMED
    jobs: int = 0
    patience_s: int = 60
    reserve_bytes: int = 1024**3
    quarantine_keep_days: int = 30
    noncommercial_archive: bool = False
    publish_channels: tuple[Channel, ...] = tuple(Channel)
    probe_memory_bytes: int = 1024**3
    probe_cpu_s: int = 60
    probe_wall_s: int = 120
    render_memory_bytes: int = 1024**3
    render_cpu_s: int = 7200
    render_wall_s: int = 14_400
    render_max_s: int = 172_800
    low_tier: bool = False
    volume_max_files: int = 2000
    volume_max_bytes: int = 16 * 10**9
    volume_open_days: int = 7
    cache_pieces_bytes: int = 1024**3
    flavours: tuple[str, ...] = ("hybrid",)
    seed_listen: str = "127.0.0.1:6881"
    seed_shards: int = 1
    seed_memory_bytes: int = 0
    seed_dht: bool = False
    seed_dht_nodes: tuple[str, ...] = ()
    seed_lsd: bool = False
    seed_trackers: tuple[str, ...] = ()
    seed_announces_s: int = 10
    seed_address: str = ""
    seed_upload_bytes_s: int = 0
    seed_hours: tuple[str, ...] = ()
    seed_connections: int = 400
    audit_pause_s: int = 3600
    audit_places: int = 20
    stream_token: str = ""
    stream_count: int = 4
    stream_max_bytes: int = 1024**3
    stream_own_network: bool = False
    on_demand_days: int = 7
    on_demand_torrents: int = 100
    web_listen: str = "127.0.0.1:8000"
    web_address: str = ""

    @property
    def policy(self) -> Policy:
        """What the rules of the rights room need to know."""
        return Policy(noncommercial_archive=self.noncommercial_archive, publish_channels=self.publish_channels)

    @property
    def web_seed(self) -> str:
        """The base address of the web seed, "" when nobody was told the website's address."""
        return f"{self.web_address.rstrip('/')}/seed/" if self.web_address else ""

    @property
    def word(self) -> str:
        """What names of volumes and views begin with."""
        return "sonoteca" if self.name == UNNAMED else self.name

    @property
    def outside(self) -> Outside:
        """What stands beside the info dict of every torrent."""
        trackers = tuple((one,) for one in self.seed_trackers)
        web_seeds = (self.web_seed,) if self.web_seed else ()
        return Outside(trackers=trackers, web_seeds=web_seeds, comment=self.name)


LIMITS: dict[str, tuple[int, int]] = {
    "jobs": (0, 256),
    "patience_s": (0, 86_400),
    "reserve_bytes": (0, 1 << 50),
    "quarantine_keep_days": (0, 36_500),
    "probe_memory_bytes": (256 * 1024**2, 1 << 40),
    "probe_cpu_s": (1, 86_400),
    "probe_wall_s": (1, 86_400),
    "render_memory_bytes": (320 * 1024**2, 1 << 40),
    "render_cpu_s": (1, 1_000_000),
    "render_wall_s": (1, 1_000_000),
    "render_max_s": (1, 10_000_000),
    "volume_max_files": (2, 8000),
    "volume_max_bytes": (1, 32 * 10**9),
    "volume_open_days": (0, 36_500),
    "cache_pieces_bytes": (0, 1 << 40),
    "seed_upload_bytes_s": (0, 1 << 40),
    "seed_connections": (2, 65_535),
    "stream_count": (1, 64),
    "stream_max_bytes": (1, 1 << 40),
    "audit_pause_s": (60, 366 * 86_400),
    "audit_places": (1, 50),
    "seed_shards": (1, 64),
    "seed_memory_bytes": (0, 1 << 44),
    "seed_announces_s": (1, 1000),
    "on_demand_days": (1, 366),
    "on_demand_torrents": (0, 10_000),
}

WORDS: dict[str, frozenset[str]] = {"flavours": frozenset({"hybrid", "v1", "v2"})}


def parse_settings(raw: bytes) -> Settings:
    """The settings of a sonoteca.toml."""
    try:
        found = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused("the file", str(error)) from error
    known = {field.name: field for field in dataclasses.fields(Settings)}
    for key in found:
        if key not in known:
            raise _refused(key, "there is no such setting")
    return Settings(**{key: _value(key, known[key].default, value) for key, value in found.items()})


def _value(key: str, default: Any, value: Any) -> Any:
    if key == "publish_channels":
        return _channels(key, value)
    if isinstance(default, tuple):
        return _texts(key, value)
    if type(value) is not type(default):
        raise _refused(key, f"must be a {_WORD[type(default)]}")
    if key in LIMITS and not LIMITS[key][0] <= value <= LIMITS[key][1]:
        raise _refused(key, f"must be from {LIMITS[key][0]} to {LIMITS[key][1]}")
    return value


_WORD = {str: "text in quotes", int: "whole number", bool: "true or false"}


def _channels(key: str, value: Any) -> tuple[Channel, ...]:
    words = [str(channel) for channel in Channel]
    if not isinstance(value, list) or any(item not in words for item in value):
        raise _refused(key, f"must be a list of {', '.join(words)}")
    return tuple(Channel(item) for item in value)


def _texts(key: str, value: Any) -> tuple[str, ...]:
    allowed = WORDS.get(key, frozenset())
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _refused(key, "must be a list of texts")
    if allowed and (not value or not set(value) <= allowed):
        raise _refused(key, f"must be a list of {', '.join(sorted(allowed))}")
    return tuple(dict.fromkeys(value))


def _refused(key: str, why: str) -> Refused:
    return Refused(
        "settings", f"{key}: {why}", where="sonoteca.toml", cure="see docs/settings.md, or take the line out"
    )
