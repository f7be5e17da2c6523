"""OCFL inventories and layout: published examples, ocfl-py as judge, and every law broken once.

Invariant: what `parse_inventory` accepts, ocfl-py's InventoryValidator accepts; what `format_inventory` gives comes
back equal.
"""

import copy
import hashlib
import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocfl.inventory_validator import InventoryValidator
from ocfl.layout_0003_hash_and_id_n_tuple import Layout_0003_Hash_And_Id_N_Tuple
from ocfl.validation_logger import ValidationLogger

from sonoteca.formats import ocfl
from sonoteca.formats.ocfl import Inventory, Version, format_inventory, format_sidecar, parse_inventory, verify_sidecar
from sonoteca.formats.ocfl_root import Layout, object_path, root_files
from sonoteca.model.ids import Digest

# Examples and tests of the extension's own text, docs/0003-hash-and-id-n-tuple-storage-layout.md of OCFL/extensions.
DEFAULT = Layout(tuple_size=3, tuples=3)
LONG = "abcdefghij" * 10
PUBLISHED = [
    ("object-01", DEFAULT, "3c0/ff4/240/object-01"),
    ("..hor/rib:le-$id", DEFAULT, "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"),
    ("..Hor/rib:lè-$id", DEFAULT, "373/529/21a/%2e%2eHor%2frib%3al%c3%a8-%24id"),
    ("object-01", Layout(algorithm="md5", tuple_size=3, tuples=3), "ff7/553/449/object-01"),
    ("object-01", Layout(algorithm="md5", tuple_size=5, tuples=2), "ff755/34492/object-01"),
    (
        "object-01",
        Layout(algorithm="md5", tuple_size=2, tuples=15),
        "ff/75/53/44/92/48/5e/ab/b3/9f/86/35/67/28/88/object-01",
    ),
    (
        "..hor/rib:le-$id",
        Layout(algorithm="md5", tuple_size=2, tuples=15),
        "08/31/97/66/fb/6c/29/35/dd/17/5b/94/26/77/17/%2e%2ehor%2frib%3ale-%24id",
    ),
    ("..hor/rib:le-$id", Layout(algorithm="md5", tuple_size=3, tuples=3), "083/197/66f/%2e%2ehor%2frib%3ale-%24id"),
    ("object-01", Layout(tuple_size=0, tuples=0), "object-01"),
    (
        LONG + "a",
        DEFAULT,
        f"5cc/73e/648/{LONG}-5cc73e648fbcff136510e330871180922ddacf193b68fdeff855683a01464220",
    ),
    (
        "abcdefghij" * 26,
        DEFAULT,
        f"55b/432/806/{LONG}-55b432806f4e270da0cf23815ed338742179002153cd8d896f23b3e2d8a14359",
    ),
    ("object-01", Layout(), "3c/0f/object-01"),
]


@pytest.mark.parametrize(("object_id", "layout", "path"), PUBLISHED)
def test_published_places(object_id: str, layout: Layout, path: str) -> None:
    assert object_path(object_id, layout) == path


@given(st.text(min_size=1, max_size=150))
def test_places_as_ocfl_py_gives_them(object_id: str) -> None:
    theirs = Layout_0003_Hash_And_Id_N_Tuple()
    theirs.tuple_size = theirs.number_of_tuples = 2
    assert object_path(object_id) == theirs.identifier_to_path(object_id)


def test_root_files_have_our_parameters() -> None:
    files = root_files()
    config = json.loads(files["extensions/0003-hash-and-id-n-tuple-storage-layout/config.json"])
    assert config == {
        "extensionName": "0003-hash-and-id-n-tuple-storage-layout",
        "digestAlgorithm": "sha256",
        "tupleSize": 2,
        "numberOfTuples": 2,
    }
    assert json.loads(files["ocfl_layout.json"])["extension"] == config["extensionName"]
    assert files["0=ocfl_1.1"] == b"ocfl_1.1\n"


# ── inventories ──────────────────────────────────────────────────────────────────────────────────────────────────────

A, B = (Digest(hashlib.sha256(text).hexdigest()) for text in (b"a", b"b"))


def example() -> dict[str, Any]:
    return {
        "id": "urn:uuid:1",
        "type": "https://ocfl.io/1.1/spec/#inventory",
        "digestAlgorithm": "sha256",
        "head": "v2",
        "manifest": {A: ["v1/content/a"], B: ["v2/content/x/b"]},
        "versions": {
            "v1": {
                "created": "2026-11-23T10:00:00Z",
                "message": "m",
                "user": {"name": "n"},
                "state": {A: ["a", "b/c"]},
            },
            "v2": {
                "created": "2026-11-23T10:00:00.5+01:00",
                "message": "",
                "user": {"name": "n", "address": "mailto:n@example.org"},
                "state": {B: ["x/b"]},
            },
        },
    }


