"""Bench "publish": what it costs to go from the store to the swarm, beside the usual tools in a shell script.

Takes  a scratch folder and the corpus.   Gives  the figures, one after the other.
Never  leaves anything in the scratch folder but what was there.

    publish.room_vs_shell_flac     publishing FLAC recordings ÷ bench/shell_baseline.sh on the same files (CPU)
    publish.room_vs_shell_wav      the same of WAV, which FLAC copies are made of as well
    publish.room_vs_shell_vorbis   the same of the corpus' longest Vorbis recordings
    publish.noncodec_share         what is neither codec, resampling, levels nor sums ÷ the whole, in those runs
    publish.extra_reads_bytes      audio of the store read for torrents, by strace, of `run` and of `seed`
    publish.two_workers_speedup    one process at a time ÷ two (wall time)
    publish.two_cores_speedup      the same of numpy's FFTs, which wait for nothing: what the machine could give then
    publish.wall_per_audio_hour_s  in those runs, two processes at a time
    publish.peak_rss_mb_…          the most memory of each kind of process, one recording being long

One process at a time where CPU is compared. The room has hashed the masters when it took them in, the script does it
now: FileMeter over the same bytes, measured beside it, is added to the room's side.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sonoteca.bench import strace
from sonoteca.bench.figures import Figure, Skipped, busy_s, load, median
from sonoteca.bench.leech import download, lt
from sonoteca.bench.music import RATE_HZ, music
from sonoteca.bench.processes import command, peak_bytes, resident_bytes, running, two_cores, wait_for_seeder
from sonoteca.bench.room import Account, files_below, hash_files, publish_all, take_in
from sonoteca.bench.shell import missing, spend_shell, versions
from sonoteca.bench.store import Bench
from sonoteca.bench.vorbis import longest

RIGHTS = b'licence = "CC0-1.0"\nholders = ["Sonoteca bench"]\n'
PIECES = 4
KINDS = ("flac", "wav", "vorbis")
SHARE = "publish.noncodec_share"
SPEEDUP, WALL = "publish.two_workers_speedup", "publish.wall_per_audio_hour_s"
CEILING = "publish.two_cores_speedup"

Read = Figure | Skipped


def measure(bench: Bench) -> Iterator[Read]:
    """All figures of this bench, or those of one group."""
    for name, figures in GROUPS.items():
        if bench.only in ("", name):
            yield from figures(bench)


# ── recordings ───────────────────────────────────────────────────────────────────────────────────────────────────────


def album(bench: Bench, name: str, form: str, pieces: int, seconds: float) -> None:
    """A folder of synthesised recordings, with a manifest that frees them; made anew, so numbers differ by name."""
    for number in range(1, pieces + 1):
        path = f"{name}/Bench - 2001 - Album/{number:02} - Piece {number}.{form}"
        bench.scratch.record(path, music(number, seconds), RATE_HZ)
    bench.scratch.write(f"{name}/Bench - 2001 - Album/rights.toml", RIGHTS)


def _recordings(bench: Bench, kind: str) -> str:
    """Makes them in the scratch folder under the kind's name; gives why there are none, "" when there are."""
    if kind != "vorbis":
        album(bench, kind, kind, PIECES, bench.sound_s / PIECES)
        return ""
    found = longest(bench.corpus, bench.sound_s)
    if not found:
        return "the corpus has no Vorbis recordings, and PyAV's wheel makes none"
    for number, path in enumerate(found, 1):
        bench.scratch.copy(path, f"vorbis/Bench - 2001 - Album/{number:02} - Piece {number}.ogg")
    bench.scratch.write("vorbis/Bench - 2001 - Album/rights.toml", RIGHTS)
    return ""


def _sounds(folder: str) -> list[str]:
    return [path for path in files_below(folder) if not path.endswith(".toml")]


# ── beside the shell ─────────────────────────────────────────────────────────────────────────────────────────────────


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


def rooms(bench: Bench) -> Iterator[Read]:
    """Each kind of master against the script; then the share of all."""
    shares: dict[str, float] = {}
    details: dict[str, str] = {}
    for kind in KINDS:
        name = f"publish.room_vs_shell_{kind}"
        why = _recordings(bench, kind)
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
    sounds = _sounds(folder)
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


# ── reads ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def extra_reads(bench: Bench) -> Iterator[Read]:
    """`sonoteca run` publishes and `sonoteca seed` loads under strace."""
    name = "publish.extra_reads_bytes"
    if strace.find_strace() is None:
        yield Skipped(figure=name, why="not installed: strace")
        return
    album(bench, "traced", "wav", PIECES, bench.sound_s / 20)
    archive = bench.new_archive("kept")
    take_in(archive, os.path.join(bench.scratch.root, "traced"))
    published = _traced_run(bench, archive)
    loaded = _traced_seeder(bench, archive) if lt else strace.Reads()
    for used in ("kept", "traced"):
        bench.scratch.remove(used)
    against = (
        f"strace {strace.version()}: run opened {published.opened} files, read {published.bytes} bytes after deposit "
        f"({published.making_bytes} while making, masters decoded); seed opened {loaded.opened}, read {loaded.bytes}"
        f"{'' if lt else ' (not run: no libtorrent)'}"
    )
    yield Figure(figure=name, value=published.bytes + loaded.bytes, unit="bytes", against=against, runs=1)


