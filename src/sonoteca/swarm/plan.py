"""Plan: what is wanted and what is present become what to do. Pure.

Takes  the torrents that have a seed file, and those that the client has.
Gives  names to remove and names to add; whoever carries it out removes first, so that a file that leaves with the old
       torrent is not served a moment longer because a new one is being opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sonoteca.model.torrent import InfoHashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a seed file orders, without its list of files, which with millions of them is read again when it is needed.
    `stamps`: what the seed file and its .torrent looked like (other stamps: another order)."""

    hashes: InfoHashes
    torrent: str
    stamps: tuple[tuple[int, ...], ...]
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Names of seed files. `doubled`: each that wants what another has, and that other; it is not seeded twice."""

    remove: tuple[str, ...]
    add: tuple[str, ...]
    doubled: tuple[tuple[str, str], ...]


def plan(wanted: Mapping[str, Wanted], present: Mapping[str, Wanted]) -> Plan:
    """wanted − present → actions."""
    kept = {name for name, one in present.items() if wanted.get(name) == one}
    owners = {present[name].hashes.short: name for name in sorted(kept)}
    add, doubled = [], []
    for name in sorted(wanted.keys() - kept):
        owner = owners.setdefault(wanted[name].hashes.short, name)
        if owner == name:
            add.append(name)
        else:
            doubled.append((name, owner))
    return Plan(remove=tuple(sorted(present.keys() - kept)), add=tuple(add), doubled=tuple(doubled))
