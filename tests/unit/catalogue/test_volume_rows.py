"""The rows of a volume: written whole, or only where they changed, they are the same."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sonoteca.catalogue import volumes as rows
from sonoteca.catalogue.tables import members, volumes
from sonoteca.model.sound import Tier
from sonoteca.model.torrent import Group, InfoHashes, Slot, Volume
from tests.unit.catalogue.making import close_all, digest, empty_catalogue


def slot(number: int, size: int, *, present: bool) -> Slot:
    facts: dict[str, Any] = {"release": "r", "track": f"t{number}", "file": f"access/{number}", "kind": "audio"}
    return Slot(path=f"a/{number}", digest=digest(number), bytes=size, present=present, **facts)


slots = st.dictionaries(st.integers(0, 8), st.tuples(st.integers(1, 2), st.booleans()), max_size=8).map(
    lambda found: tuple(slot(number, size, present=present) for number, (size, present) in sorted(found.items()))
)


def volume(found: tuple[Slot, ...], revision: int) -> Volume:
    return Volume(
        name="v-0001",
        group=Group(collection="", tier=Tier.ACCESS, licence_class="free"),
        number=1,
        revision=revision,
        opened_at="2026-01-01T00:00:00Z",
        slots=found,
        hashes=InfoHashes(v1=f"{revision}" * 40),
    )


@settings(max_examples=20)
@given(slots, slots)
def test_what_changed_is_as_good_as_all(before: tuple[Slot, ...], after: tuple[Slot, ...]) -> None:
    first, second = volume(before, 1), replace(volume(after, 2), name="v-0001")
    found = []
    for known in (None, first):
        database = empty_catalogue()
        with database.write() as tx:
            rows.save_volume(tx, first)
            rows.save_volume(tx, second, known)
            found.append([sorted(map(tuple, tx.execute(select(table)))) for table in (members, volumes)])
    close_all(0)
    assert found[0] == found[1]