def raw_of(value: object) -> bytes:
    return json.dumps(value).encode()


def errors_of_ocfl_py(value: object) -> int:
    log = ValidationLogger(log_warnings=False, log_errors=True)
    log.spec_version = "1.1"
    validator = InventoryValidator(log=log)
    validator.validate(inventory=value, force_spec_version="1.1")
    return int(log.num_errors)


def test_an_inventory_is_read() -> None:
    inventory = parse_inventory(raw_of(example()))
    assert inventory.id == "urn:uuid:1"
    assert inventory.head_number == 2
    assert inventory.state() == {"x/b": B}
    assert inventory.state(1) == {"a": A, "b/c": A}
    assert inventory.manifest == {A: ("v1/content/a",), B: ("v2/content/x/b",)}
    assert inventory.versions[2].address == "mailto:n@example.org"
    assert errors_of_ocfl_py(example()) == 0


Change = Callable[[dict[str, Any]], object]


def put(*path: str) -> Callable[[object], Change]:
    """A change that puts a value at a place in the example."""

    def at(value: object) -> Change:
        def change(inventory: dict[str, Any]) -> None:
            for key in path[:-1]:
                inventory = inventory[key]
            inventory[path[-1]] = value

        return change

    return at


V1 = ("versions", "v1")
BROKEN: dict[str, Change] = {
    "another key": put("more")("x"),
    "no head": lambda value: value.pop("head"),
    "no manifest": lambda value: value.pop("manifest"),
    "empty id": put("id")(""),
    "id is a number": put("id")(1),
    "another type": put("type")("https://ocfl.io/1.0/spec/#inventory"),
    "another algorithm": put("digestAlgorithm")("sha512"),
    "another head": put("head")("v1"),
    "padded head": put("head")("v02"),
    "fixity": put("fixity")({}),
    "content folder": put("contentDirectory")("content"),
    "a version is missing": lambda value: value["versions"].pop("v1"),
    "a padded version": lambda value: value["versions"].update(v02=value["versions"].pop("v2")),
    "version zero": lambda value: value["versions"].update(v0=value["versions"]["v1"]),
    "versions are a list": put("versions")([]),
    "no versions": put("versions")({}),
    "a version is a list": put(*V1)([]),
    "no created": lambda value: value["versions"]["v1"].pop("created"),
    "no state": lambda value: value["versions"]["v1"].pop("state"),
    "more in a version": put(*V1, "more")(1),
    "a time without zone": put(*V1, "created")("2026-11-23T10:00:00"),
    "a time without seconds": put(*V1, "created")("2026-11-23T10:00Z"),
    "a thirteenth month": put(*V1, "created")("2026-13-23T10:00:00Z"),
    "message is no text": put(*V1, "message")(1),
    "user is text": put(*V1, "user")("n"),
    "user has no name": put(*V1, "user")({"address": "mailto:n@example.org"}),
    "user's name is no text": put(*V1, "user")({"name": 1}),
    "more about the user": put(*V1, "user")({"name": "n", "more": "x"}),
    "state is a list": put(*V1, "state")([]),
    "a digest that the manifest lacks": put(*V1, "state")({"0" * 64: ["a"]}),
    "a digest in upper case": put("manifest")({A.upper(): ["v1/content/a"], B: ["v2/content/x/b"]}),
    "a digest that no version has": lambda value: value["manifest"].update({"0" * 64: ["v1/content/z"]}),
    "paths are text": put("manifest", A)("v1/content/a"),
    "no path": put("manifest", A)([]),
    "a path is a number": put("manifest", A)([1]),
    "a content path outside": put("manifest", A)(["content/a"]),
    "a content path above": put("manifest", A)(["v1/content/../../a"]),
    "a content path of a version to come": put("manifest", A)(["v3/content/a"]),
    "an absolute content path": put("manifest", A)(["/v1/content/a"]),
    "a content path twice": put("manifest", A)(["v2/content/x/b"]),
    "a content path in another": put("manifest", A)(["v2/content/x"]),
    "a logical path twice": put(*V1, "state")({A: ["a", "a"]}),
    "a logical path in another": put(*V1, "state")({A: ["a", "a/b"]}),
    "an absolute logical path": put(*V1, "state")({A: ["/a"]}),
    "a logical path that ends in a slash": put(*V1, "state")({A: ["a/"]}),
    "an empty name": put(*V1, "state")({A: ["a//b"]}),
    "a name of one dot": put(*V1, "state")({A: ["a/./b"]}),
    "a name of two dots": put(*V1, "state")({A: [".."]}),
    "an empty path": put(*V1, "state")({A: [""]}),
    "a path with NUL": put(*V1, "state")({A: ["a\0b"]}),
    "a path with half a character": put(*V1, "state")({A: ["a\ud800"]}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_every_law_can_be_broken(name: str) -> None:
    value = example()
    BROKEN[name](value)
    with pytest.raises(ValueError, match=r"\S"):
        parse_inventory(raw_of(value))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"null", b"\xff", b'{"id":"a","id":"b"}', b"[" * 100_000])
