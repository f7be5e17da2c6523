"""Matrix: which stock client opens which of our torrents, measured; and the table of it in docs/clients.md.

    python -m tests.clients.matrix      measures everything that is here and writes the table (make clients)

Clients are those on the PATH, and other versions of them in the folders that SONOTECA_CLIENTS names.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sonoteca.model.torrent import Flavour, Outside
from tests.clients.aria2 import Aria2
from tests.clients.binding import libtorrent
from tests.clients.conftest import Seeder
from tests.clients.face import Client, Place
from tests.clients.layouts import LAYOUTS, NAME, ONE_FILE, members_of
from tests.clients.library import Library
from tests.clients.network import Network, own_network
from tests.clients.qbittorrent import QBittorrent
from tests.clients.required import REQUIRED, dotted, version_of
from tests.clients.rtorrent import RTorrent
from tests.clients.seed_site import INDEX
from tests.clients.shelf import Published, Shelf, files_below, forget, pads_in
from tests.clients.tracker import Tracker
from tests.clients.transmission import Transmission
from tests.clients.waiting import until
from tests.clients.web import NotOk
from tests.tools import PROJECT
from tests.web.serving import served

PAGE = PROJECT / "docs" / "clients.md"
START, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PEER, WEB_SEED = "peer", "web seed"
WAYS = (PEER, WEB_SEED)
FLAVOURS = (Flavour.HYBRID, Flavour.V1, Flavour.V2)
KINDS: Mapping[str, type[Client]] = {one.NAME: one for one in (QBittorrent, RTorrent, Transmission, Aria2)}
PATIENCE_S, MANY_PATIENCE_S = 40, 400
GIVES_UP_S = 12  # whoever takes a torrent of a few hundred kilobytes and has nothing after that will have nothing
SETTLES_S, MANY = 10, 100
WHOLE, PADS, REFUSED, STALLED, WRONG, NONE = "yes", "yes, with pads", "refused", "stalls", "wrong", "–"
SLOW, OPEN = "slow", "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A client of a version; `program` is where it lies, "" for the library in this process."""

    client: str
    version: str
    program: str

    @property
    def label(self) -> str:
        """As the table names it."""
        return f"{self.client} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table."""

    label: str
    flavour: Flavour
    way: str


def find_tools() -> list[Tool]:
    """Everything that is here: each client and version once."""
    found = [] if libtorrent is None else [Tool(client="libtorrent", version=libtorrent.__version__, program="")]
    folders = [os.environ.get("PATH", os.defpath), *os.environ.get("SONOTECA_CLIENTS", "").split(os.pathsep)]
    for one in REQUIRED:
        for folder in filter(None, folders):
            program = shutil.which(one.program, path=folder)
            version = version_of(one, program) if program else None
            if program and version:
                found.append(Tool(client=one.client, version=dotted(version), program=program))
    return list({one.label: one for one in sorted(found, key=lambda one: one.label)}.values())


class Ground:
    """A network with a tracker, a seeder, a web seed and one client after the other."""

    def __init__(self, folder: Path, network: Network, tracker: Tracker) -> None:
        self._folder, self._network, self._tracker = folder, network, tracker
        self.shelf = Shelf(folder / "archive")
        self.seeder = Seeder(self.shelf, network.new_address())
        self.web_seed = ""
        self._published: dict[tuple[str, Flavour, str], Published] = {}
        (self.shelf.root / INDEX).write_text("{}")

    def published(self, layout: str, flavour: Flavour, way: str) -> Published:
        """Our torrent of this layout, each in a swarm of its own; seeded, or with the web seed in it."""
        key = (layout, flavour, way)
        if key not in self._published:
            name = f"{NAME}-{list(LAYOUTS).index(layout)}-{flavour}-{way.replace(' ', '-')}"
            self.shelf.members.clear()
            self.shelf.fill(members_of(layout, name))
            outside = Outside(web_seeds=(self.web_seed,)) if way == WEB_SEED else Outside()
            made = self.shelf.publish(name, flavour, outside=outside)
            if way == PEER:
                self.seeder.add(made)
            self._tell(name)
            self._published[key] = made
        return self._published[key]

    def _tell(self, name: str) -> None:
        """The web seed what there is."""
        index = json.loads((self.shelf.root / INDEX).read_text())
        index |= {f"{name}/{path}": [str(one.digest), one.bytes] for path, one in self.shelf.members.items()}
        (self.shelf.root / INDEX).write_text(json.dumps(index))

    @contextmanager
    def running(self, tool: Tool) -> Iterator[Client]:
        """The client, with nothing in it."""
        address = self._network.new_address()
        kind = KINDS[tool.client] if tool.program else Library
        folder = Path(tempfile.mkdtemp(prefix="client-", dir=self._folder))
        place = Place(
            folder=folder, network=self._network, tracker=self._tracker, address=address, program=tool.program
        )
        client = kind(place)
        try:
            yield client
        finally:
            client.close()
            forget(folder)

    def cell(self, client: Client, layout: str, row: Row) -> str:
        """What comes of one torrent."""
        if layout == ONE_FILE and row.way == WEB_SEED:
            return NONE  # a volume is never one file: the website has no address for it
        made = self.published(layout, row.flavour, row.way)
        self._tracker.peers = [self.seeder.endpoint] if row.way == PEER else []
        got = Path(tempfile.mkdtemp(prefix="got-", dir=self._folder))
        try:
            return _fetched(client, made, got)
        finally:
            forget(got)


