"""Parts written straight from members and hashes are what bencode makes of plain values, to the byte and the token."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import bencode
from sonoteca.model.files import Layers
from sonoteca.model.torrent import Member
from sonoteca.torrents import layout, writing
from sonoteca.torrents.writing import Written
from tests.vectors.torrents.layouts import PIECE, content, layers_of

SIZES = (1, 9, PIECE, PIECE + 1, 3 * PIECE)
LAYERS = {size: layers_of(content("x", size)) for size in SIZES}
NAMES = st.text("ab -.é日", min_size=1, max_size=3)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@st.composite
def files(draw: st.DrawFn) -> tuple[tuple[Member, ...], list[Layers]]:
    """Members in order, none of which stands where another has a folder; and the layers of each."""
    paths = draw(st.sets(PATHS, min_size=1, max_size=8))
    kept = [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]
    sizes = {path: draw(st.sampled_from(SIZES)) for path in kept}
    members = [Member(path=path, digest=LAYERS[size].digest, bytes=size) for path, size in sizes.items()]
    ordered = layout.ordered(members)
    return ordered, [LAYERS[one.bytes] for one in ordered]


def is_that_of(value: Any, written: Written) -> bool:
    return (bencode.format(value), bencode.tokens(value)) == (written.raw, written.tokens)


@given(files())
def test_the_file_list(given_files: tuple[tuple[Member, ...], list[Layers]]) -> None:
    members = given_files[0]
    plain = []
    for entry in layout.entries(members):
        pad = {b"attr": b"p"} if entry.is_pad else {}
        plain.append({**pad, b"length": entry.bytes, b"path": [part.encode() for part in entry.path.split("/")]})
    assert is_that_of(plain, writing.file_list(members, layout.pads(members)))


@given(files())
def test_the_file_tree(given_files: tuple[tuple[Member, ...], list[Layers]]) -> None:
    members, layers = given_files
    tree: dict[bytes, Any] = {}
    for member, one in zip(members, layers, strict=True):
        here = tree
        for part in member.path.split("/"):
            here = here.setdefault(part.encode(), {})
        here[b""] = {b"length": member.bytes, b"pieces root": one.pieces_root}
    assert is_that_of(tree, writing.file_tree(members, layers))


@given(files())
def test_the_piece_layers(given_files: tuple[tuple[Member, ...], list[Layers]]) -> None:
    layers = given_files[1]
    plain = {one.pieces_root: one.piece_layer for one in layers if one.bytes > PIECE}
    assert is_that_of(plain, writing.piece_layers(layers))


def test_parts_are_joined_in_the_order_of_their_keys() -> None:
    parts = {b"b": Written(raw=b"i1e", tokens=1), b"a": Written(raw=b"le", tokens=2)}
    assert is_that_of({b"a": [], b"b": 1}, writing.joined(parts))
