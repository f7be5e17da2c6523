"""Rooms: the audio room on each kind of recording, in turns with the usual tools and with the Opus encoder alone.

Takes  the bench.
Gives  processor time, one process at a time:
    audio.room_vs_shell_…        the room ÷ bench/shell_audio.sh, which makes the same set with one decode a tool
    audio.room_vs_shell_…_small  the same, were the script's picture of the spectrum as small as ours
    audio.room_vs_opus_…         the room ÷ `ffmpeg -c:a libopus` alone, the same complexity
    audio.core_years_86m         86 million recordings of 3.5 minutes, at what the room took for the dearer of FLAC and
                                 Vorbis
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sonoteca.bench.albums import recordings, sounds_of
from sonoteca.bench.audio_decoded import through_room
from sonoteca.bench.figures import Figure, Skipped, median
from sonoteca.bench.room import Account
from sonoteca.bench.shell import AUDIO, missing, spend_program, spend_shell, versions
from sonoteca.bench.store import Bench

KINDS = ("flac", "vorbis", "wav")
RECORDINGS, RECORDING_S, YEAR_S = 86e6, 210.0, 365.25 * 86_400
_FFMPEG = ("ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1")
PICTURE, SMALL_PICTURE = "showspectrumpic", "showspectrumpic=s=768x128:legend=0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn: the room, and seconds of processor time of the others."""

    room: Account
    shell_s: float
    small_s: float
    opus_s: float

    @property
    def ms(self) -> float:
        """The room's milliseconds a second of sound."""
        return self.room.spent.cpu_s / self.room.audio_s * 1000


def rooms(bench: Bench) -> Iterator[Figure | Skipped]:
    """Each kind of recording; then what it means for a large archive."""
    costs = dict[str, float]()
    for kind in KINDS:
        why = recordings(bench, kind)
        lacking = why or missing(AUDIO)
        if lacking:
            yield Skipped(figure=f"audio.room_vs_shell_{kind}", why=lacking)
        if not why:
            files = sounds_of(os.path.join(bench.scratch.root, kind))
            turns = [_turn(bench, files, with_others=not lacking) for _ in range(bench.runs)]
            costs[kind] = median(turn.ms for turn in turns)
            yield _own(kind, turns)
            yield from () if lacking else _ratios(kind, turns)
        bench.scratch.remove(kind)
    yield _core_years(costs, bench.runs)


def _turn(bench: Bench, files: Sequence[str], *, with_others: bool) -> Turn:
    room = through_room(bench, files)
    if not with_others:
        return Turn(room=room, shell_s=1.0, small_s=1.0, opus_s=1.0)
    out = os.path.join(bench.scratch.root, "shell/out")
    shell = spend_shell(list(files), out, AUDIO).cpu_s
    bench.scratch.remove("shell")
    bench.scratch.write("alone/1", b"")
    opus = sum(_opus(path, os.path.join(bench.scratch.root, "alone/x.opus")) for path in files)
    large, small = (
        sum(_picture(path, words, os.path.join(bench.scratch.root, "alone/x.png")) for path in files)
        for words in (PICTURE, SMALL_PICTURE)
    )
    bench.scratch.remove("alone")
    return Turn(room=room, shell_s=shell, small_s=shell - large + small, opus_s=opus)


def _opus(path: str, out: str) -> float:
    encoder = ("-threads", "1", "-c:a", "libopus", "-b:a", "96k", "-compression_level", "10")
    return spend_program(*_FFMPEG, "-i", path, "-map", "0:a:0", *encoder, out).cpu_s


def _picture(path: str, words: str, out: str) -> float:
    return spend_program(*_FFMPEG, "-i", path, "-filter_complex", f"[0:a:0]{words}", "-frames:v", "1", out).cpu_s


def _own(kind: str, turns: Sequence[Turn]) -> Figure:
    room = turns[-1].room
    named = {**room.named_s, "unnamed": room.spent.cpu_s - sum(room.named_s.values())}
    shares = sorted(named.items(), key=lambda pair: -pair[1])
    against = ", ".join(f"{name} {seconds / room.audio_s * 1000:.2f}" for name, seconds in shares)
    value = median(turn.ms for turn in turns)
    told = f"CPU, {room.audio_s:.0f} s of sound; {against}"
    return Figure(figure=f"audio.room_ms_{kind}", value=value, unit="ms/s", against=told, runs=len(turns))


def _ratios(kind: str, turns: Sequence[Turn]) -> Iterator[Figure]:
    last, tools = turns[-1], versions(AUDIO)
    for name, seconds, against in (
        (f"room_vs_shell_{kind}", [turn.shell_s for turn in turns], f"{AUDIO.name} ({tools})"),
        (f"room_vs_shell_{kind}_small", [turn.small_s for turn in turns], f"the same, its picture {SMALL_PICTURE}"),
        (f"room_vs_opus_{kind}", [turn.opus_s for turn in turns], "ffmpeg -c:a libopus alone, complexity 10"),
    ):
        ratio = median(turn.room.spent.cpu_s / theirs_s for turn, theirs_s in zip(turns, seconds, strict=True))
        theirs = seconds[-1] / last.room.audio_s * 1000
        told = f"{against}, CPU, {last.room.audio_s:.0f} s of sound; last {last.ms:.2f} ÷ {theirs:.2f} ms/s"
        yield Figure(figure=f"audio.{name}", value=ratio, unit="ratio", against=told, runs=len(turns))


def _core_years(costs: dict[str, float], runs: int) -> Figure:
    worst = max(cost for kind, cost in costs.items() if kind != "wav")
    years = RECORDINGS * RECORDING_S * worst / 1000 / YEAR_S
    against = f"86 million × 3.5 minutes × {worst:.2f} ms a second; cores like this machine's"
    return Figure(figure="audio.core_years_86m", value=median([years]), unit="years", against=against, runs=runs)
