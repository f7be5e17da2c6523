"""Audit ground: what an audit of a volume rests on: its torrent, and the stored leaves of its files.

Takes  the archive, a volume's name, a flavour.   Gives  a Question without places; leaves, as they are asked for.
Never  reads audio: a block of a peer is compared with the leaf that was stored when the file came.
"""

from collections.abc import Sequence
from functools import lru_cache

from sonoteca.catalogue import volumes
from sonoteca.catalogue.volumes import Listed
from sonoteca.formats import metainfo, pieces
from sonoteca.formats.merkle import HASH_BYTES
from sonoteca.formats.metainfo import Metainfo
from sonoteca.model.errors import Damaged, Refused
from sonoteca.model.files import Layers
from sonoteca.model.peers import Block
from sonoteca.model.torrent import Flavour, Slot
from sonoteca.pipeline.archive import Archive
from sonoteca.pipeline.torrents import load_volume, torrent_path
from sonoteca.preserve.deposit import load_object, read_file
from sonoteca.swarm.audit import Question
from sonoteca.swarm.audit_plan import ground_of

_KEPT_LAYERS = 256


def find_volume(archive: Archive, name: str) -> Listed:
    """The volume of this name; Refused when there is none, or nothing in it."""
    with archive.database.read() as tx:
        found = next((one for one in volumes.listed(tx) if one.name == name), None)
    if found is None or not found.files:
        what = "there is no volume of this name" if found is None else "this volume is empty: all was taken back"
        raise Refused("unknown-volume", what, where=name, cure="sonoteca volumes lists them")
    return found


def question_of(archive: Archive, volume: Listed, flavour: Flavour, blocks: int) -> Question:
    """What is asked of whoever holds this flavour of the volume."""
    torrent = _load_torrent(archive, torrent_path(volume.name, flavour))
    if flavour is Flavour.HYBRID and torrent.hashes != volume.hashes:
        what = "the .torrent is not the one that the catalogue names"
        raise Damaged("other-torrent", what, where=volume.name, cure="sonoteca run, or sonoteca rebuild")
    return Question(
        volume=volume.name,
        volume_hash=volume.hashes.short,
        name="" if torrent.is_one_file else torrent.name,
        info_hash=bytes.fromhex(torrent.hashes.short),
        infohash=torrent.hashes.v1 or torrent.hashes.v2,
        is_v2=not torrent.hashes.v1,
        ground=ground_of(torrent),
        blocks=blocks,
    )


def _load_torrent(archive: Archive, path: str) -> Metainfo:
    if archive.disk.find(path) is None:
        cure = "add the flavour to the setting flavours, then sonoteca run; or ask for another (--flavour)"
        raise Refused("no-flavour", "this volume has no torrent of this flavour", where=path, cure=cure)
    try:
        return metainfo.parse(archive.disk.read(path, metainfo.MAX_BYTES))
    except ValueError as error:
        raise Damaged(
            "bad-torrent", f"the .torrent is damaged: {error}", where=path, cure="sonoteca rebuild"
        ) from error


class StoredLeaves:
    """The leaves of a volume's files, out of the store. Threads may share one."""

    def __init__(self, archive: Archive, name: str) -> None:
        volume = load_volume(archive, name)
        self._archive = archive
        self._slots = {slot.path: slot for slot in volume.slots if slot.present} if volume else {}
        self._layers = lru_cache(_KEPT_LAYERS)(self._load)

    def of(self, blocks: Sequence[Block]) -> list[bytes]:
        """The leaf of each block; Damaged when the layers cannot be read."""
        return [self._leaf(block) for block in blocks]

    def _leaf(self, block: Block) -> bytes:
        start = block.leaf * HASH_BYTES
        return self._layers(block.path).leaves[start : start + HASH_BYTES]

    def _load(self, path: str) -> Layers:
        slot = self._slots.get(path)
        if slot is None:
            what = "the .torrent has a file that the record of the volume has not"
            raise Damaged("other-torrent", what, where=path, cure="sonoteca run, or sonoteca rebuild")
        return _layers(self._archive, slot)


def _layers(archive: Archive, slot: Slot) -> Layers:
    """From the newest version of the object that has them: what is in a torrent may have been replaced since."""
    inventory, wanted = load_object(archive.disk, slot.release), f"pieces/{slot.digest}.pieces"
    states = (inventory.state(number) for number in range(inventory.head_number, 0, -1))
    digest = next((state[wanted] for state in states if wanted in state), wanted)
    try:
        return pieces.parse(read_file(archive.disk, inventory, digest))
    except ValueError as error:
        cure = "sonoteca verify tells more; restore the release from another copy"
        raise Damaged("pieces-form", f"the hash layers cannot be read: {error}", where=wanted, cure=cure) from error
