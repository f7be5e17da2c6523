"""Debian copyright files in machine-readable form (DEP-5, copyright-format/1.0): which licence covers which file.

Takes  the text of a COPYRIGHT file.   Gives  stanzas; and for a file of ours the licence of the stanza that covers it.
Never  guesses between stanzas. Their paths are those of a package's source, ours are others: a stanza that names our
       file counts; where only patterns for folders that we do not have could mean it, all that could are named, and
       none counts.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sonoteca.rights.globs import is_glob, is_matching
from sonoteca.rights.licence_table import OTHER_TERMS
from sonoteca.rights.licences import Understood, understand, understand_text

MAX_PARAGRAPHS = 5_000
MAX_HOLDERS = 50
MAX_WILDCARDS = 500
_FORMAT = re.compile(r"(?im)^Format(?:-Specification)?:.*(?:copyright-format|dep-?5|copyright/1)")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """One Files paragraph: its patterns, the short name of its licence, what was understood of it, who holds the
    rights."""

    patterns: tuple[str, ...]
    name: str
    said: Understood
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a file says of one of ours: `statement` as found, what was understood, the rights holders."""

    statement: str
    said: Understood
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dep5:
    """The stanzas in their order (the last one that fits counts), and where to look for a name: `by_name` has the
    literal paths by their last part, `wild` those with wildcards, each with the number of its stanza."""

    stanzas: tuple[Stanza, ...]
    by_name: Mapping[str, tuple[tuple[int, str], ...]]
    wild: tuple[tuple[int, str], ...]

    def coverage(self, path: str) -> Coverage | None:
        """What it says of the file at this path below it; None when no stanza could mean it."""
        name = path.rsplit("/", 1)[-1]
        literal = self.by_name.get(name, ())
        if exact := [number for number, pattern in literal if _is_naming(pattern, path)]:
            return _coverage([self.stanzas[exact[-1]]])
        if fitting := [number for number, pattern in self.wild if pattern != "*" and is_matching(pattern, path)]:
            return _coverage([self.stanzas[fitting[-1]]])
        # A pattern for a folder that we do not have may still mean our file, moved.
        possible = {number for number, pattern in self.wild if is_matching(pattern.rsplit("/", 1)[-1], name)}
        possible.update(number for number, _ in literal)
        return _coverage([self.stanzas[number] for number in sorted(possible)]) if possible else None


def is_dep5(text: str) -> bool:
    """Whether the text begins as the format demands: its first paragraph has a Format field with the format's
    address."""
    return _FORMAT.search(text[:4000].partition("\n\n")[0]) is not None


def parse_dep5(text: str) -> Dep5:
    """The Files paragraphs but those for Debian's own packaging. ValueError when there are more than anybody writes."""
    paragraphs = [dict(_fields(part)) for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))]
    if len(paragraphs) > MAX_PARAGRAPHS:
        raise ValueError(f"more than {MAX_PARAGRAPHS} paragraphs")
    stanzas = tuple(_stanzas(paragraphs))
    by_name: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    wild: list[tuple[int, str]] = []
    for number, stanza in enumerate(stanzas):
        for pattern in stanza.patterns:
            (wild if is_glob(pattern) else by_name[pattern.rsplit("/", 1)[-1]]).append((number, pattern))
    if len(wild) > MAX_WILDCARDS:
        raise ValueError(f"more than {MAX_WILDCARDS} patterns with wildcards")
    return Dep5(stanzas=stanzas, by_name={name: tuple(found) for name, found in by_name.items()}, wild=tuple(wild))


def _stanzas(paragraphs: list[dict[str, str]]) -> Iterator[Stanza]:
    texts: dict[str, str] = {}
    for fields in paragraphs:
        name, _, body = fields.get("license", "").partition("\n")
        if "files" not in fields and body.strip():
            texts.setdefault(name.strip().lower(), body)
    known: dict[tuple[str, str], Understood] = {}
    for fields in paragraphs:
        patterns = tuple(one.removeprefix("./") for one in fields.get("files", "").replace(",", " ").split())
        if patterns and "debian/*" not in patterns:
            name, _, body = fields.get("license", "").partition("\n")
            # The short name may be any word; its text, here or in a paragraph of its own, then says what it is.
            said = (name.strip(), body if body.strip() else texts.get(name.strip().lower(), ""))
            if said not in known:
                known[said] = _understand(*said)
            yield Stanza(patterns=patterns, name=said[0][:500], said=known[said], holders=_holders(fields))


def _fields(paragraph: str) -> Iterator[tuple[str, str]]:
    name = ""
    lines: list[str] = []
    for line in paragraph.split("\n"):
        if hit := _FIELD.fullmatch(line):
            yield name, "\n".join(lines)
            name, lines = hit[1].lower(), [hit[2]]
        else:
            lines.append(line.removeprefix(" ."))
    yield name, "\n".join(lines)


def _understand(name: str, text: str) -> Understood:
    said = understand(name)
    return understand_text(text) if text and not said.licence else said


def _holders(fields: Mapping[str, str]) -> tuple[str, ...]:
    lines = (line.strip() for line in fields.get("copyright", "").split("\n"))
    return tuple(line for line in lines if line)[:MAX_HOLDERS]


def _coverage(stanzas: list[Stanza]) -> Coverage:
    first = stanzas[0]
    if len({stanza.said for stanza in stanzas}) == 1:
        return Coverage(statement=first.name, said=first.said, holders=first.holders)
    saids = [stanza.said for stanza in stanzas]
    named = [name for said in saids for name in ((said.licence,) if said.licence else said.names or (OTHER_TERMS,))]
    statement = ", ".join(dict.fromkeys(stanza.name for stanza in stanzas))
    return Coverage(statement=statement, said=Understood(names=tuple(dict.fromkeys(named))), holders=())


def _is_naming(pattern: str, path: str) -> bool:
    # "etc/samples/a.flac" names our "a.flac" and our "samples/a.flac": one path ends with the other, part by part.
    ours, theirs = path.split("/")[::-1], pattern.split("/")[::-1]
    length = min(len(ours), len(theirs))
    return ours[:length] == theirs[:length]
