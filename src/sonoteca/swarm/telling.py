"""Telling: a torrent's status as the socket and --json have it. Pure."""

from typing import Any

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
