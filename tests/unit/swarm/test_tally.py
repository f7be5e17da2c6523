"""Copies are counted by holder, by the newest word that says anything, and not for ever."""

import dataclasses

import pytest

from sonoteca.model.copies import NO_COPIES, Audited, Copies, Outcome, Place, Sighting
from sonoteca.ports.memory.private import MemoryPrivate
from sonoteca.swarm.copies import copies_book
from sonoteca.swarm.tally import earliest, tally

NOW = "2026-11-23T10:00:00Z"
HASH, OTHER = "ab" * 20, "cd" * 20


def audited(at: str, outcome: Outcome = Outcome.PROVED, host: str = "192.0.2.7", port: int = 6881) -> Audited:
    return Audited(
        at=at,
        volume="Folk",
        volume_hash=HASH,
        swarm_hash=HASH,
        place=Place.PEER,
        host=host,
        address=f"{host}:{port}",
        outcome=outcome,
    )


def count(*audits: Audited) -> tuple[int, str]:
    found = tally(audits, (), NOW).get(HASH, NO_COPIES)
    return found.proved, found.proved_at


def test_nothing_is_known_of_a_volume_that_nobody_looked_at() -> None:
    assert tally((), (), NOW) == {}


def test_a_holder_counts_once() -> None:
    ports = [audited(f"2026-11-2{port}T00:00:00Z", port=port) for port in range(3)]
    assert count(*ports, audited("2026-11-01T00:00:00Z", host="192.0.2.8")) == (2, "2026-11-22T00:00:00Z")


@pytest.mark.parametrize(
    ("outcome", "proved"),
    [(Outcome.FAILED, 0), (Outcome.PARTIAL, 0), (Outcome.SILENT, 1), (Outcome.GARBAGE, 1), (Outcome.PROVED, 1)],
)
def test_a_later_word_counts_if_it_says_anything(outcome: Outcome, proved: int) -> None:
    early, late = audited("2026-11-01T00:00:00Z"), audited("2026-11-02T00:00:00Z", outcome)
    assert count(late, early)[0] == proved


def test_a_proof_that_came_after_a_failure_counts() -> None:
    assert count(audited("2026-11-02T00:00:00Z"), audited("2026-11-01T00:00:00Z", Outcome.FAILED))[0] == 1


def test_an_old_proof_is_none() -> None:
    assert count(audited("2026-08-25T10:00:00Z")) == (1, "2026-08-25T10:00:00Z")
    assert count(audited("2026-08-25T09:59:59Z")) == (0, "")


def test_a_web_seed_and_a_peer_at_one_address_are_two() -> None:
    seed = dataclasses.replace(audited("2026-11-02T00:00:00Z"), place=Place.WEB_SEED)
    assert count(seed, audited("2026-11-02T00:00:00Z"))[0] == 2


def test_the_newest_sighting_counts_until_it_is_old() -> None:
    some = [
        Sighting(at=f"2026-11-{day}T00:00:00Z", volume="Folk", volume_hash=HASH, complete=int(day), peers=20)
        for day in ("12", "10", "11")
    ]
    old = Sighting(at="2026-10-01T00:00:00Z", volume="Jazz", volume_hash=OTHER, complete=3, peers=3)
    assert tally((), [*some, old], NOW) == {HASH: Copies(seen=12, seen_at="2026-11-12T00:00:00Z")}


def test_the_book_reads_no_more_than_it_needs() -> None:
    private = MemoryPrivate()
    private.save([audited("2026-11-02T00:00:00Z"), audited("2025-01-01T00:00:00Z", host="192.0.2.9")])
    assert copies_book(private, NOW) == {HASH: Copies(proved=1, proved_at="2026-11-02T00:00:00Z")}


def test_so_many_days_ago() -> None:
    assert earliest("2026-03-01T10:00:00Z", 1) == "2026-02-28T10:00:00Z"
