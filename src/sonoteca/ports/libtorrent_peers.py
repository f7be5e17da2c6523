"""What libtorrent says of the peers of one torrent: who is connected, who says that it has everything.

Takes  a torrent's handle.   Gives  PeerSeen, as strangers said it: names are cut and made printable.
Why    most peers come to us, from a port of the moment: where they listen is known only of those that we called.
       libtorrent's seeds leave each other, so that who has finished is seen for a moment; a tracker counts them longer.
"""

from typing import Any

from sonoteca.model.peers import PeerSeen

MAX_PEERS = 400
MAX_CLIENT_CHARACTERS = 60


def seen_peers(handle: Any) -> tuple[PeerSeen, ...]:
    """Whoever is connected now."""
    return tuple(_seen(one) for one in handle.get_peer_info()[:MAX_PEERS])


def _seen(one: Any) -> PeerSeen:
    host, port = one.ip
    client = bytes(one.client)[: 4 * MAX_CLIENT_CHARACTERS].decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in client)
    return PeerSeen(
        host=str(host),
        port=int(port) if one.flags & one.local_connection else 0,
        client=shown[:MAX_CLIENT_CHARACTERS],
        is_complete=bool(one.flags & one.seed),
    )