def test_what_is_no_inventory_at_all(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_inventory(raw)


PLACES: list[tuple[str, ...]] = [
    (),
    ("id",),
    ("head",),
    ("manifest",),
    ("manifest", A),
    ("versions",),
    ("versions", "v1"),
    *(("versions", "v2", key) for key in ("created", "message", "user", "state")),
    ("versions", "v1", "state", A),
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["v1", "v2", "", A, B, "a/..", "v1/content/a"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["v1", A, B, "name"]), inner, max_size=3)
    ),
    max_leaves=4,
)


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK, st.sampled_from(["name", "v3", A, B])), max_size=3))
def test_what_is_accepted_ocfl_py_accepts(changes: list[tuple[tuple[str, ...], object, str]]) -> None:
    value: Any = example()
    for place, junk, key in changes:
        inner = value
        for step in place:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[key] = copy.deepcopy(junk)
        elif isinstance(inner, list):
            inner.append(junk)
    try:
        parse_inventory(raw_of(value))
    except ValueError:
        return
    assert errors_of_ocfl_py(value) == 0


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='/?*:"<>|\\'), min_size=1, max_size=12
).map(lambda name: unicodedata.normalize("NFC", name))


@given(st.dictionaries(NAMES, st.binary(max_size=3), min_size=1, max_size=8), st.text(max_size=20))
def test_round_trip_and_canonical(files: dict[str, bytes], message: str) -> None:
    state = {f"masters/_{name}_": Digest(hashlib.sha256(content).hexdigest()) for name, content in files.items()}
    manifest = {digest: (f"v1/content/{path}",) for path, digest in state.items()}
    version = Version(created="2026-11-23T10:00:00Z", message=message, user="n", state=state)
    inventory = Inventory(id="urn:x", manifest=manifest, versions={1: version})
    raw = format_inventory(inventory)
    assert parse_inventory(raw) == inventory
    assert format_inventory(parse_inventory(raw)) == raw
    assert errors_of_ocfl_py(json.loads(raw)) == 0


def test_the_sidecar_states_the_digest() -> None:
    sidecar = format_sidecar(b"{}")
    assert sidecar == f"{hashlib.sha256(b'{}').hexdigest()} inventory.json\n".encode()
    verify_sidecar(sidecar, b"{}")
    verify_sidecar(sidecar.replace(b" ", b"\t  "), b"{}")  # OCFL 1.1 §3.6: one or more spaces or tabs
    for wrong in (b"", b"\n", sidecar[:-16], sidecar + b"x", sidecar.upper(), format_sidecar(b"[]")):
        with pytest.raises(ValueError, match="E060"):
            verify_sidecar(wrong, b"{}")


PORTABLE = [
    "masters/01 Aria.flac",
    "a",
    "évidence/x",
    "masters/CD 1/02 – été.wav",
    "x" * 255,
    "masters/.hidden",
    "日本/語",
]
NOT_PORTABLE = [
    "a?b",
    "a*",
    "a:b",
    'a"',
    "<a",
    "a>",
    "a|b",
    "a\\b",
    "a\n",
    "a\x7f",
    "a.",
    "a /b",
    "b/a ",
    "e\u0301",
    "x" * 256,
]
NOT_PORTABLE += ["/".join(["x" * 200] * 6), "a\ud800", "", "/", "a//b", "../a", "a/."]


@pytest.mark.parametrize("path", PORTABLE)
def test_paths_that_we_write(path: str) -> None:
    ocfl.verify_logical_path(path)


@pytest.mark.parametrize("path", NOT_PORTABLE, ids=ascii)
def test_paths_that_we_do_not_write(path: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        ocfl.verify_logical_path(path)
