"""Read and status: each question has one answer, and long answers come in pages."""

import pytest

from sonoteca.catalogue import read, status, write
from sonoteca.catalogue.documents import documents_of
from sonoteca.model.rights import Channel
from sonoteca.model.search import DocumentKind, Hit
from sonoteca.ports.database import Database
from tests.unit.catalogue import making


@pytest.fixture
def catalogue() -> Database:
    """Five releases; 1 and 3 may be published; 4 has the bytes of 1."""
    database = making.empty_catalogue()
    with database.write() as tx:
        for number in range(4):
            write.save_release(tx, making.rows(number, verdict=making.MAY if number % 2 else making.HOLD))
        shared = making.release(4, seeds=[(1, 1), (1, 2), (1, 3)])
        write.save_release(tx, making.rows(4, shared))
    return database


def test_a_release_is_read_as_it_was_saved(catalogue: Database) -> None:
    rows = making.rows(2)
    with catalogue.read() as tx:
        kept = read.release(tx, rows.release)
        assert kept is not None
        assert kept.release == rows.described
        assert (kept.source_key, kept.version, kept.added_at, kept.withdrawn) == ("file:///2", 1, making.AT, False)
        said = sorted(read.release_verdicts(tx, rows.release))
        assert said == sorted(making.judgement(rows.described).verdicts)
        assert read.release_evidence(tx, rows.release) == making.judgement(rows.described).evidence
        assert [one.code for one in read.release_findings(tx, rows.release)] == ["F005"]
        assert read.release_documents(tx, rows.release) == documents_of(rows)


@pytest.mark.parametrize("strange", ["", "urn:uuid:x", "a\udce9", "\0", "'; DROP TABLE releases; --"])
def test_what_is_not_there(catalogue: Database, strange: str) -> None:
    with catalogue.read() as tx:
        assert read.release(tx, strange) is None
        assert read.recording(tx, strange) is None
        assert read.track(tx, strange) == ()
        assert read.by_source_key(tx, strange) is None
        assert read.release_documents(tx, strange) == ()
        assert read.find_release_ids(tx, strange or "x") == ()
        assert read.release_verdicts(tx, strange) == ()


def test_a_track_is_found_in_every_release_that_has_it(catalogue: Database) -> None:
    rows = making.rows(1)
    with catalogue.read() as tx:
        places = read.track(tx, rows.described.tracks[0].id)
        recording = read.recording(tx, rows.described.masters[0].recording)
    assert len({place.release for place in places}) == 2
    assert recording is not None
    assert recording.digest == rows.described.masters[0].digest
    assert recording.places == places


def test_a_set_of_masters_names_a_release(catalogue: Database) -> None:
    rows = making.rows(2)
    digests = {master.digest for master in rows.described.masters}
    with catalogue.read() as tx:
        assert read.find_by_digests(tx, digests) == rows.release
        assert read.find_by_digests(tx, set(list(digests)[1:])) is None
        assert read.find_by_digests(tx, digests | {making.digest("more")}) is None


def test_digests_are_stored_or_not(catalogue: Database) -> None:
    rows = making.rows(2)
    digests = {str(master.digest) for master in rows.described.masters}
    refused = making.digest(2, "m")
    with catalogue.read() as tx:
        asked = [*digests, refused, *(making.digest("none", n) for n in range(1200))]
        assert read.stored(tx, asked) == digests


def test_releases_come_in_pages(catalogue: Database) -> None:
    with catalogue.read() as tx:
        every = read.all_releases(tx)
        first = read.all_releases(tx, limit=2)
        rest = read.all_releases(tx, after=first[-1].release.id)
        assert [*first, *rest] == list(every)
        assert [one.release.collection for one in read.all_releases(tx, "c3")] == ["c3"]
        assert read.find_release_ids(tx, every[0].release.id[:20])[0] == every[0].release.id


def test_hits_are_what_the_rows_say(catalogue: Database) -> None:
    rows = making.rows(1)
    track = rows.described.tracks[1]
    hits = [
        Hit(kind=DocumentKind.TRACK, id=track.id, release=rows.release, score=2.0),
        Hit(kind=DocumentKind.TRACK, id="trk_gone", release=rows.release, score=1.5),
        Hit(kind=DocumentKind.RELEASE, id=rows.release, release=rows.release, score=1.0),
        Hit(kind=DocumentKind.RELEASE, id="urn:uuid:gone", release="urn:uuid:gone", score=0.5),
    ]
    with catalogue.write() as tx:
        shown = read.hydrate(tx, hits)
        assert [one.title for one in shown] == [track.title.text, rows.described.title.text]
        write.save_release(tx, making.withdrawn(1))
        assert read.hydrate(tx, hits) == ()


def test_the_archive_in_numbers(catalogue: Database) -> None:
    with catalogue.write() as tx:
        found = status.status(tx)
        assert (found.releases, found.recordings, found.tracks, found.masters) == (5, 12, 15, 15)
        assert found.seconds == 12 * 60.0
        assert found.bytes == 5 * 3005
        assert [(one.rule, one.tracks, one.releases) for one in found.held] == [("R001", 9, 3)]
        assert found.publishable == dict.fromkeys(Channel, 6)
        assert found.findings == {"F005": 5}
        write.save_release(tx, making.withdrawn(3))
        assert status.status(tx).publishable == dict.fromkeys(Channel, 3)
        assert status.status(tx).withdrawn == 1


def test_an_empty_archive_in_numbers() -> None:
    with making.empty_catalogue().read() as tx:
        found = status.status(tx)
    assert (found.releases, found.seconds, found.bytes, found.held, found.queue) == (0, 0.0, 0, (), {})


def test_the_held_come_in_pages(catalogue: Database) -> None:
    with catalogue.read() as tx:
        every = status.held(tx)
        assert len(every) == 9
        pages = [status.held(tx, limit=4)]
        while pages[-1]:
            pages.append(status.held(tx, after=pages[-1][-1].cursor, limit=4))
        assert [one for page in pages for one in page] == list(every)
        assert status.held(tx, "R001") == every
        assert status.held(tx, "R002") == ()
