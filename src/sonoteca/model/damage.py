"""Damage: a file of the store in which the seeder met a wrong piece."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """`path` in the archive ("store/…"), `torrent` that it was asked for in, `at` when the coordinator heard of it."""

    path: str
    at: str
    torrent: str