def _traced_run(bench: Bench, archive: str) -> strace.Reads:
    log = os.path.join(bench.scratch.root, "traced", "run.strace")
    with running(strace.traced(command(archive, "run", "--json"), log)) as process:
        if process.wait():
            raise RuntimeError("run failed under strace")
    return _counted(log)


def _traced_seeder(bench: Bench, archive: str) -> strace.Reads:
    """Until every volume is served, then ended as a person ends it."""
    log = os.path.join(bench.scratch.root, "traced", "seed.strace")
    with running(strace.traced(command(archive, "seed", "--listen", "127.0.0.1:0", "--json"), log)) as process:
        wait_for_seeder(archive, _volumes(archive))
        with running(command(archive, "seed", "--stop")) as stopping:
            stopping.wait()
        process.wait()
    return _counted(log)


def _counted(log: str) -> strace.Reads:
    with open(log, encoding="utf-8", errors="replace") as lines:
        return strace.count(lines)


def _volumes(archive: str) -> int:
    return sum(name.endswith(".torrent") for name in os.listdir(os.path.join(archive, "torrents")))


# ── two at once ──────────────────────────────────────────────────────────────────────────────────────────────────────


def workers(bench: Bench) -> Iterator[Read]:
    """The same recordings, one process at a time and two."""
    cores = os.cpu_count() or 1
    if cores < 2:
        yield Skipped(figure=SPEEDUP, why="this machine has one core")
        return
    album(bench, "many", "flac", 3 * PIECES, bench.sound_s / PIECES / 2)
    ratios, hours, others, ceilings = list[float](), list[float](), list[float](), list[float]()
    for _ in range(bench.runs):
        ceilings.append(two_cores())
        one, foreign_one = _published(bench, "many", 1)
        two, foreign_two = _published(bench, "many", 2)
        ratios.append(one.spent.wall_s / two.spent.wall_s)
        hours.append(two.spent.wall_s / two.audio_s * 3600)
        others += [foreign_one, foreign_two]
    bench.scratch.remove("many")
    noise = f"{load()}; other programs used {max(others):.2f} cores at most meanwhile"
    against = f"--jobs 1, wall, {3 * PIECES} recordings of FLAC, {two.audio_s:.0f} s; {noise}"
    yield Figure(figure=SPEEDUP, value=median(ratios), unit="ratio", against=against, runs=bench.runs)
    against = "two processes of numpy's FFTs, one after the other ÷ at once, wall, taken between those runs"
    yield Figure(figure=CEILING, value=median(ceilings), unit="ratio", against=against, runs=bench.runs)
    yield Figure(figure=WALL, value=median(hours), unit="s", against=f"two processes; {noise}", runs=bench.runs)


def _published(bench: Bench, folder: str, jobs: int) -> tuple[Account, float]:
    """The account, and how many cores other programs used meanwhile."""
    archive = bench.new_archive("room")
    take_in(archive, os.path.join(bench.scratch.root, folder))
    before = busy_s()
    account = publish_all(archive, jobs)
    foreign = (busy_s() - before - account.spent.cpu_s) / account.spent.wall_s
    bench.scratch.remove("room")
    return account, max(0.0, foreign)


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def memory(bench: Bench) -> Iterator[Read]:
    """The coordinator and the seeder as programs of their own; the limited processes as they were reaped."""
    seconds = 2 * bench.sound_s
    album(bench, "long", "wav", 1, seconds)
    archive = bench.new_archive("kept")
    take_in(archive, os.path.join(bench.scratch.root, "long"))
    worker = _published(bench, "long", 1)[0].worker_bytes
    coordinator = peak_bytes(command(archive, "run", "--jobs", "1"))
    told = [
        ("coordinator", coordinator, "sonoteca run --jobs 1, its own process, VmHWM"),
        ("worker", worker, "the limited process that decodes, ru_maxrss, pages shared with the steward included"),
        *(_seeder(bench, archive) if lt else ()),
    ]
    bench.scratch.remove("kept")
    bench.scratch.remove("long")
    for name, size, how in told:
        against = f"{how}; a recording of {seconds:.0f} s"
        figure = f"publish.peak_rss_mb_{name}"
        yield Figure(figure=figure, value=round(size / 1e6, 1), unit="MB", against=against, runs=1)
    if not lt:
        yield Skipped(figure="publish.peak_rss_mb_seeder", why="libtorrent is not installed")


def _seeder(bench: Bench, archive: str) -> Iterator[tuple[str, int, str]]:
    """A seeder at rest, and after a client has downloaded everything; (name, bytes, how)."""
    folder = os.path.join(archive, "torrents")
    torrents = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".torrent")]
    with running(command(archive, "seed", "--listen", "127.0.0.1:0")):
        told = wait_for_seeder(archive, len(torrents))
        at_rest, pages = resident_bytes(told["pid"]), "pages of mapped files included"
        yield "seeder", at_rest, "sonoteca seed with every volume loaded and nobody downloading, VmHWM"
        came = download(torrents, told["addresses"][0], os.path.join(bench.scratch.root, "downloaded"))
        how = f"the same after a client has downloaded all {came / 1e6:.0f} MB, {pages}"
        yield "seeder_serving", resident_bytes(told["pid"]), how
    bench.scratch.remove("downloaded")


GROUPS: dict[str, Callable[[Bench], Iterator[Read]]] = {
    "rooms": rooms,
    "reads": extra_reads,
    "workers": workers,
    "memory": memory,
}
