"""Signed notes: those that others made, every way to write one wrong, and keys that show nothing."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoteca.formats import note
from sonoteca.formats.note import Note, Signature, SigningKey
from sonoteca.model.errors import Damaged

VECTORS = Path(__file__).parents[2] / "vectors" / "note"
KEYS = json.loads((VECTORS / "keys.json").read_text(encoding="utf-8"))
PETER = note.parse_verifier_key(KEYS["PeterNeumann"]["verifier"])
ENOCH = note.parse_verifier_key(KEYS["EnochRoot"]["verifier"])
SUMDB = note.parse_verifier_key(KEYS["sum.golang.org"]["verifier"])
PRIVATE = KEYS["PeterNeumann"]["private"]


def vector(name: str) -> bytes:
    return (VECTORS / f"{name}.note").read_bytes()


# ── other people's ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.note")), ids=lambda path: path.stem)
def test_notes_of_others_come_back_byte_by_byte(path: Path) -> None:
    raw = path.read_bytes()
    assert note.format(note.parse(raw)) == raw


@pytest.mark.parametrize("name", KEYS)
def test_keys_of_others_come_back(name: str) -> None:
    key = note.parse_verifier_key(KEYS[name]["verifier"])
    assert key.name == name
    assert note.format_verifier_key(key) == KEYS[name]["verifier"]


def test_the_go_example_is_signed_the_same() -> None:
    """Ed25519 has one signature for one text: Go's Sign gives exactly this."""
    key = note.parse_signing_key(PRIVATE)
    made = note.sign(note.parse(vector("peter")).text, key)
    assert note.format(made) == vector("peter")
    assert note.format_signing_key(key) == PRIVATE


def test_a_tree_head_of_the_go_checksum_database_verifies() -> None:
    assert [one.name for one in note.verify(note.parse(vector("sumdb")), [SUMDB])] == ["sum.golang.org"]


def test_the_example_of_tlog_checkpoint_is_such_a_head_under_another_name() -> None:
    text = vector("sofa").decode().replace("example.com/behind-the-sofa\n", "go.sum database tree\n", 1)
    head = note.parse(text.replace("example.com/behind-the-sofa", "sum.golang.org").encode())
    assert note.verify(head, [SUMDB])


# ── who signed ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    both = note.parse(vector("peter-enoch"))
    assert [one.name for one in note.verify(both, [PETER])] == ["PeterNeumann"]
    assert [one.name for one in note.verify(both, [ENOCH, PETER])] == ["PeterNeumann", "EnochRoot"]


def test_no_known_signature_is_none() -> None:
    with pytest.raises(Damaged, match="no known key"):
        note.verify(note.parse(vector("peter")), [ENOCH, SUMDB])
    with pytest.raises(Damaged, match="no known key"):
        note.verify(note.parse(vector("peter")), [])


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    both = note.parse(vector("peter-enoch"))
    peter, enoch = both.signatures
    forged = Note(text=both.text, signatures=(peter, Signature(name=enoch.name, key_id=enoch.key_id, raw=peter.raw)))
    assert note.verify(forged, [PETER])
    with pytest.raises(Damaged, match="EnochRoot"):
        note.verify(forged, [PETER, ENOCH])


def test_a_changed_text_is_seen() -> None:
    with pytest.raises(Damaged, match="PeterNeumann"):
        note.verify(note.parse(vector("peter").replace(b"answer", b"Answer")), [PETER])


def test_a_signature_of_odd_length_is_wrong_and_no_accident() -> None:
    peter = note.parse(vector("peter")).signatures[0]
    for raw in (peter.raw[:-1], peter.raw + b"\0", b"\0"):
        short = Signature(name=peter.name, key_id=peter.key_id, raw=raw)
        with pytest.raises(Damaged, match="PeterNeumann"):
            note.verify(Note(text="hi\n", signatures=(short,)), [PETER])


