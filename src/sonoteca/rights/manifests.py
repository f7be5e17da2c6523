"""Manifests: rights.json and rights.toml, read as statements about files (docs/formats/rights.md).

Takes  the bytes of a manifest.   Gives  `Manifest`: what it says in general, what of single files, and findings.
Never  raises for bad input: what cannot be read is a finding, and a statement with a field that cannot be read holds.

The most exact statement about a file counts: its own name, then the longest pattern, then the general one. A pattern
without "/" is compared with the file's name in any folder, a name or a pattern with "/" with its path below the
manifest.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sonoteca.formats import json
from sonoteca.model.finding import Finding, finding
from sonoteca.model.rights import Layer
from sonoteca.rights.globs import is_glob, is_matching
from sonoteca.rights.terms import Fields, Terms, fields_of, inherit, read_terms

MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_TOML_BYTES = 256 * 1024
MAX_STATEMENTS = 10_000
MAX_PATTERNS = 200
LAYERS = tuple(str(layer) for layer in Layer if layer is not Layer.ALL)
# tomllib needs memory in the square of a dotted key's parts: 100,000 of them would take 40 GB.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){20}""")
FILE_NAMES = ("file", "path", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a manifest says. `general` is for every file that no other statement is about; `named` by path; `patterns`
    in the order of the file."""

    general: tuple[Terms, ...] = ()
    named: Mapping[str, tuple[Terms, ...]] = field(default_factory=dict)
    patterns: tuple[tuple[str, tuple[Terms, ...]], ...] = ()
    findings: tuple[Finding, ...] = ()

    def terms_for(self, path: str) -> tuple[Terms, ...]:
        """What it says of the file at this path below the manifest, () when it does not speak of it."""
        path = _plain_path(path)
        if path in self.named:
            return self.named[path]
        name = path.rsplit("/", 1)[-1]
        fitting = [(len(glob), place) for place, (glob, _) in enumerate(self.patterns) if _fits(glob, path, name)]
        return self.patterns[max(fitting)[1]][1] if fitting else self.general


def parse_json(content: bytes, where: str) -> Manifest:
    """The manifest rights.json; unknown keys are other people's and left alone."""
    if len(content) > MAX_JSON_BYTES:
        return Manifest(findings=(finding("M002", where=where, detail=f"{len(content)} bytes"),))
    try:
        table = json.parse_object(content)
    except ValueError as error:
        return Manifest(findings=(finding("M001", where=where, detail=str(error)[:200]),))
    return _manifest(table, where, strict=False)


def parse_toml(content: bytes, where: str) -> Manifest:
    """The manifest rights.toml; it is ours, so a key that nobody knows is an error and not overlooked."""
    if len(content) > MAX_TOML_BYTES:
        return Manifest(findings=(finding("M002", where=where, detail=f"{len(content)} bytes"),))
    try:
        text = content.decode("utf-8-sig")
        if _LONG_KEY.search(text):
            raise ValueError("a key of more than 20 parts")
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # RecursionError: brackets nested without end
        return Manifest(findings=(finding("M001", where=where, detail=str(error)[:200]),))
    return _manifest(table, where, strict=True)


def _manifest(table: Mapping[str, Any], where: str, *, strict: bool) -> Manifest:
    found: list[Finding] = []
    layers = {key: fields_of(table[key], strict=strict) for key in LAYERS if isinstance(table.get(key), Mapping)}
    plain = fields_of(
        {key: value for key, value in table.items() if key != "files" and key not in layers}, strict=strict
    )
    if "composition" in layers and "layer" not in plain.values:
        # What stands above [composition] then speaks of the rest, which is the recording.
        plain = _of_layer("recording", plain)
    named: dict[str, tuple[Terms, ...]] = {}
    patterns: dict[str, tuple[Terms, ...]] = {}
    for place, (name, own) in enumerate(_entries(table.get("files"), found, where)):
        if place >= MAX_STATEMENTS or len(patterns) >= MAX_PATTERNS:
            found.append(finding("M006", where=where, detail=f"after {place} files"))
            break
        terms = _statements(inherit(plain, fields_of(own, strict=strict)), layers)
        named[_plain_path(name)] = terms
        if is_glob(name):
            patterns[_plain_path(name)] = terms
    general = _statements(plain, layers)
    said = [*general, *(one for terms in named.values() for one in terms)]
    problems = dict.fromkeys(one.problems for one in said if one.problems)
    found += (finding("M003", where=where, detail="; ".join(one)[:500]) for one in problems)
    return Manifest(general=general, named=named, patterns=tuple(patterns.items()), findings=tuple(found))


def _statements(plain: Fields, layers: Mapping[str, Fields]) -> tuple[Terms, ...]:
    # A table named after a layer says what holds for it, with the limits of the whole unless it has its own.
    tables = [plain, *(inherit(plain, _of_layer(layer, fields)) for layer, fields in layers.items())]
    terms = (read_terms(table) for table in tables)
    return tuple(dict.fromkeys(one for one in terms if one is not None))


def _of_layer(layer: str, fields: Fields) -> Fields:
    return Fields(values={**fields.values, "layer": layer}, problems=fields.problems)


def _entries(files: Any, found: list[Finding], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The names of files with what is said of each: {name: …} or [{"file": name, …}]."""
    if files is None:
        return
    if isinstance(files, Mapping):
        pairs: list[tuple[Any, Any]] = list(files.items())
    elif isinstance(files, list):
        pairs = [(_name_in(item), _without_name(item)) for item in files]
    else:
        found.append(finding("M003", where=where, detail='"files" is neither a list nor a table'))
        return
    for name, said in pairs:
        said = {"licence": said} if isinstance(said, str) else said
        if isinstance(name, str) and name and isinstance(said, Mapping):
            yield name, said
        else:
            found.append(
                finding("M003", where=where, detail=f'an entry of "files" that names no file: {str(name)[:80]!r}')
            )


def _name_in(item: Any) -> Any:
    return next((item[key] for key in FILE_NAMES if key in item), None) if isinstance(item, Mapping) else None


def _without_name(item: Any) -> Any:
    return {key: value for key, value in item.items() if key not in FILE_NAMES} if isinstance(item, Mapping) else None


def _plain_path(path: str) -> str:
    if "/" not in path:
        path = path.replace("\\", "/")
    return unicodedata.normalize("NFC", path.removeprefix("./"))


def _fits(glob: str, path: str, name: str) -> bool:
    return is_matching(glob, path if "/" in glob else name)
