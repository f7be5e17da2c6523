"""Terms: one statement of a manifest, its fields read strictly.

Takes  the plain values of a table of rights.toml or an object of rights.json.
Gives  `Terms`, and what could not be understood, in words.
Never  drops a limit: a statement with a field that cannot be read counts for nothing, because the field may have been
       one.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sonoteca.model.rights import Channel, EvidenceKind, Layer
from sonoteca.rights.licence_classes import is_agreeing
from sonoteca.rights.licences import Understood, understand
from sonoteca.rights.records import is_date

MAX_TEXT_CHARACTERS = 2_000
MAX_LIST_ITEMS = 500
# Each field by the names it may have.
FIELDS: dict[str, tuple[str, ...]] = {
    "licence": ("licence", "license"),
    "address": ("licence_url", "license_url"),
    "holders": ("holders", "holder", "rights_holders", "rights_holder"),
    "layer": ("layer",),
    "territories": ("territories", "territory"),
    "channels": ("channels", "channel"),
    "from": ("from", "valid_from"),
    "until": ("until", "valid_until"),
    "note": ("note", "notes"),
    "kind": ("kind",),
    "reasoning": ("reasoning",),
}
NAMES = {name: field for field, names in FIELDS.items() for name in names}
# Fields that only our own format has: in a rights.json of others these keys may mean anything.
OURS = frozenset({"kind", "reasoning"})
# What a rights.toml may say beside rights: it describes the release (acquire reads it), and limits nothing.
_DESCRIBES = """
    schema title artist artists album date year label catalogue_number catalog_number catalognumber barcode upc ean
    place event series language lineage description genre genres tags composer isrc number
"""
DESCRIBES = frozenset(_DESCRIBES.split())
_WORLD = frozenset({"world", "worldwide", "ww", "*", "all"})


NOTHING = Understood()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a manifest says of some files. `said` is what was understood of `statement`; nothing when `problems` has a
    line."""

    statement: str = ""
    said: Understood = NOTHING
    kind: EvidenceKind = EvidenceKind.MANIFEST
    layer: Layer = Layer.ALL
    holders: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    territories: tuple[str, ...] = ()
    valid_from: str = ""
    valid_until: str = ""
    note: str = ""
    problems: tuple[str, ...] = ()


class Field(ValueError):
    """A field that cannot be understood; the words say which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of one table by their one name, and what is wrong with its keys."""

    values: Mapping[str, Any]
    problems: tuple[str, ...] = ()


def fields_of(table: Mapping[str, Any], *, strict: bool) -> Fields:
    """The fields of a table. With `strict` a key that nobody knows is a problem, else it is somebody else's."""
    values: dict[str, Any] = {}
    problems = []
    for key, value in table.items():
        name = NAMES.get(key, "")
        if not name:
            is_odd = strict and key not in DESCRIBES
            problems += [f"nobody knows the key {key[:80]!r}"] if is_odd else []
        elif name in values and values[name] != value:
            problems.append(f"{key[:80]!r} says twice what the {name} is")
        elif value is not None and (strict or name not in OURS):
            values[name] = value
    return Fields(values=values, problems=tuple(problems))


def inherit(general: Fields, own: Fields) -> Fields:
    """What a table says with what stands above it: its own licence stands alone, limits hold unless it has its own."""
    above = dict(general.values)
    if {"licence", "address", "reasoning"} & set(own.values):
        above = {
            name: value for name, value in above.items() if name not in ("licence", "address", "reasoning", "kind")
        }
    return Fields(values={**above, **own.values}, problems=general.problems + own.problems)


def read_terms(fields: Fields) -> Terms | None:
    """The terms of one table, None when it speaks of no licence at all."""
    if not {"licence", "address", "reasoning"} & set(fields.values):
        return None
    problems = list(fields.problems)
    values: dict[str, Any] = {}
    for name, read in _READERS:
        try:
            values.update(read(fields.values))
        except Field as problem:
            problems.append(f"{name}: {problem}")
    if problems:
        values["said"] = NOTHING
    return Terms(problems=tuple(dict.fromkeys(problems)), **values)


# ── one reader a field ───────────────────────────────────────────────────────────────────────────────────────────────


def _licence(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    words, address = _text(fields.get("licence")), _text(fields.get("address"))
    yield "statement", (words or address)[:MAX_TEXT_CHARACTERS]
    said, linked = understand(words), understand(address)
    if said.licence and linked.licence and not is_agreeing(said.licence, linked.licence):
        raise Field(f"{words[:80]!r} and the address {address[:120]!r} are different licences")
    # NOASSERTION beside an address: what the manifest does not assert, the address must not.
    yield "said", said if words else linked


def _kind(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    reasoning = _text(fields.get("reasoning"))
    note = " ".join(part for part in (_words(fields.get("note")), reasoning) if part)
    yield "note", note[:MAX_TEXT_CHARACTERS]
    if reasoning and "licence" not in fields:
        yield "statement", "public domain"
        yield "said", understand("public domain")
    if reasoning:
        yield "kind", EvidenceKind.PUBLIC_DOMAIN
    elif "kind" in fields:
        yield (
            "kind",
            _word(fields["kind"], {str(kind): kind for kind in EvidenceKind if kind is not EvidenceKind.OPERATOR}),
        )


def _layer(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "layer" in fields:
        yield "layer", _word(fields["layer"], {str(layer): layer for layer in Layer})


def _channels(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "channels" in fields:
        known = {str(channel): channel for channel in Channel}
        found = {_word(item, known) for item in _list(fields["channels"])}
        if not found:
            raise Field("an empty list allows nothing; leave it out for every channel")
        yield "channels", tuple(sorted(found))


def _territories(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "territories" in fields:
        words = [_text(item) for item in _list(fields["territories"])]
        if not words or "" in words:
            raise Field("an empty list allows nothing; leave it out for the world")
        if not {word.lower() for word in words} & _WORLD:
            yield "territories", tuple(sorted({word.upper()[:80] for word in words}))


def _dates(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, field in (("from", "valid_from"), ("until", "valid_until")):
        if name in fields:
            date = _date(fields[name])
            if not is_date(date):
                raise Field(f"{date[:40]!r} is no date like 2026-12-31")
            yield field, date


def _holders(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "holders" in fields:
        found = (_words(item)[:MAX_TEXT_CHARACTERS] for item in _list(fields["holders"]))
        yield "holders", tuple(dict.fromkeys(one for one in found if one))


_READERS = (
    ("licence", _licence),
    ("kind", _kind),
    ("layer", _layer),
    ("channels", _channels),
    ("territories", _territories),
    ("dates", _dates),
    ("holders", _holders),
)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Field("text was expected")
    return re.sub(r"\s+", " ", value).strip()


def _words(value: Any) -> str:
    # Where nothing hangs on it, what is no text is left out.
    return re.sub(r"\s+", " ", value).strip() if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_LIST_ITEMS:
        raise Field(f"more than {MAX_LIST_ITEMS} items")
    return items


def _word(value: Any, known: Mapping[str, Any]) -> Any:
    word = _text(value).lower()
    if word not in known:
        raise Field(f"{word[:80]!r} is none of: {', '.join(known)}")
    return known[word]


def _date(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        moment = value.astimezone(datetime.UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value) if isinstance(value, datetime.date) else _text(value)
