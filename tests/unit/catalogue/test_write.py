"""Write: saving replaces exactly one release, shared recordings do not depend on the order, work in flight is kept."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from sonoteca.catalogue import read, write
from sonoteca.catalogue.entries import Rows
from sonoteca.catalogue.tables import DERIVED, recordings, records
from sonoteca.formats import json
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.release import Release
from sonoteca.ports.database import Database
from tests.unit.catalogue import making


@pytest.fixture
def catalogue() -> Database:
    return making.empty_catalogue()


def everything(tx: Connection) -> dict[str, list[Any]]:
    """Every derived row."""
    return {table.name: sorted(map(tuple, tx.execute(select(table)).all()), key=repr) for table in DERIVED}


def filled(wanted: Iterable[Rows]) -> dict[str, list[Any]]:
    """The rows of a fresh catalogue that was given these."""
    catalogue = making.empty_catalogue()
    with catalogue.write() as tx:
        for rows in wanted:
            write.save_release(tx, rows)
        return everything(tx)


def test_saving_twice_is_saving_once() -> None:
    rows = making.rows()
    assert filled([rows]) == filled([rows, rows])


def test_a_changed_release_leaves_nothing_of_what_it_was(catalogue: Database) -> None:
    before = making.release(tracks=4)
    after = replace(making.release(seeds=("new",)), id=before.id)
    assert filled([making.rows(described=before), making.rows(described=after)]) == filled(
        [making.rows(described=after)]
    )


def test_removing_leaves_the_others() -> None:
    one, two = making.rows(1), making.rows(2)
    catalogue = making.empty_catalogue()
    with catalogue.write() as tx:
        write.save_release(tx, one)
        write.save_release(tx, two)
        write.remove_release(tx, one.release)
        write.remove_release(tx, one.release)
        assert everything(tx) == filled([two])


SHARING = st.lists(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=4), min_size=1, max_size=5)


def sharing(number: int, seeds: Iterable[str], seconds: int) -> Release:
    """A release of these bytes, of which its own probe says another length."""
    release = making.release(number, seeds=sorted(seeds))
    longer = tuple(replace(one, audio=replace(one.audio, duration_s=float(seconds))) for one in release.masters)
    return replace(release, masters=longer)


@settings(max_examples=50)
@given(SHARING, st.randoms(), st.data())
def test_shared_recordings_do_not_depend_on_order_or_history(
    sets: list[set[str]], chance: Any, data: st.DataObject
) -> None:
    """Releases share bytes and disagree about them: whatever was saved or removed before, equal rows remain."""
    wanted = [making.rows(n, sharing(n, seeds, n)) for n, seeds in enumerate(sets, 1)]
    shuffled = list(wanted)
    chance.shuffle(shuffled)
    catalogue = making.empty_catalogue()
    with catalogue.write() as tx:
        for rows in shuffled:
            earlier = data.draw(st.sampled_from([rows.described, sharing(1, "f", 9)]))
            write.save_release(tx, making.rows(described=replace(earlier, id=rows.described.id)))
        extra = making.rows(99, sharing(99, "abcdef", 99))
        write.save_release(tx, extra)
        for rows in reversed(shuffled):
            write.save_release(tx, rows)
        write.remove_release(tx, extra.release)
        assert everything(tx) == filled(wanted)
        held = set(tx.execute(select(recordings.c.id)).scalars())
    assert held == {str(row["id"]) for rows in wanted for row in rows.recordings}


def test_names_that_are_no_unicode_survive(catalogue: Database) -> None:
    strange = "b\udce9n\0é␛ \ud800"
    release = making.retitled(making.release(), "caf\udce9")
    facts = making.facts(described=release)
    files = tuple(replace(file, original=strange + file.original) for file in facts.source.files)
    source = replace(facts.source, source_key=strange, files=files)
    rows = making.rows_of(replace(facts, source=source), release, making.judgement(release))
    with catalogue.write() as tx:
        write.save_release(tx, rows)
        kept = read.release(tx, release.id)
        known = read.by_source_key(tx, strange)
        raw = tx.exec_driver_sql("SELECT original FROM files").scalars().all()
    assert kept is not None
    assert (kept.release, kept.source_key) == (release, strange)
    assert known is not None
    assert set(known.listing) == {file.original for file in files}
    assert all(text.encode() and "\0" not in text for text in raw)


def test_what_is_withdrawn_is_in_no_list(catalogue: Database) -> None:
    rows = making.rows()
    with catalogue.write() as tx:
        write.save_release(tx, making.withdrawn())
        kept = read.release(tx, rows.release)
        assert kept is not None
        assert kept.withdrawn
        assert read.track(tx, rows.described.tracks[0].id) == ()
        write.save_release(tx, rows)
        assert len(read.track(tx, rows.described.tracks[0].id)) == 1


def test_a_record_is_listed_once_and_owed_until_it_is_dropped(catalogue: Database) -> None:
    record = Record(kind=RecordKind.GRANT, id="g1", subject="urn:uuid:x", made_at=making.AT, salt="0" * 32, body="{}")
    entry = json.format({"v": 1, "commitment": "abc"})
    with catalogue.write() as tx:
        write.save_record(tx, record, entry)
        write.save_record(tx, record, entry, is_owed=False)
        assert tx.execute(select(records.c.commitment)).scalars().all() == ["abc"]
        assert read.record_ids(tx, "urn:uuid:x", "grants") == ("g1",)
        ((number, owed),) = write.peek_outbox(tx)
        assert owed == entry
        write.drop_outbox(tx, [number])
        assert write.peek_outbox(tx) == ()
        write.push_outbox(tx, b"next")
        assert write.peek_outbox(tx)[0][0] > number


def test_intents_are_open_until_closed(catalogue: Database) -> None:
    intent = write.Intent(job=1, release="urn:uuid:x", staging="quarantine/1")
    with catalogue.write() as tx:
        write.open_intent(tx, intent)
        write.open_intent(tx, intent)
        assert write.all_intents(tx) == (intent,)
        write.close_intent(tx, 1)
        assert write.all_intents(tx) == ()


def test_what_was_refused_is_remembered_by_source(catalogue: Database) -> None:
    rows = [
        write.RefusedRow(original="b", bytes=1, digest=making.digest("b"), code="F005", detail="", at=making.AT),
        write.RefusedRow(original="a", bytes=0, digest="", code="F004", detail="", at=making.AT),
    ]
    with catalogue.write() as tx:
        write.save_refused(tx, "file:///x", rows)
        known = read.by_source_key(tx, "file:///x")
        assert known == read.Known(release=None, listing={"a": ("", 0), "b": (making.digest("b"), 1)})
        assert [one.where for one in read.refused_files(tx, "file:///x")] == ["a", "b"]
        assert read.refused_before(tx, making.AT) == ()
        assert read.refused_before(tx, "2027") == ("file:///x",)
        write.save_refused(tx, "file:///x", ())
        assert read.by_source_key(tx, "file:///x") is None
