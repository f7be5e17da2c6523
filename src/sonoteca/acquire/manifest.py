"""Manifest: what a rights.json or rights.toml says a release is. What it says of rights is read elsewhere (room
rights).

Takes  the small text files of a folder.
Gives  title, names, dates, a title for each file: claims, each stated with the source "manifest".
Never  raises: a file that cannot be read says nothing here; the room of rights says so.
"""

import datetime
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sonoteca.acquire.titles import clean, clean_lines
from sonoteca.formats import json

MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_TOML_BYTES = 256 * 1024
# tomllib needs memory in the square of a dotted key's parts.
_LONG_KEY = re.compile(rb"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){20}""")
MAX_NAMES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the manifest of this very folder says; "" and () where it says nothing. `files` by path relative to the
    release: the fields said about one file ("title", "artist", "composer", "isrc", "number")."""

    title: str = ""
    artists: tuple[str, ...] = ()
    date: str = ""
    label: str = ""
    catalogue_number: str = ""
    barcode: str = ""
    place: str = ""
    event: str = ""
    series: str = ""
    language: str = ""
    lineage: str = ""
    description: str = ""
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rights_holders: tuple[str, ...] = ()
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


FILE_FIELDS = ("title", "artist", "composer", "isrc", "number")
NAMES = frozenset({"rights.json", "rights.toml"})


def find_manifest(texts: Iterable[tuple[str, bytes]]) -> Manifest:
    """The manifest of the folder itself. One of a folder above speaks of more than this release: only its rights
    holders are taken, the nearest's, when the folder itself names none."""
    known = {path: content for path, content in texts if path.rsplit("/", 1)[-1].casefold() in NAMES}
    own = sorted(path for path in known if "/" not in path)
    above = sorted((path for path in known if path.startswith("../")), key=lambda path: (path.count("/"), path))
    manifest = _understand(_load(own[0], known[own[0]])) if own else Manifest()
    for path in () if manifest.rights_holders else (*own[1:], *above):
        if holders := _holders(_load(path, known[path])):
            return replace(manifest, rights_holders=holders)
    return manifest


def _load(path: str, content: bytes) -> Mapping[str, object]:
    """The fields of a manifest; {} when it cannot be read. Nesting without end is a RecursionError of the parser."""
    is_toml = path.casefold().endswith(".toml")
    if len(content) > (MAX_TOML_BYTES if is_toml else MAX_JSON_BYTES) or (is_toml and _LONG_KEY.search(content)):
        return {}
    try:
        return tomllib.loads(content.decode("utf-8-sig")) if is_toml else json.parse_object(content)
    except (ValueError, RecursionError):
        return {}


def _holders(fields: Mapping[str, object]) -> tuple[str, ...]:
    return _names(_first(fields, "rights_holders", "rights_holder", "holders", "holder"))


def _understand(fields: Mapping[str, object]) -> Manifest:
    return Manifest(
        title=_text(fields, "title"),
        artists=_names(_first(fields, "artists", "artist")),
        date=_text(fields, "date", "year"),
        label=_text(fields, "label"),
        catalogue_number=_text(fields, "catalogue_number", "catalog_number", "catalognumber"),
        barcode=_text(fields, "barcode", "upc", "ean"),
        place=_text(fields, "place"),
        event=_text(fields, "event"),
        series=_text(fields, "series"),
        language=_text(fields, "language"),
        lineage=_lines(fields, "lineage"),
        description=_lines(fields, "description"),
        genres=_names(_first(fields, "genres", "genre")),
        tags=_names(fields.get("tags")),
        rights_holders=_holders(fields),
        files=dict(_files(_first(fields, "files", "tracks"))),
    )


def _first(fields: Mapping[str, object], *names: str) -> object:
    return next((fields[name] for name in names if name in fields), None)


def _text(fields: Mapping[str, object], *names: str) -> str:
    value = _first(fields, *names)
    if isinstance(value, bool) or not isinstance(value, str | int | datetime.date):
        return ""
    return clean(str(value))


def _lines(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return clean_lines(value) if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...]:
    """One name, or a list of names; each once, in order."""
    given = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    names = (clean(one) for one in given[:MAX_NAMES] if isinstance(one, str))
    return tuple(dict.fromkeys(name for name in names if name))


def _files(value: object) -> Iterator[tuple[str, Mapping[str, str]]]:
    """{"file": "CD1/01.flac", "title": …} in a list, or {"CD1/01.flac": {"title": …}}."""
    if isinstance(value, dict):
        value = [{"file": path, **said} for path, said in value.items() if isinstance(said, dict)]
    for said in value if isinstance(value, list) else []:
        path = _first(said, "file", "path") if isinstance(said, dict) else None
        if isinstance(path, str):
            found = {name: _text(said, name) for name in FILE_FIELDS}
            yield path, {name: text for name, text in found.items() if text}
