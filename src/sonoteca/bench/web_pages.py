"""Bench "web", group "pages": how soon a release's page comes, how many of them a core gives, and how much it weighs.

Takes  a scratch folder and the corpus.   Gives  the figures, one after the other.
Never  asks from within the server's process; every server is `sonoteca serve` as an archivist runs it, with its line a
       request, and every answer is packed (gzip).

    web.release_p99_ms        of 200 requests a second, each counted from the moment it was due (wall time)
    web.release_pages_s       pages a second while wrk asks as fast as it is answered (wall time)
    web.release_pages_cpu_s   pages a second of the server's processor time, in the same rounds
    web.release_made_ms       the same page when it has to be made: the first request after a commit (wall time)
    web.release_kb            page, styles and scripts over the wire, heads included; no pictures, no sound
    web.demo_first_page_s     from the start of `sonoteca demo` to the first 200 of its home page
    web.demo_first_release_s  and to that of a release's page

The release has 20 tracks; the corpus is in the catalogue beside it. A page is made once for each state of the catalogue
and then kept (web/answers.py), so the first two figures are those of a kept page, and the fourth is beside them.
"""

import os
import time
from collections.abc import Iterator

from sonoteca.bench.albums import album
from sonoteca.bench.figures import Figure, Skipped, load, median
from sonoteca.bench.first_page import first_page
from sonoteca.bench.open_loop import Came, Offer, offered, percentile
from sonoteca.bench.page_weight import weigh
from sonoteca.bench.room import publish_all, take_in
from sonoteca.bench.served import Server, website
from sonoteca.bench.store import Bench, add_and_run
from sonoteca.bench.wrk import Burst, burst, find_wrk, version
from sonoteca.catalogue import read
from sonoteca.catalogue.tables import SCHEMA
from sonoteca.catalogue.write import mark_changed
from sonoteca.ports.database import Database
from sonoteca.ports.fetch import Fetched, fetch

TRACKS = 20
TRACK_S = 2.0
RATE = 200.0
OFFER_S = 10
WARM_S = 2
BURST_S = 5
MADE = 100


def pages(bench: Bench) -> Iterator[Figure | Skipped]:
    """All of them: the release's on one archive, then a demo."""
    album(bench, "pages", "wav", TRACKS, TRACK_S)
    archive = bench.new_archive("pages-archive")
    take_in(archive, os.path.join(bench.scratch.root, "pages"))
    publish_all(archive, os.cpu_count() or 1)
    path = f"/release/{_releases(archive)[0].removeprefix('urn:uuid:')}"
    add_and_run(archive, bench.corpus)
    beside = f"{TRACKS} tracks, {len(_releases(archive))} releases in the catalogue"
    with website(archive, path) as server:
        yield _weight(server)
        yield _made(server, archive, beside)
        yield _p99(bench, server, beside)
        yield from _saturated(bench, server)
    for name in ("pages-archive", "pages"):
        bench.scratch.remove(name)
    yield from first_page(bench)


def _releases(archive: str) -> list[str]:
    database = Database(archive, SCHEMA)
    with database.read() as tx:
        found = [str(kept.release.id) for kept in read.all_releases(tx)]
    database.close()
    return found


def _weight(server: Server) -> Figure:
    found = weigh(server.path, lambda path, packed: _fetch(server, path, packed))
    parts = f"page {found.html / 1000:.1f}, styles {found.styles / 1000:.1f}, scripts {found.scripts / 1000:.1f}"
    heads = f"heads of its {found.answers} answers {found.heads / 1000:.1f} of that"
    return Figure(
        figure="web.release_kb",
        value=round(found.whole / 1000, 1),
        unit="kB",
        against=f"gzip; {parts}; {heads}; fonts for Latin text beside it {found.fonts / 1000:.1f}",
        runs=1,
    )


def _fetch(server: Server, path: str, packed: bool) -> Fetched:
    return fetch(f"127.0.0.1:{server.port}", path, {"Accept-Encoding": "gzip" if packed else "identity"})


def _made(server: Server, archive: str, beside: str) -> Figure:
    """Nothing that was made before a commit is shown after it."""
    database, release = Database(archive, SCHEMA), f"urn:uuid:{server.path.rpartition('/')[2]}"
    times = []
    for _ in range(MADE):
        with database.write() as tx:
            mark_changed(tx, release)
        since = time.perf_counter()
        _fetch(server, server.path, True)
        times.append((time.perf_counter() - since) * 1000)
    database.close()
    worst = f"the slowest {max(times):.0f} ms"
    return Figure(
        figure="web.release_made_ms",
        value=median(times),
        unit="ms",
        against=f"made, not kept; {beside}; {worst}, {load()}",
        runs=MADE,
    )


def _p99(bench: Bench, server: Server, beside: str) -> Figure:
    _offer(server, WARM_S)
    came = [_offer(server, OFFER_S) for _ in range(max(1, bench.runs))]
    halves = median(percentile(one.answered_ms, 0.5) for one in came)
    late = median(percentile(one.sent_ms, 0.99) for one in came)
    most = max(max(one.answered_ms) for one in came)
    return Figure(
        figure="web.release_p99_ms",
        value=median(percentile(one.answered_ms, 0.99) for one in came),
        unit="ms",
        against=(
            f"{RATE:g} requests/s, open loop, {OFFER_S} s, {beside}; half within {halves:g}, all within {most:.0f} ms; "
            f"the client's own lateness in it, p99 {late:g} ms; {load()}"
        ),
        runs=len(came),
    )


def _offer(server: Server, seconds: int) -> Came:
    return offered(Offer(port=server.port, path=server.path, rate=RATE, count=round(RATE * seconds)))


def _saturated(bench: Bench, server: Server) -> Iterator[Figure | Skipped]:
    names = ("web.release_pages_s", "web.release_pages_cpu_s")
    if find_wrk() is None:
        yield from (Skipped(figure=name, why="wrk is not here: apt-get install wrk") for name in names)
        return
    burst(server, WARM_S)
    came = [burst(server, BURST_S) for _ in range(max(1, bench.runs))]
    yield from _told(names, came, f"wrk {version()}")


def _told(names: tuple[str, str], came: list[Burst], client: str) -> Iterator[Figure]:
    cores = median(one.cpu_s / one.wall_s for one in came)
    for name, values, how in (
        (names[0], [one.pages_s for one in came], f"wall time; the server used {cores:g} cores, {load()}"),
        (names[1], [one.pages_cpu_s for one in came], "processor time of the server, all threads"),
    ):
        yield Figure(figure=name, value=median(values), unit="pages/s", against=f"{client}, {how}", runs=len(came))