# ── form ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = note.parse(vector("peter")).text.encode()
LINE = vector("peter").removeprefix(TEXT + b"\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        TEXT,
        TEXT + b"\n",
        TEXT + b"\n" + LINE[:-1],
        b"\x01" + TEXT + b"\n" + LINE,
        b"\xff" + TEXT + b"\n" + LINE,
        TEXT.replace(b"\n", b"\r\n") + b"\n" + LINE,
        TEXT + b"\n" + LINE.replace(b"PeterNeumann", b"Bad Name"),
        TEXT + b"\n" + LINE.replace(b"PeterNeumann", b"Bad+Name"),
        TEXT + b"\n" + LINE.replace(b"PeterNeumann", "Bad\u00a0Name".encode()),
        TEXT + b"\n" + LINE.replace(b"PeterNeumann", b""),
        TEXT + b"\n" + LINE.replace("\u2014".encode(), b"-"),
        TEXT + b"\n" + LINE + b"Unexpected line.\n",
        TEXT + b"\n" + LINE + b"\n",
        TEXT + b"\n" + LINE.replace(b"JnAM=", b"JnAN="),  # the same signature, spelled with other unused bits
        TEXT + b"\n" + LINE.replace(b"JnAM=", b"JnAM"),
        TEXT + b"\n" + "\u2014 PeterNeumann x08gow==\n".encode(),  # a key id and no signature
        TEXT + b"\n" + LINE * 101,
        b"x" * note.MAX_BYTES + b"\n\n" + LINE,
    ],
    ids=range(19),
)
def test_malformed_notes_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        note.parse(raw)


def test_the_text_may_hold_empty_lines() -> None:
    assert note.parse(vector("c2sp")).text.endswith("sole:\n\ned è subito sera.\n")


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="+"), min_size=1, max_size=20).filter(
    lambda name: not any(letter.isspace() or letter < " " for letter in name)
)
TEXTS = st.text(st.characters(codec="utf-8")).map(
    lambda text: "".join(letter for letter in text if letter >= " " or letter == "\n") + "\n"
)
SIGNATURES = st.builds(
    Signature, name=NAMES, key_id=st.binary(min_size=4, max_size=4), raw=st.binary(min_size=1, max_size=80)
)


@given(TEXTS, st.lists(SIGNATURES, min_size=1, max_size=4).map(tuple))
def test_round_trip(text: str, signatures: tuple[Signature, ...]) -> None:
    made = Note(text=text, signatures=signatures)
    assert note.parse(note.format(made)) == made


@given(st.binary(max_size=200) | st.binary(max_size=40).map(lambda raw: TEXT + raw + b"\n\n" + LINE))
def test_any_bytes_give_a_note_or_a_value_error(raw: bytes) -> None:
    try:
        found = note.parse(raw)
    except ValueError:
        return
    assert note.format(found) == raw


@given(NAMES, st.binary(min_size=32, max_size=32), TEXTS)
def test_what_a_key_signed_it_verifies(name: str, seed: bytes, text: str) -> None:
    key = SigningKey(name=name, seed=seed)
    assert note.parse_signing_key(note.format_signing_key(key)) == key
    assert note.parse_verifier_key(note.format_verifier_key(key.verifier_key)) == key.verifier_key
    assert note.verify(note.parse(note.format(note.sign(text, key))), [key.verifier_key])


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", [KEYS["PeterNeumann"]["verifier"], PRIVATE])
def test_no_part_and_no_neighbour_of_a_key_is_one(text: str) -> None:
    """As in Go's TestNewVerifier and TestNewSigner."""
    parse = note.parse_signing_key if text.startswith("PRIVATE") else note.parse_verifier_key
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            if (start, end) != (0, len(text)):
                with pytest.raises(ValueError):
                    parse(text[start:end])
    for at, letter in enumerate(text):
        with pytest.raises(ValueError):
            parse(text[:at] + chr(ord(letter) + 1) + text[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # an algorithm that nobody knows
    ],
)
def test_keys_with_a_right_id_and_wrong_bytes_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        note.parse_verifier_key(text)


def test_nothing_shows_a_private_key() -> None:
    key = note.parse_signing_key(PRIVATE)
    assert PRIVATE[-20:] not in repr(key) and key.seed.hex() not in repr(key) and repr(key.seed) not in repr(key)
    with pytest.raises(ValueError) as error:
        note.parse_signing_key(PRIVATE[:-1] + "A")
    assert "KFALVF" not in str(error.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "\x00"])
def test_names_that_no_key_has_are_not_written(name: str) -> None:
    with pytest.raises(ValueError):
        note.format_signing_key(SigningKey(name=name, seed=bytes(32)))
    with pytest.raises(ValueError):
        note.format(Note(text="x\n", signatures=(Signature(name=name, key_id=bytes(4), raw=b"x"),)))
