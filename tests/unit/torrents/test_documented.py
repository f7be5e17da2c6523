"""docs/formats/torrents.md: its example is what comes out, its limits are those of the code."""

from typing import Any

import pytest

from sonoteca.formats import bencode
from sonoteca.model.torrent import Flavour, Outside
from sonoteca.torrents import layout
from sonoteca.torrents.assemble import assemble, magnet
from sonoteca.torrents.limits import STOCK
from tests.tools import PROJECT
from tests.vectors.torrents.layouts import members_of

FILES = {"Artist - Title/01 Aria.opus": b"sonoteca\n", "Artist - Title/01 Aria.opus.credits.txt": b"credits\n"}
HASHES = (b"pieces", b"pieces root")


@pytest.fixture(scope="module")
def page() -> str:
    return (PROJECT / "docs" / "formats" / "torrents.md").read_text(encoding="utf-8")


def shown(value: Any, indent: str = "") -> list[str]:
    """A dict as the page shows it: a key a line, lists of texts joined, hashes in hexadecimal."""
    lines = []
    for key, below in value.items():
        name = key.decode() or '""'
        if isinstance(below, dict):
            lines += [f"{indent}{name}", *shown(below, indent + "  ")]
        elif key == b"files":
            lines.append(f"{indent}{name}")
            for file in below:
                first, *rest = shown(file, indent + "    ")
                lines += [f"{indent}  - {first.strip()}", *rest]
        else:
            text = below.hex() if key in HASHES else b" / ".join(below).decode() if isinstance(below, list) else below
            lines.append(f"{indent}{name}: {text.decode() if isinstance(text, bytes) else text}")
    return lines


def test_the_example(page: str) -> None:
    members, layers = members_of(FILES)
    assembled = assemble("example", members, layers.__getitem__, Flavour.HYBRID, Outside())
    root: Any = bencode.parse(assembled.torrent)
    assert "\n".join(["```", *shown(root[b"info"]), "```"]) in page
    assert magnet(assembled.hashes, "example", Outside()) in page


def test_the_limits(page: str) -> None:
    table = page.split("## Limits", 1)[1].split("\n## ", 1)[0]
    numbers = (STOCK.max_torrent_bytes, STOCK.max_pieces, STOCK.max_tokens, STOCK.max_files)
    for number in (*numbers, STOCK.max_path_bytes, STOCK.max_folders, layout.MAX_NAME_BYTES):
        assert f"| {number:,}" in table
