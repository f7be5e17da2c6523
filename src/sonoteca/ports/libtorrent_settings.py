"""The settings of libtorrent's session, as the archive wants them. Pure: a table made of SwarmSettings.

Why  libtorrent's defaults are those of a desktop: five seeds at a time, half a second between ticks, port mapping, DHT
     and local discovery on, a foreign STUN server. An archive seeds everything, at once, and tells nobody unasked.
"""

from typing import Any

from sonoteca import __version__
from sonoteca.ports.swarm import SwarmSettings

TICK_MS = 100
ALERTS_AT_ONCE = 100_000
OPEN_FILES = 512
WAITING_AT_ONCE = 1024
# What the kernel may hold of a connection that is not sent yet: all that can still leave after a removal.
UNSENT_BYTES = 16 * 1024
_PREFER_TCP = 0
UNCHOKED_AT_ONCE = 64
# libtorrent's own limit; and what two look-ups (v1 and v2) of some sixty questions of 130 bytes take.
_TABLE_BYTES_S, _TABLE_BYTES_EACH = 8000, 16_000
_NEVER = (1 << 31) - 1


def session_settings(chosen: SwarmSettings, fingerprint: str, alert_mask: int) -> dict[str, Any]:
    """libtorrent's settings pack."""
    return {
        **_manners(chosen),
        **_amounts(chosen),
        "user_agent": f"Sonoteca/{__version__}",
        "peer_fingerprint": fingerprint,
        "alert_mask": alert_mask,
        "alert_queue_size": ALERTS_AT_ONCE,
    }


def _manners(chosen: SwarmSettings) -> dict[str, Any]:
    return {
        "listen_interfaces": ",".join(chosen.listen),
        # The port that was asked for, or an error: a seeder somewhere else would be found by nobody.
        "max_retry_port_bind": 0,
        "listen_system_port_fallback": False,
        "enable_dht": chosen.dht,
        "enable_lsd": chosen.lsd,
        "enable_upnp": False,
        "enable_natpmp": False,
        "webtorrent_stun_server": "",
        **_table(chosen),
        # Every tracker that the settings name, not the first that answers.
        "announce_to_all_tiers": True,
        "announce_to_all_trackers": True,
        # A peer can name addresses (BEP 11): nobody is called because a stranger said so, unless peers are sought.
        "seeding_outgoing_connections": not chosen.is_quiet,
        # A player that asks for ranges looks redundant to a seed; closing on it makes the range time out.
        "close_redundant_connections": False,
        "allow_multiple_connections_per_ip": True,  # a school, a village, a proxy
        "optimistic_disk_retry": _NEVER,  # never out of upload mode
    }


def _table(chosen: SwarmSettings) -> dict[str, Any]:
    """The distributed hash table. Its own round tells one torrent a second at most, so that of many some are forgotten
    between two rounds: it is put off, and the seeder's queue tells each in its turn (swarm/announces.py)."""
    if not chosen.dht:
        return {"dht_bootstrap_nodes": ""}
    return {
        **({"dht_bootstrap_nodes": ",".join(chosen.dht_nodes)} if chosen.dht_nodes else {}),
        "dht_announce_interval": _NEVER,
        # What goes over it is dropped without a word.
        "dht_upload_rate_limit": max(_TABLE_BYTES_S, chosen.announces_s * _TABLE_BYTES_EACH),
    }


def _amounts(chosen: SwarmSettings) -> dict[str, Any]:
    unlimited = ("active_seeds", "active_limit", "active_tracker_limit", "active_dht_limit", "active_lsd_limit")
    return {
        **dict.fromkeys(unlimited, -1),  # above them libtorrent stops announcing and says nothing
        "tick_interval": TICK_MS,
        "connections_limit": chosen.connections,
        "unchoke_slots_limit": min(chosen.connections, UNCHOKED_AT_ONCE),
        "upload_rate_limit": chosen.upload_bytes_s,
        "file_pool_size": OPEN_FILES,
        "listen_queue_size": WAITING_AT_ONCE,
        "mixed_mode_algorithm": _PREFER_TCP,  # else peers over TCP are held back while one speaks uTP
        "send_not_sent_low_watermark": UNSENT_BYTES,
    }