def _fetched(client: Client, made: Published, got: Path) -> str:
    try:
        ident = client.add(made.torrent, got)
    except TimeoutError:
        return SLOW  # it was too busy to answer
    except (AssertionError, OSError, NotOk):
        return REFUSED
    try:
        client.wait_moving(ident, GIVES_UP_S)
        client.wait_done(ident, MANY_PATIENCE_S if len(made.files) > MANY else PATIENCE_S)
    except AssertionError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return SLOW if _moves(client, ident) else STALLED
    finally:
        client.remove(ident)
    try:
        # Some say that they are done a moment before the last block is in its file.
        arrived = until(lambda: _as_published(made, got), "the files", SETTLES_S)
    except AssertionError:
        return WRONG
    return PADS if pads_in(arrived) else WHOLE


def _moves(client: Client, ident: str) -> bool:
    """Whether more comes."""
    before = client.downloaded_bytes(ident)
    try:
        return bool(until(lambda: client.downloaded_bytes(ident) > before, "more", GIVES_UP_S))
    except AssertionError:
        return False


def _as_published(made: Published, got: Path) -> dict[str, str] | None:
    """What arrived, None while it is something else."""
    arrived = files_below(got)
    pads = pads_in(arrived)
    return arrived if {path: one for path, one in arrived.items() if path not in pads} == made.files else None


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """For as long as the block runs."""
    with ExitStack() as ends:
        network = ends.enter_context(own_network())
        tracker = ends.enter_context(Tracker(network.new_address()).running())
        one = Ground(folder, network, tracker)
        ends.callback(one.seeder.close)
        site = ends.enter_context(served(one.shelf.root, "tests.clients.seed_site"))
        one.web_seed = f"{site.address}/seed/"
        yield one


def measure(
    here: Ground, tool: Tool, layouts: Iterable[str] = LAYOUTS, ways: Iterable[str] = WAYS
) -> Iterator[tuple[Row, dict[str, str]]]:
    """A client's rows. Where the first layout is refused or stalls, so do the others: they are not waited for."""
    for way in ways:
        for flavour in FLAVOURS:
            row = Row(label=tool.label, flavour=flavour, way=way)
            with here.running(tool) as client:
                yield row, _measured(here, client, row, list(layouts))


def _measured(here: Ground, client: Client, row: Row, layouts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for layout in layouts:
        tried = [one for one in found.values() if one != NONE]
        hopeless = bool(tried) and tried[0] in (REFUSED, STALLED)
        found[layout] = f"({tried[0]})" if hopeless else here.cell(client, layout, row)
    return found


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def format_rows(rows: Mapping[Row, Mapping[str, str]]) -> str:
    """The tables, one for each way."""
    text = []
    for way in WAYS:
        text += [
            f"### From a {way}",
            "",
            f"| client | flavour | {' | '.join(LAYOUTS)} |",
            "| --- " * (2 + len(LAYOUTS)) + "|",
        ]
        for row in sorted(
            (one for one in rows if one.way == way), key=lambda one: (one.label, FLAVOURS.index(one.flavour))
        ):
            text.append(f"| {row.label} | {row.flavour} | {' | '.join(rows[row][one] for one in LAYOUTS)} |")
        text.append("")
    return "\n".join(text)


def parse_rows(page: str) -> dict[Row, dict[str, str]]:
    """The rows of a page."""
    found, way = {}, ""
    for line in page.partition(START)[2].partition(END)[0].splitlines():
        if line.startswith("### From a "):
            way = line.removeprefix("### From a ")
        cells = [one.strip() for one in line.strip("|").split("|")]
        if len(cells) == 2 + len(LAYOUTS) and cells[1] in set(Flavour):
            found[Row(label=cells[0], flavour=Flavour(cells[1]), way=way)] = dict(zip(LAYOUTS, cells[2:], strict=True))
    return found


def write(rows: Mapping[Row, Mapping[str, str]]) -> None:
    """What was measured into the page; what it says of other layouts and of clients that are not here stays."""
    page = PAGE.read_text()
    kept = parse_rows(page)
    for row, cells in rows.items():
        kept[row] = kept.get(row, dict.fromkeys(LAYOUTS, OPEN)) | dict(cells)
    head, _, rest = page.partition(START)
    PAGE.write_text(f"{head}{START}\n\n{format_rows(kept)}\n{END}{rest.partition(END)[2]}")


def main(words: list[str]) -> None:
    """Measures the clients whose names match, or all; the layout of many files last, since it takes as long as all
    others."""
    wanted = re.compile(words[0] if words else "")
    few = [one for one in LAYOUTS if len(LAYOUTS[one]) < MANY]
    with tempfile.TemporaryDirectory(prefix="matrix-") as folder, ground(Path(folder)) as here:
        for layouts in (few, [one for one in LAYOUTS if one not in few]):
            for tool in find_tools():
                for row, cells in measure(here, tool, [few[1], *layouts]) if wanted.search(tool.label) else ():
                    print(json.dumps([row.label, row.flavour, row.way, cells]), flush=True)  # noqa: T201
                    write({row: {layout: cells[layout] for layout in layouts}})


if __name__ == "__main__":
    main(sys.argv[1:])
