"""Audit: places that may hold a volume are asked for random blocks, and what they gave is compared with stored leaves.

Takes  a Question (the volume's torrent), the places, doors, chance, and how stored leaves are looked up.
Gives  one Audited for each place, as soon as it is known; whatever a place does, the others are asked.
Order  a place is asked first and the leaves are looked up after: a slow disk is not counted as its latency.
Never  opens a second connection to a place, or asks more than AT_ONCE at a time; reads audio here.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from urllib.parse import urlsplit

from sonoteca.model.copies import Audited, Outcome, Place
from sonoteca.model.peers import Block, Call, Endpoint
from sonoteca.ports.clock import Clock
from sonoteca.ports.peer_wire import PeerWire
from sonoteca.ports.web_blocks import WebBlocks
from sonoteca.swarm.audit_plan import SEED_BYTES, Ground, holder_of, judge, percentile, sample

AT_ONCE = 8
MAX_PLACES = 50
MAX_WHY_CHARACTERS = 300
Leaves = Callable[[Sequence[Block]], Sequence[bytes]]
Target = Endpoint | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A volume in one flavour. `name` is the torrent's, "" when it is its file; `info_hash` the 20 bytes that its swarm
    goes by, `infohash` the whole of it."""

    volume: str
    volume_hash: str
    name: str
    info_hash: bytes
    infohash: str
    is_v2: bool
    ground: Ground
    blocks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What is asked through. `chance` gives so many bytes of the system's."""

    wire: PeerWire
    web: WebBlocks
    clock: Clock
    chance: Callable[[int], bytes]


def audit(question: Question, targets: Sequence[Target], doors: Doors, leaves: Leaves) -> Iterator[Audited]:
    """Every target (an Endpoint, or the address of a web seed), in the order in which they are done."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        asked = [pool.submit(_one, question, target, doors, leaves) for target in targets[:MAX_PLACES]]
        for one in as_completed(asked):
            yield one.result()


def _one(question: Question, target: Target, doors: Doors, leaves: Leaves) -> Audited:
    call = Call(
        info_hash=question.info_hash,
        is_v2=question.is_v2,
        pieces=question.ground.pieces,
        blocks=sample(question.ground, question.blocks, doors.chance(SEED_BYTES)),
    )
    if isinstance(target, str):
        place, host, heard = Place.WEB_SEED, urlsplit(target).hostname or "", doors.web.ask(target, question.name, call)
    else:
        place, host, heard = Place.PEER, holder_of(target.host), doors.wire.ask(target, call)
    outcome, right, why = judge(call, heard, leaves(call.blocks) if heard.got else [b""] * len(call.blocks))
    times = [one.ms for one in heard.got if one.digest]
    return Audited(
        at=doors.clock.now(),
        volume=question.volume,
        volume_hash=question.volume_hash,
        swarm_hash=question.info_hash.hex(),
        place=place,
        host=host,
        address=str(target),
        outcome=outcome,
        client=heard.client,
        asked=len(heard.got),
        right=right,
        pieces=call.pieces,
        pieces_told=heard.told or 0,
        median_ms=round(percentile(times, 0.5), 3),
        p99_ms=round(percentile(times, 0.99), 3),
        why=why[:MAX_WHY_CHARACTERS],
    )


def says_complete(one: Audited) -> bool:
    """Whether it says that it has everything, be it so or not."""
    return one.outcome is not Outcome.GARBAGE and 0 < one.pieces == one.pieces_told
