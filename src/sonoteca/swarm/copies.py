"""Copies: how many copies of each volume were seen and proved, as the private history says now.

Takes  private.sqlite, and the time.
Gives  Copies by the short infohash of the volume (Listed.hashes.short): `book.get(hashes.short, NO_COPIES)`.
"""

from collections.abc import Mapping

from sonoteca.model.copies import Copies
from sonoteca.ports.private import Private
from sonoteca.swarm.tally import PROOF_DAYS, earliest, tally


def copies_book(private: Private, now: str) -> Mapping[str, Copies]:
    """Every volume of which something is known."""
    return tally(private.audits(since=earliest(now, PROOF_DAYS)), private.sightings(), now)
