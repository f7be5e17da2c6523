"""Which torrents were replaced, when, why and by what; what came back is none of them."""

from dataclasses import replace
from itertools import pairwise

from sonoteca.catalogue import volumes as rows
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group, InfoHashes, Slot, Volume
from tests.unit.catalogue.making import digest, empty_catalogue

GROUP = Group(collection="", tier=Tier.ACCESS, licence_class="free")


def slot(number: int, *, present: bool = True) -> Slot:
    return Slot(
        path=f"a/{number}",
        release="r",
        track=f"t{number}",
        file=f"access/{number}",
        kind="audio",
        digest=digest(number),
        bytes=1,
        present=present,
    )


def revision(number: int, slots: tuple[Slot, ...], mark: str) -> Volume:
    hashes = InfoHashes(v1=mark * 40, v2=mark * 64) if mark else InfoHashes()
    return Volume(
        name="v-0001",
        group=GROUP,
        number=1,
        revision=number,
        opened_at="2026-01-01T00:00:00Z",
        slots=slots,
        hashes=hashes,
    )


FIRST = revision(1, (slot(1),), "a")
SECOND = revision(2, (slot(1), slot(2)), "b")
THIRD = revision(3, (slot(1), slot(2, present=False)), "a")
EMPTY = revision(4, (slot(1, present=False), slot(2, present=False)), "")


def told(*steps: Volume) -> list[tuple[str, str, str]]:
    database = empty_catalogue()
    with database.write() as tx:
        for before, after in pairwise(steps):
            rows.save_obsolete(tx, before, after, f"2026-01-0{after.revision}T00:00:00Z")
        rows.save_volume(tx, steps[-1])
        return [(one.hashes.v1[:1], one.reason, one.replaced_by.v1[:1]) for one in rows.obsoletes(tx)]


def test_one_grew_and_one_lost() -> None:
    assert told(FIRST, SECOND) == [("a", rows.REISSUED, "b")]
    assert told(SECOND, THIRD) == [("b", rows.RECALLED, "a")]


def test_what_is_published_again_is_not_obsolete() -> None:
    assert told(FIRST, SECOND, THIRD) == [("b", rows.RECALLED, "a")]


def test_a_volume_that_is_empty_has_nothing_in_its_place() -> None:
    assert told(FIRST, SECOND, THIRD, EMPTY) == [("a", rows.RECALLED, ""), ("b", rows.RECALLED, "")]


def test_the_same_torrent_is_no_successor() -> None:
    assert told(FIRST, replace(FIRST, revision=2)) == []
    assert told(EMPTY, replace(FIRST, revision=5)) == []
