"""Volumes: whatever is added, withdrawn, reinstated, licensed otherwise, renamed or replaced, in any order: no path
twice, recordings with their credits, within the limits, every place where it was; and what comes back has its former
infohash.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from sonoteca.formats import bencode
from sonoteca.formats.naming import clash_key, portable_paths
from sonoteca.formats.pieces import FileMeter
from sonoteca.model.files import Copied, Layers
from sonoteca.model.ids import Digest
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Flavour, Group, Outside, Volume
from sonoteca.pipeline.torrents import body_of, volume_of
from sonoteca.torrents import layout, volumes
from sonoteca.torrents.assemble import assemble
from sonoteca.torrents.volumes import CREDITS_ENDING, Item, Offer, Room, Sidecar

NOW = "2026-01-02T03:04:05Z"
ROOM = Room(max_files=6, max_bytes=900, open_days=7)
CLASSES = ("free", "nc")
# Names of one release at a time, as a drive has them; alike in ways that some system does not tell apart.
NAMES = ("a.flac", "A.flac", "b.flac", "b?.flac", "b_.flac", "a.flac.credits.txt", "CD/a.flac", "cd/b.flac", "é.flac")
NAMES += ("e\u0301.flac", "a\u200d.flac", "CON.flac", "x" * 300 + ".flac", "a.flac/b.flac", ".pad/a.flac", " a .flac")
FOLDERS = ("Artist - Title", "artist - title", "Artist - Title [000000000001]", ".pad", "?", "", "y" * 300)


@cache
def read(content: bytes) -> Copied:
    """As it is read when it is stored."""
    meter = FileMeter()
    meter.update(memoryview(content))
    return meter.finish()


LAYERS: dict[Digest, Layers] = {}


def kept(text: str) -> tuple[Digest, int]:
    """A small file; its layers are kept."""
    copied = read((text + " ").encode() * 3)
    assert copied.layers is not None
    LAYERS[copied.digest] = copied.layers
    return copied.digest, copied.bytes


@dataclass
class Shelf:
    """A release as it is now: which bytes are under which name, what is withdrawn, its class."""

    name: str
    folder: str
    takes: dict[str, int]
    withdrawn: set[str] = field(default_factory=set)
    licence_class: str = "free"

    def offer(self) -> Offer:
        """Everything that is not withdrawn; a track is known by its bytes."""
        items = []
        for raw, path in sorted(portable_paths(self.takes).items()):
            track = f"trk_{self.takes[raw]:08}"
            if track not in self.withdrawn:
                items.append(self._item(path, track))
        return Offer(release=self.name, folder=self.folder, items=tuple(items))

    def _item(self, path: str, track: str) -> Item:
        digest, size = kept(f"{self.name} {track}")
        text, length = kept(f"credits {self.name} {track} {self.licence_class}")
        return Item(
            group=Group(collection="c", tier=Tier.ORIGINAL, licence_class=self.licence_class),
            track=track,
            file=f"masters/{path}",
            name=path,
            digest=digest,
            bytes=size,
            credits=Sidecar(file=f"credits/{track}.txt", digest=text, bytes=length),
        )


@dataclass
class House:
    """The volumes, by name, as the pipeline settles them (pipeline/volumes.py)."""

    known: dict[str, Volume] = field(default_factory=dict)

    def settle(self, offer: Offer) -> None:
        """One release."""
        mine = [one for one in self.known.values() if any(slot.release == offer.release for slot in one.slots)]
        revised, unplaced = volumes.revise(mine, offer)
        self.known |= {one.name: one for one in revised}
        given = {s.path.partition("/")[0] for one in revised for s in one.slots if s.release == offer.release}
        for group in dict.fromkeys(item.group for item in unplaced):
            for part in volumes.parts_of([item for item in unplaced if item.group == group], ROOM):
                volume = self.open_volume(group, part)
                folder = volumes.folder_for(volume, offer, given)
                given.add(folder)
                self.known[volume.name] = volumes.placed(volume, offer.release, folder, part)

    def open_volume(self, group: Group, part: list[Item]) -> Volume:
        """The newest of the group when it has room, or a new one."""
        newest = max(
            (one for one in self.known.values() if one.group == group), key=lambda one: one.number, default=None
        )
        if newest is not None and volumes.has_room(newest, part, ROOM):
            return newest
        return volumes.opened("", group, lambda beginning: [n for n in self.known if n.startswith(beginning)], NOW)


# ── any sequence ─────────────────────────────────────────────────────────────────────────────────────────────────────

RELEASES = [f"urn:uuid:00000000-0000-0000-0000-{number:012}" for number in range(3)]
TAKES = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9), min_size=1, max_size=5)
STEP = st.one_of(
    st.tuples(st.just("come"), st.integers(0, 2), TAKES, st.sampled_from(FOLDERS)),
    st.tuples(st.just("withdraw"), st.integers(0, 2), st.integers(0, 9), st.none()),
    st.tuples(st.just("reinstate"), st.integers(0, 2), st.integers(0, 9), st.none()),
    st.tuples(st.just("license"), st.integers(0, 2), st.sampled_from(CLASSES), st.none()),
)


def walk(steps: Iterable[tuple[object, ...]]) -> tuple[dict[str, Shelf], House]:
    """The steps, each looked at when it is done."""
    shelves: dict[str, Shelf] = {}
    house = House()
    for step in steps:
        name = RELEASES[step[1]]  # type: ignore[call-overload]
        before = dict(house.known)
        if not take(shelves, name, step):
            continue
        house.settle(shelves[name].offer())
        verify(house, before, shelves)
    return shelves, house


def take(shelves: dict[str, Shelf], name: str, step: tuple[object, ...]) -> bool:
    """The step upon a release; whether it is there."""
    word, _, what, folder = step
    if word == "come":
        known = shelves.get(name) or Shelf(name, str(folder), {})
        known.takes = dict(what)  # type: ignore[call-overload]
        shelves[name] = known
    elif name not in shelves:
        return False
    elif word == "withdraw":
        shelves[name].withdrawn.add(f"trk_{what:08}")
    elif word == "reinstate":
        shelves[name].withdrawn.discard(f"trk_{what:08}")
    else:
        shelves[name].licence_class = str(what)
    return True


def verify(house: House, before: dict[str, Volume], shelves: dict[str, Shelf]) -> None:
    for name, volume in house.known.items():
        paths = [slot.path for slot in volume.slots]
        assert len({clash_key(path) for path in paths}) == len(paths), "a path twice"
        layout.verify_names(name, volume.members)
        assert len(volume.slots) <= ROOM.max_files
        assert sum(slot.bytes for slot in volume.slots) <= ROOM.max_bytes or len(volume.slots) == 2
        present = {slot.path for slot in volume.slots if slot.present}
        recordings = {path for path in present if f"{path}{CREDITS_ENDING}" in present}
        assert len(present) == 2 * len(recordings), "a recording without its credits, or credits alone"
        old = before.get(name)
        if old is not None:
            assert [(slot.path, slot.release) for slot in old.slots] == [
                (slot.path, slot.release) for slot in volume.slots[: len(old.slots)]
            ], "a place moved"
    given = [
        (volume.group, slot.release, slot.track, slot.file, slot.digest)
        for volume in house.known.values()
        for slot in volume.slots
        if slot.present
    ]
    wanted = [
        (item.group, shelf.name, item.track, file, digest)
        for shelf in shelves.values()
        for item in shelf.offer().items
        for file, digest in ((item.file, item.digest), (item.credits.file, item.credits.digest))
    ]
    assert sorted(given, key=str) == sorted(wanted, key=str), "what is offered is there, once, and nothing else"


@given(st.lists(STEP, max_size=12))
@settings(max_examples=150)
def test_any_sequence(steps: list[tuple[object, ...]]) -> None:
    walk(steps)


@given(st.lists(STEP, max_size=8), st.integers(0, 2), st.sets(st.integers(0, 9), min_size=1))
@settings(max_examples=60)
def test_what_was_withdrawn_comes_back_with_its_infohash(
    steps: list[tuple[object, ...]], number: int, tracks: set[int]
) -> None:
    """Whatever was published of other releases in between does not matter to its own files."""
    shelves, house = walk(steps)
    shelf = shelves.get(RELEASES[number])
    if shelf is None:
        return
    before, withdrawn = dict(house.known), set(shelf.withdrawn)
    shelf.withdrawn |= {f"trk_{track:08}" for track in tracks}
    house.settle(shelf.offer())
    verify(house, before, shelves)
    shelf.withdrawn = withdrawn
    house.settle(shelf.offer())
    for name, volume in before.items():
        assert house.known[name].members == volume.members
        assert infos(house.known[name]) == infos(volume)
    assert house.known.keys() == before.keys()


def infos(volume: Volume) -> list[object]:
    """Its info dict in every flavour."""
    if not volume.members:
        return []
    made = [assemble(volume.name, volume.members, LAYERS.__getitem__, flavour, Outside()) for flavour in Flavour]
    return [bencode.parse(one.torrent)[b"info"] for one in made]  # type: ignore[index, call-overload]


@given(st.lists(STEP, max_size=10))
@settings(max_examples=60)
def test_from_the_last_records_it_is_the_same(steps: list[tuple[object, ...]]) -> None:
    """A record says all of a volume, and settling again what is settled changes nothing."""
    shelves, house = walk(steps)
    again = House({name: volume_of(recorded(volume)) for name, volume in house.known.items()})
    assert again.known == house.known
    for shelf in shelves.values():
        again.settle(shelf.offer())
    assert again.known == house.known


def recorded(volume: Volume) -> Record:
    return Record(kind=RecordKind.VOLUME, id="1", subject=volume.name, made_at=NOW, salt="0" * 32, body=body_of(volume))


# ── revisions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_revision_names_those_before_it_the_newest_first() -> None:
    volume = volumes.succeeded(
        None, volumes.opened("", Group(collection="c", tier=Tier.ACCESS, licence_class=""), lambda beginning: [], NOW)
    )
    assert (volume.name, volume.revision, volume.similar) == ("e3b0c442-c-access-custom-0001", 1, ())
    seen = []
    for number in range(1, 12):
        volume = replace(volume, hashes=replace(volume.hashes, v1=f"{number:040x}"))
        seen.insert(0, volume.hashes.v1)
        volume = volumes.succeeded(volume, volume)
        assert (volume.revision, volume.similar) == (number + 1, tuple(seen[: volumes.SIMILAR]))


def test_a_volume_takes_new_files_for_some_days() -> None:
    group = Group(collection="c", tier=Tier.ACCESS, licence_class="free")
    volume = volumes.opened("", group, lambda beginning: [], NOW)
    for at, is_open in (
        ("2026-01-02T03:04:04Z", True),
        ("2026-01-09T03:04:04Z", True),
        ("2026-01-09T03:04:05Z", False),
    ):
        assert volumes.is_open(volume, ROOM, at) is is_open
