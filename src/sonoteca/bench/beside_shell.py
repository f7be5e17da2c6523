"""Beside the shell: publishing each kind of master, in turns with the usual tools in a script; what of it is no codec.

Takes  the bench.   Gives  publish.room_vs_shell_flac, _wav and _vorbis; then publish.noncodec_share of the same runs.

One process at a time where CPU is compared. The room has hashed the masters when it took them in, the script does it
now: FileMeter over the same bytes, measured beside it, is added to the room's side.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from sonoteca.bench.albums import recordings, sounds_of
from sonoteca.bench.figures import Figure, Skipped, median
from sonoteca.bench.room import Account, hash_files, publish_all, take_in
from sonoteca.bench.shell import missing, spend_shell, versions
from sonoteca.bench.store import Bench

KINDS = ("flac", "wav", "vorbis")
SHARE = "publish.noncodec_share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One turn: the room, the hashing of masters that is added to it, and the script."""

    room: Account
    hashing_s: float
    shell_s: float

    @property
    def ratio(self) -> float:
        """Below 1 the room is cheaper."""
        return (self.room.spent.cpu_s + self.hashing_s) / self.shell_s


def rooms(bench: Bench) -> Iterator[Figure | Skipped]:
    """Each kind of master against the script; then the share of all."""
    shares: dict[str, float] = {}
    details: dict[str, str] = {}
    for kind in KINDS:
        name = f"publish.room_vs_shell_{kind}"
        why = recordings(bench, kind)
        if why:
            yield Skipped(figure=name, why=why)
            continue
        lacking = missing()
        pairs = [_pair(bench, kind, with_shell=not lacking) for _ in range(bench.runs)]
        shares[kind] = median(pair.room.rest_share for pair in pairs)
        details[kind] = _detail(pairs[-1].room)
        bench.scratch.remove(kind)
        if lacking:
            yield Skipped(figure=name, why=lacking)
        else:
            yield _against_shell(name, pairs)
    if shares:
        worst = max(shares, key=lambda kind: shares[kind])
        against = f"all CPU of publishing, one process; {_listed(shares)}; of {worst}, ms a second: {details[worst]}"
        yield Figure(figure=SHARE, value=shares[worst], unit="ratio", against=against, runs=bench.runs)


def _pair(bench: Bench, kind: str, *, with_shell: bool) -> Pair:
    folder = os.path.join(bench.scratch.root, kind)
    archive = bench.new_archive("room")
    take_in(archive, folder)
    sounds = sounds_of(folder)
    room = publish_all(archive, 1)
    hashing_s = hash_files(sounds).cpu_s
    shell_s = spend_shell(sounds, os.path.join(bench.scratch.root, "shell/out")).cpu_s if with_shell else 1.0
    for name in ("room", "shell"):
        bench.scratch.remove(name)
    return Pair(room=room, hashing_s=hashing_s, shell_s=shell_s)


def _against_shell(name: str, pairs: list[Pair]) -> Figure:
    room, last = pairs[-1].room, pairs[-1]
    ours = (room.spent.cpu_s + last.hashing_s) / room.audio_s * 1000
    theirs = last.shell_s / room.audio_s * 1000
    against = (
        f"shell_baseline.sh ({versions()}), CPU, {room.audio_s:.0f} s of sound; last {ours:.1f} ÷ {theirs:.1f} ms/s"
    )
    return Figure(
        figure=name, value=median(pair.ratio for pair in pairs), unit="ratio", against=against, runs=len(pairs)
    )


def _listed(shares: dict[str, float]) -> str:
    return ", ".join(f"{kind} {share:.3f}" for kind, share in shares.items())


def _detail(room: Account) -> str:
    named = dict(sorted(room.named_s.items()))
    named["unnamed"] = room.spent.cpu_s - sum(named.values())
    return ", ".join(f"{name} {seconds / room.audio_s * 1000:.2f}" for name, seconds in named.items())
