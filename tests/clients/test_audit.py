"""Stock clients prove their copies: each is given a volume by our seeder and then asked for random blocks, which are
compared with the bytes that were published."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from sonoteca.formats import metainfo
from sonoteca.model.copies import Audited, Outcome
from sonoteca.model.errors import Unreachable
from sonoteca.model.files import BLOCK_BYTES
from sonoteca.model.peers import Block, Endpoint
from sonoteca.model.torrent import Flavour
from sonoteca.ports.memory.clock import FixedClock
from sonoteca.ports.peer_wire import TcpPeerWire
from sonoteca.ports.trackers import NetTrackers
from sonoteca.ports.web_blocks import HttpWebBlocks
from sonoteca.swarm.audit import Doors, Question, audit
from sonoteca.swarm.audit_plan import ground_of
from tests.clients.conftest import Seeder, Start
from tests.clients.face import Client
from tests.clients.shelf import Published, Shelf
from tests.clients.tracker import Tracker

NAME = "sonoteca-trial-audit-cc0-0001"
SIZES = {
    "Foo/01 Aria.opus": 700_000,
    "Foo/01 Aria.opus.credits.txt": 700,
    "Foo - Live/02 Bolero.opus": 262_144,
    "Foo - Live/02 Bolero.opus.credits.txt": 16_385,
}
# What each calls itself.
CALLED = {"qBittorrent": "qBittorrent/4", "rTorrent": "libTorrent 0.13", "Transmission": "Transmission 3"}
CASES = [
    ("qBittorrent", Flavour.HYBRID),
    ("qBittorrent", Flavour.V1),
    ("qBittorrent", Flavour.V2),
    ("rTorrent", Flavour.HYBRID),
    ("rTorrent", Flavour.V1),
    ("Transmission", Flavour.V1),
]


@pytest.fixture(scope="module")
def filled(shelf: Shelf) -> Shelf:
    shelf.fill(SIZES, seed=7)
    return shelf


def question(published: Published, blocks: int = 30) -> Question:
    found = metainfo.parse(published.torrent.read_bytes())
    return Question(
        volume=NAME,
        volume_hash=published.hashes.short,
        name=NAME,
        info_hash=bytes.fromhex(published.hashes.short),
        infohash=published.hashes.v1 or published.hashes.v2,
        is_v2=not published.hashes.v1,
        ground=ground_of(found),
        blocks=blocks,
    )


def ask(published: Published, shelf: Shelf, *targets: Endpoint) -> list[Audited]:
    doors = Doors(wire=TcpPeerWire(), web=HttpWebBlocks(), clock=FixedClock(), chance=os.urandom)

    def leaves(blocks: Sequence[Block]) -> list[bytes]:
        """Of the bytes that were published: BEP 52's leaf is their sha256."""
        found = []
        for block in blocks:
            raw = shelf.place(shelf.members[block.path].digest).read_bytes()
            found.append(hashlib.sha256(raw[block.leaf * BLOCK_BYTES :][: block.bytes]).digest())
        return found

    return list(audit(question(published), targets, doors, leaves))


def verify_proved(found: Sequence[Audited], client: str) -> None:
    (one,) = found
    assert (one.outcome, one.why) == (Outcome.PROVED, "")
    assert one.asked == one.right == 30
    assert one.pieces_told == one.pieces
    assert one.client.startswith(client)


def port_of(client: Client, tracker: Tracker) -> int:
    """Where it listens. Transmission 3.00 tells trackers port 0 when it was told to map none."""
    told = tracker.ports[client.place.address]
    return told or int(json.loads((client.place.folder / "settings.json").read_text())["peer-port"])


@pytest.mark.parametrize(("name", "flavour"), CASES)
def test_a_stock_client_proves_its_copy(
    name: str, flavour: Flavour, filled: Shelf, seeder: Seeder, start: Start, tracker: Tracker, got: Path
) -> None:
    published = filled.publish(NAME, flavour)
    seeder.remove(published)
    seeder.add(published)
    client = start(name)
    ident = client.add(published.torrent, got)
    client.wait_done(ident)
    where = Endpoint(host=client.place.address, port=port_of(client, tracker))
    verify_proved(ask(published, filled, where), CALLED[name])
    client.remove(ident)
    # What it seeds no longer it does not prove.
    assert ask(published, filled, where)[0].outcome is Outcome.SILENT


@pytest.mark.parametrize("flavour", list(Flavour))
def test_our_own_seeder_would_too(flavour: Flavour, filled: Shelf, seeder: Seeder) -> None:
    published = filled.publish(NAME, flavour)
    seeder.remove(published)
    seeder.add(published)
    where = Endpoint(host=seeder.endpoint[0], port=seeder.endpoint[1])
    verify_proved(ask(published, filled, where), "Sonoteca/")


def test_a_tracker_names_peers_and_is_told_that_nobody_stays(filled: Shelf, seeder: Seeder, tracker: Tracker) -> None:
    short = bytes.fromhex(filled.publish(NAME).hashes.short)
    tracker.askers.clear()
    assert NetTrackers().peers(tracker.url, short) == (Endpoint(host=seeder.endpoint[0], port=seeder.endpoint[1]),)
    assert [info_hash for _, info_hash in tracker.askers] == [short.hex()] * 2
    with pytest.raises(Unreachable, match="nobody"):
        NetTrackers().peers(tracker.url.replace("http", "gopher", 1), short)
