"""Checksum lists: what somebody said the bytes were, compared with what they are.

Takes  the bytes of a list and its path in the release; later the digests of the files beside it.
Gives  ChecksumList: paths and values; then findings: agrees, does not agree, missing, not listed.
Never  reads a file, and never lets a list speak of anything outside its own folder. A list is a claim: to agree is a
       note, and not to agree refuses nothing.

Lists know files under the names they had when the list was made: letters in another case or composition, another
encoding, "name.wav" for what is kept as "name.flac". So a path is looked up as written, then as its bytes were, then
without case; and an MD5 of samples also without the ending.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, repeat

from sonoteca.acquire.checksum_lines import (
    AUDIO_MD5,
    ChecksumLine,
    ListKind,
    bag_algorithm,
    find_kind,
    inner_path,
    is_declaration,
    read_line,
)
from sonoteca.acquire.encodings import decode_text
from sonoteca.acquire.roles import ending_of
from sonoteca.formats.naming import split_ending
from sonoteca.formats.pieces import EXTRA_DIGESTS
from sonoteca.model.finding import Finding, finding

MAX_BYTES = 4 * 1024 * 1024
MAX_LINES = 200_000
MAX_LINE_CHARS = 8_192
MAX_NAMED = 10
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumList:
    """A list. `name` is its path in the release; `algorithm` that of all lines, "" when they differ."""

    name: str
    kind: ListKind
    algorithm: str
    lines: tuple[ChecksumLine, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def folder(self) -> str:
        """The folder that its paths start from."""
        return self.name.rpartition("/")[0]


def is_list(path: str) -> bool:
    """Whether a file is a checksum list, by its name."""
    return find_kind(path) is not None


def parse_list(name: str, raw: bytes) -> ChecksumList:
    """The list of this name. Never fails: what cannot be understood is a finding. `name` is its path in the release."""
    kind = find_kind(name) or ListKind.DIGESTS
    if len(raw) > MAX_BYTES:
        return ChecksumList(
            name=name, kind=kind, algorithm="", lines=(), findings=(finding("K005", where=name, detail="too large"),)
        )
    if is_declaration(name):
        return ChecksumList(name=name, kind=kind, algorithm="", lines=(), findings=tuple(_declared(name, raw)))
    draft = _Draft(name, kind)
    for line, raw_line in _lines(raw):
        draft.read(line, raw_line)
    algorithms = {line.algorithm for line in draft.lines}
    return ChecksumList(
        name=name,
        kind=kind,
        algorithm=algorithms.pop() if len(algorithms) == 1 else "",
        lines=tuple(draft.lines),
        findings=tuple(draft.findings()),
    )


def _lines(raw: bytes) -> Iterator[tuple[str, str]]:
    """Each line as text, and with its bytes as found where the encoding was guessed ("" else)."""
    decoded = decode_text(raw)
    texts = (found[0] for found in _LINE.finditer(decoded.text))
    # In no encoding that is guessed is a line break part of another character, so the lines are the same ones.
    as_found = raw.decode("utf-8", "surrogateescape") if decoded.is_guess else ""
    raws = chain((found[0] for found in _LINE.finditer(as_found)), repeat(""))
    return islice(zip(texts, raws, strict=False), MAX_LINES)


def _declared(name: str, raw: bytes) -> Iterator[Finding]:
    """RFC 8493 §2.1.1: two lines, version and encoding."""
    text = decode_text(raw[:1_000]).text
    if not re.match(r"BagIt-Version: \d+\.\d+\r?\n?", text):
        yield finding("K005", where=name, detail="no BagIt-Version")


class _Draft:
    """A list while it is read."""

    def __init__(self, name: str, kind: ListKind) -> None:
        self.name = name
        self.kind = kind
        self.lines: list[ChecksumLine] = []
        self._unread: list[str] = []
        self._outside: list[str] = []
        self._counts = {"unread": 0, "outside": 0}
        self._algorithm = bag_algorithm(name)

    def read(self, line: str, raw_line: str) -> None:
        text = line.lstrip(" \t\ufeff").rstrip("\0\x1a")
        if not text.strip() or text[0] in ";#":
            return
        found = read_line(self.kind, text) if len(text) <= MAX_LINE_CHARS else None
        if found is None or (self._algorithm and found.algorithm != self._algorithm):
            self._note(self._unread, "unread", text)
            return
        path = inner_path(found.path)
        if path is None:
            self._note(self._outside, "outside", found.path)
            return
        raw_found = read_line(self.kind, raw_line.lstrip(" \t")) if raw_line else None
        raw_path = inner_path(raw_found.path) or "" if raw_found else ""
        self.lines.append(ChecksumLine(path=path, value=found.value, algorithm=found.algorithm, raw_path=raw_path))

    def _note(self, notes: list[str], word: str, text: str) -> None:
        self._counts[word] += 1
        if len(notes) < MAX_NAMED:
            notes.append(text[:80])

    def findings(self) -> Iterator[Finding]:
        if self._unread:
            yield finding("K005", where=self.name, detail=f"{self._counts['unread']}: " + " · ".join(self._unread))
        if self._outside:
            yield finding("K006", where=self.name, detail=f"{self._counts['outside']}: " + " · ".join(self._outside))
        values: dict[tuple[str, str], str] = {}
        twice = {
            line.path for line in self.lines if values.setdefault((line.path, line.algorithm), line.value) != line.value
        }
        yield from (finding("K008", where=self.name, detail=path) for path in sorted(twice)[:MAX_NAMED])


def wanted_algorithms(lists: Iterable[ChecksumList]) -> frozenset[str]:
    """The digests to compute besides sha256 while the files are read ("md5", "sha1", "sha512", "crc32"). What is known
    otherwise (sha256, the MD5 of samples) is left out, and what nobody computes."""
    return frozenset(line.algorithm for one in lists for line in one.lines) & EXTRA_DIGESTS


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────

Digests = Mapping[str, str]


def compare(lists: Iterable[ChecksumList], actual: Mapping[str, Digests]) -> tuple[Finding, ...]:
    """What the lists say of the files that are there. `actual`: by path in the release, as found, the digests by
    algorithm (hexadecimal; "audio-md5" for the samples). With the findings of the lists themselves; sorted by path."""
    lists = tuple(lists)
    shelf = _Shelf(actual)
    found = [one for each in lists for one in each.findings]
    agreeing: dict[str, list[str]] = {}
    for each in lists:
        for line in each.lines:
            path = shelf.find(each.folder, line)
            said = _said(each, line, path, actual)
            if said is not None:
                found.append(said)
            elif path is not None:
                agreeing.setdefault(path, []).append(f"{each.name} ({line.algorithm})")
    found += [finding("K001", where=path, detail=", ".join(dict.fromkeys(names))) for path, names in agreeing.items()]
    found += _unlisted(lists, shelf, actual)
    return tuple(sorted(found, key=lambda one: (one.where, one.code, one.detail)))


def _said(each: ChecksumList, line: ChecksumLine, path: str | None, actual: Mapping[str, Digests]) -> Finding | None:
    """What is to say of a line; None when it agrees."""
    if path is None:
        return finding("K003", where=_joined(each.folder, line.path), detail=each.name)
    value = actual[path].get(line.algorithm)
    has_none = line.algorithm == AUDIO_MD5 and not line.value.strip("0")  # a FLAC without an MD5 has zeros there
    if value is None or has_none:
        return finding("K007", where=path, detail=f"{each.name} ({line.algorithm})")
    if value.lower() == line.value:
        return None
    detail = f"{each.name} ({line.algorithm}) has {line.value}, the file {value.lower()}"
    return finding("K002", where=path, detail=detail)


def _unlisted(lists: tuple[ChecksumList, ...], shelf: "_Shelf", actual: Mapping[str, Digests]) -> Iterator[Finding]:
    """Files of a kind that a list names, in a folder that it names: of those it should know all. In a bag it should
    know all that is in data/."""
    listed = {shelf.find(each.folder, line) for each in lists for line in each.lines} | {each.name for each in lists}
    kinds = {(path.rpartition("/")[0], ending_of(path)) for path in listed if path is not None}
    bags = tuple(_joined(each.folder, "data/") for each in lists if is_declaration(each.name))
    for path in actual:
        is_expected = (path.rpartition("/")[0], ending_of(path)) in kinds or path.startswith(bags)
        if is_expected and path not in listed:
            yield finding("K004", where=path)


class _Shelf:
    """The files that are there, to be found by what a list calls them."""

    def __init__(self, actual: Mapping[str, Digests]) -> None:
        self._paths = frozenset(actual)
        self._folded = _only(self._paths, _folded)
        sounding = [path for path, digests in actual.items() if AUDIO_MD5 in digests]
        self._stems = _only(sounding, lambda path: _folded(split_ending(path)[0]))

    def find(self, folder: str, line: ChecksumLine) -> str | None:
        """The path as found that a line means."""
        for path in (line.path, line.raw_path):
            if path and (whole := _joined(folder, path)) in self._paths:
                return whole
        whole = _joined(folder, line.path)
        if found := self._folded.get(_folded(whole)):
            return found
        return self._stems.get(_folded(split_ending(whole)[0])) if line.algorithm == AUDIO_MD5 else None


def _only(paths: Iterable[str], key: Callable[[str], str]) -> dict[str, str]:
    """{key: path} of the paths that no other has the key of."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for path in paths:
        if found.setdefault(key(path), path) != path:
            several.add(key(path))
    return {name: path for name, path in found.items() if name not in several}


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold().rstrip()


def _joined(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
