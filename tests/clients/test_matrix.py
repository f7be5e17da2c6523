"""The table in docs/clients.md says what stock clients do: some is measured here again, all of it by `make soak`."""

from collections.abc import Iterator

import pytest

from sonoteca.model.torrent import Flavour
from tests import tools
from tests.clients import matrix
from tests.clients.binding import require_libtorrent
from tests.clients.layouts import LAYOUTS
from tests.clients.matrix import OPEN, PEER, SLOW, WEB_SEED, Ground, Row, Tool

# For each client what it is given by default, what it does not open, and the layouts that were hard for somebody.
SOME = [
    ("libtorrent", Flavour.HYBRID, WEB_SEED, "Unicode"),
    ("libtorrent", Flavour.V2, PEER, "1 byte"),
    ("qBittorrent", Flavour.HYBRID, PEER, "sibling prefixes"),
    ("qBittorrent", Flavour.V2, WEB_SEED, "exact multiples"),
    ("rTorrent", Flavour.HYBRID, PEER, "exact multiples"),
    ("Transmission", Flavour.HYBRID, PEER, "single file"),
    ("Transmission", Flavour.V1, WEB_SEED, "nested"),
    ("aria2", Flavour.V1, PEER, "single file"),
    ("aria2", Flavour.V1, WEB_SEED, "sibling prefixes"),
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    require_libtorrent()
    with matrix.ground(tmp_path_factory.mktemp("matrix")) as one:
        yield one


@pytest.fixture(scope="module")
def said() -> dict[Row, dict[str, str]]:
    """The table."""
    return matrix.parse_rows(matrix.PAGE.read_text())


def tool(client: str) -> Tool:
    """The client of this name that is on the PATH; ends the test when there is none."""
    found = next((one for one in matrix.find_tools() if one.client == client), None)
    return found or tools.missing(f"needs {client}")


def row_of(said: dict[Row, dict[str, str]], one: Tool, flavour: Flavour, way: str) -> Row:
    row = Row(label=one.label, flavour=flavour, way=way)
    return row if row in said else tools.missing(f"docs/clients.md has no line for {one.label}: make clients writes it")


def test_the_table_is_whole(said: dict[Row, dict[str, str]]) -> None:
    """Every client in every flavour and way; written as it is read."""
    labels = {row.label for row in said}
    assert len(labels) >= 5 and len(said) == len(labels) * len(matrix.FLAVOURS) * len(matrix.WAYS)
    assert matrix.format_rows(said) in matrix.PAGE.read_text()


def test_whatever_client_one_has_some_flavour_is_for_it(said: dict[Row, dict[str, str]]) -> None:
    """From a peer, in every layout: hybrid or v1."""
    for label in {row.label for row in said}:
        open_to = [
            row.flavour
            for row, cells in said.items()
            if (row.label, row.way) == (label, PEER)
            and all(cells[one].startswith("yes") for one in LAYOUTS if cells[one] != OPEN)
        ]
        assert {Flavour.HYBRID, Flavour.V1} & {*open_to}, label


@pytest.mark.parametrize(("client", "flavour", "way", "layout"), SOME)
def test_some_of_it_is_so_still(
    client: str, flavour: Flavour, way: str, layout: str, said: dict[Row, dict[str, str]], here: Ground
) -> None:
    one = tool(client)
    row = row_of(said, one, flavour, way)
    with here.running(one) as running:
        assert here.cell(running, layout, row) == said[row][layout].strip("()")


@pytest.mark.soak
def test_all_of_it_is_so_still(said: dict[Row, dict[str, str]], here: Ground) -> None:
    """Every client that is here: about a quarter of an hour."""
    for one in matrix.find_tools():
        for row, cells in matrix.measure(here, one):
            assert row in said, row
            told = {layout: cell for layout, cell in said[row].items() if cell not in (OPEN, SLOW)}
            assert {layout: cells[layout] for layout in told} == told, row
