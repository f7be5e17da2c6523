"""Telling: a torrent's status as the socket and --json have it. Pure."""

from typing import Any

from sonoteca.model.peers import PeerSeen
from sonoteca.model.torrent import SeedStatus


def plain_status(one: SeedStatus) -> dict[str, Any]:
    """`announced` is one entry for each way by which strangers find it."""
    return {
        "name": one.name,
        "v1": one.hashes.v1,
        "v2": one.hashes.v2,
        "state": one.state,
        "peers": one.peers,
        "uploaded_bytes": one.uploaded_bytes,
        "downloaded_bytes": one.downloaded_bytes,
        "error": one.error,
        "damaged": list(one.damaged),
        "announced": [{"way": told.way, "at": told.at, "trouble": told.trouble} for told in one.announced],
    }


def plain_peer(one: PeerSeen) -> dict[str, Any]:
    """`who` in the status of one infohash; "port" 0: it came to us, and where it listens is not known."""
    return {"host": one.host, "port": one.port, "client": one.client, "is_complete": one.is_complete}
