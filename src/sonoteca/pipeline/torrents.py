"""Torrents: the .torrent and seed list of a volume, as they follow from its record and the store; and those records.

Takes  a Volume.   Gives  its torrents in every flavour that the settings want, and where each of their files lies.
Order  a .torrent is there before the seed list that names it; the seed list goes before its .torrent.
Never  reads audio: torrents are assembled from the hash layers in the store.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sonoteca.formats import json, plain
from sonoteca.model.errors import Damaged
from sonoteca.model.ids import Digest
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.torrent import Assembled, Flavour, InfoHashes, Seed, Volume
from sonoteca.pipeline.archive import Archive
from sonoteca.preserve.packed import PackedHashes
from sonoteca.preserve.shelf import Shelf
from sonoteca.swarm.seeds import MAX_SEED_BYTES, format_seed, parse_seed
from sonoteca.torrents.assemble import assemble
from sonoteca.torrents.layout import ordered

SCHEMA = "sonoteca/volume/1"
TORRENTS = "torrents"

Files = Mapping[Flavour, tuple[bytes, Seed]]


Places = Mapping[Digest, str]
NOWHERE: Places = {}


def known_places(archive: Archive, before: Volume | None) -> Places:
    """Where the files of a volume lie, as its seed list and its record say: the content of an object stays where it is,
    and to parse the inventories of hundreds of objects again takes longer than all the rest of a re-issue."""
    path = seed_path(before.name, Flavour.HYBRID) if before else ""
    if before is None or archive.disk.find(path) is None:
        return NOWHERE
    try:
        seed = parse_seed(archive.disk.read(path, MAX_SEED_BYTES))
    except ValueError:
        return NOWHERE
    members = ordered(before.members)
    if seed.hashes != before.hashes or len(members) != len(seed.files):
        return NOWHERE
    return {one.digest: place for one, place in zip(members, seed.files, strict=True)}


def assembled(archive: Archive, volume: Volume, places: Places = NOWHERE) -> tuple[Volume, Files]:
    """The volume with its infohashes, and for each flavour that the settings want its .torrent and seed list. `places`
    are believed where there is a file."""
    with PackedHashes(archive.disk, archive.settings.cache_pieces_bytes) as packs:
        shelf = _shelf(archive, volume, packs)
        shelf.believe(places)
        found = _assembled(archive, volume, shelf)
        packs.keep(shelf.fresh)
    return found


def _shelf(archive: Archive, volume: Volume, packs: PackedHashes | None) -> Shelf:
    return Shelf(archive.disk, {slot.digest: slot.release for slot in volume.slots if slot.present}, packs)


def _assembled(archive: Archive, volume: Volume, shelf: Shelf) -> tuple[Volume, Files]:
    members = volume.members
    if not members:
        return replace(volume, hashes=InfoHashes()), {}

    def torrent_of(flavour: Flavour) -> Assembled:
        # `similar` (BEP 38) stands in the record and not in the .torrent: qBittorrent 4.5.2 (libtorrent 2.0.8) crashes
        # when it is given a torrent that names one which it seeds. In the same folder nothing is downloaded again
        # without it.
        return assemble(volume.name, members, shelf.hashes, flavour, archive.settings.outside)

    hybrid = torrent_of(Flavour.HYBRID)
    found = {}
    for flavour in (Flavour(one) for one in archive.settings.flavours):
        torrent = hybrid if flavour is Flavour.HYBRID else torrent_of(flavour)
        files = tuple(shelf.place(one.digest) for one in torrent.members)
        path = torrent_path(volume.name, flavour)
        found[flavour] = (torrent.torrent, Seed(name=volume.name, torrent=path, hashes=torrent.hashes, files=files))
    # It may be what it was at an earlier revision: nothing is its own predecessor.
    similar = tuple(one for one in volume.similar if one != hybrid.hashes.v1)
    return replace(volume, hashes=hybrid.hashes, similar=similar), found


def publish_files(archive: Archive, volume: Volume, files: Files) -> None:
    """The .torrent of each flavour, then its seed list; what the volume has no longer goes, the seed list first."""
    for flavour in Flavour:
        path, seeds = torrent_path(volume.name, flavour), seed_path(volume.name, flavour)
        if flavour not in files:
            archive.disk.remove(seeds)
            archive.disk.remove(path)
            continue
        torrent, seed = files[flavour]
        _replace(archive, path, torrent)
        _replace(archive, seeds, format_seed(seed))


def _replace(archive: Archive, path: str, content: bytes) -> None:
    if archive.disk.find(path) is None or archive.disk.read(path) != content:
        archive.disk.replace(path, content)


def torrent_path(name: str, flavour: Flavour) -> str:
    """Where the .torrent of a volume is."""
    return f"{TORRENTS}/{name}{'' if flavour is Flavour.HYBRID else '.' + flavour}.torrent"


def seed_path(name: str, flavour: Flavour) -> str:
    """Where the list is that the seeder reads."""
    return torrent_path(name, flavour).removesuffix(".torrent") + ".seed.json"


def verify_same(volume: Volume, files: Files) -> None:
    if Flavour.HYBRID in files and files[Flavour.HYBRID][1].hashes != volume.hashes:
        what = "the torrent that follows from the store is not the one that was published"
        raise Damaged("other-torrent", what, where=volume.name, cure="sonoteca verify tells which object is damaged")


def expected_files(archive: Archive, volume: Volume) -> dict[str, bytes]:
    """The torrents and seed lists of a volume by path, as they follow from its record and the store."""
    # From the objects: what is verified must not come from a cache.
    _, files = _assembled(archive, volume, _shelf(archive, volume, None))
    verify_same(volume, files)
    found = {}
    for flavour, (torrent, seed) in files.items():
        found[torrent_path(volume.name, flavour)] = torrent
        found[seed_path(volume.name, flavour)] = format_seed(seed)
    return found


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def body_of(volume: Volume) -> str:
    """A volume as the body of its record."""
    return json.format({"schema": SCHEMA, **plain.to_plain(volume)}).decode()


def volume_of(record: Record) -> Volume:
    """The volume that a record says; Damaged when it says none."""
    try:
        found = json.parse_object(record.body.encode())
        if found.pop("schema", None) != SCHEMA:
            raise ValueError(f"the schema {SCHEMA} was expected")
        return plain.from_plain(Volume, found)
    except ValueError as error:
        cure = "restore records/ from a backup"
        what = f"the record of a volume cannot be read: {error}"
        raise Damaged("volume-record", what, where=record.id, cure=cure) from error


def load_volume(archive: Archive, name: str) -> Volume | None:
    """A volume at its newest revision."""
    record = archive.records.last(RecordKind.VOLUME, name)
    return None if record is None else volume_of(record)


def successions(archive: Archive) -> Iterator[tuple[Volume, Volume, Record]]:
    """Each revision of a volume that another one took the place of, that one, and its record."""
    before: Volume | None = None
    for record in archive.records.all(RecordKind.VOLUME):
        after = volume_of(record)
        if before is not None and before.name == after.name:
            yield before, after, record
        before = after


def all_volumes(archive: Archive) -> Iterator[tuple[Volume, Record]]:
    """Every volume at its newest revision, with its record."""
    last: Record | None = None
    for record in archive.records.all(RecordKind.VOLUME):
        if last is not None and last.subject != record.subject:
            yield volume_of(last), last
        last = record
    if last is not None:
        yield volume_of(last), last
