"""The tree of RFC 6962, against its definition and Certificate Transparency's own vectors; proofs; checkpoints."""

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import note, tlog
from sonoteca.formats.tlog import Checkpoint, Inclusion
from sonoteca.model.errors import Damaged

# google/certificate-transparency, merkletree/merkle_tree_test.cc (Apache-2.0): eight leaves and the root after each.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
VECTORS = Path(__file__).parents[2] / "vectors" / "note"


def defined(entries: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1 by its words."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + defined(entries[:split]) + defined(entries[split:])).digest()


def hashes_of(count: int) -> list[bytes]:
    return [tlog.leaf_hash(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize("count", range(1, 9))
def test_the_roots_of_certificate_transparency(count: int) -> None:
    assert tlog.root([tlog.leaf_hash(leaf) for leaf in LEAVES[:count]]).hex() == ROOTS[count - 1]


@pytest.mark.parametrize("count", [*range(40), 255, 256, 257, 1000])
def test_the_root_is_the_defined_one(count: int) -> None:
    entries = [str(number).encode() for number in range(count)]
    assert tlog.root(list(map(tlog.leaf_hash, entries))) == defined(entries)


# ── proofs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def claim_of(index: int, hashes: Sequence[bytes]) -> Inclusion:
    proof = tlog.inclusion_proof(index, hashes)
    return Inclusion(leaf=hashes[index], index=index, size=len(hashes), proof=proof)


def test_a_proof_of_certificate_transparency() -> None:
    """The path of leaf 5 in the tree of 8."""
    hashes = [tlog.leaf_hash(leaf) for leaf in LEAVES]
    assert [one.hex() for one in tlog.inclusion_proof(5, hashes)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize("size", [*range(1, 34), 255, 256, 257])
def test_every_leaf_is_proved(size: int) -> None:
    hashes = hashes_of(size)
    for index in range(size):
        tlog.verify_inclusion(claim_of(index, hashes), tlog.root(hashes))


@given(st.integers(1, 60), st.data())
def test_no_other_claim_is_proved(size: int, draw: st.DataObject) -> None:
    hashes = hashes_of(size)
    right = claim_of(draw.draw(st.integers(0, size - 1)), hashes)
    root = tlog.root(hashes)
    wrong = [
        dataclasses.replace(right, index=right.index + 1),
        dataclasses.replace(right, index=right.index - 1),
        dataclasses.replace(right, leaf=bytes(32)),
        dataclasses.replace(right, proof=(*right.proof, bytes(32))),
        *(
            dataclasses.replace(right, proof=(*right.proof[:at], *right.proof[at + 1 :]))
            for at in range(len(right.proof))
        ),
        *(
            dataclasses.replace(right, proof=(*right.proof[:at], bytes(32), *right.proof[at + 1 :]))
            for at in range(len(right.proof))
        ),
    ]
    for claim in wrong:
        with pytest.raises(Damaged):
            tlog.verify_inclusion(claim, root)
    with pytest.raises(Damaged):
        tlog.verify_inclusion(right, bytes(32))


def test_there_is_no_proof_of_what_is_not_there() -> None:
    for index in (-1, 3):
        with pytest.raises(ValueError):
            tlog.inclusion_proof(index, hashes_of(3))
    with pytest.raises(Damaged):
        tlog.verify_inclusion(Inclusion(leaf=tlog.EMPTY_ROOT, index=0, size=0, proof=()), tlog.EMPTY_ROOT)


# ── checkpoints ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "origin", "size"), [
    ("sofa", "example.com/behind-the-sofa", 20852163),
    ("sumdb", "go.sum database tree", 65209736),
])  # fmt: skip
def test_checkpoints_of_others_come_back(name: str, origin: str, size: int) -> None:
    text = note.parse((VECTORS / f"{name}.note").read_bytes()).text
    found = tlog.parse_checkpoint(text)
    assert (found.origin, found.size, found.extensions) == (origin, size, ())
    assert tlog.format_checkpoint(found) == text


LINES = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=30)
CHECKPOINTS = st.builds(
    Checkpoint,
    origin=LINES,
    size=st.integers(0, 10**19 - 1),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(LINES, max_size=3).map(tuple),
)


@given(CHECKPOINTS)
def test_round_trip(checkpoint: Checkpoint) -> None:
    assert tlog.parse_checkpoint(tlog.format_checkpoint(checkpoint)) == checkpoint


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n+1\n{ROOT}\n",
        f"a\n1 \n{ROOT}\n",
        f"a\n\u0661\n{ROOT}\n",
        f"a\n{'9' * 20}\n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT[:-2]}J=\n",
        f"a\n1\n{ROOT[:-4]}\n",
        f"a\n1\n{ROOT}{ROOT}\n",
        f"a\n1\n{ROOT}\n\n",
        f"a\n1\n{ROOT}\n\nx\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        tlog.parse_checkpoint(text)


@pytest.mark.parametrize(
    "change",
    [{"origin": ""}, {"origin": "a\nb"}, {"size": -1}, {"size": 10**19}, {"root": b""}, {"extensions": ("",)}],
    ids=str,
)
def test_checkpoints_that_could_not_be_read_are_not_written(change: dict[str, object]) -> None:
    right = Checkpoint(origin="a", size=1, root=bytes(32))
    with pytest.raises(ValueError):
        tlog.format_checkpoint(dataclasses.replace(right, **change))  # type: ignore[arg-type]
