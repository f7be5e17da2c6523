"""Records: every decision in readable form, numbered for each subject; and the letters that decisions rest on.

Takes  a kind, a subject, the canonical JSON of a decision.   Gives  the Record, durable.
Never  changes a record, or passes over one that cannot be read: that is Damaged, with its place.
Order  the file is whole and durable before its Record is given. A decision that says the same as the last one of its
       subject is that one, so a step that was broken off may be run again.

    records/<kind>/<h2>/<slug>/<number>.json      slug: what can be read of the subject, and 32 digits of its hash
    records/attachments/<h2>/<digest>.<suffix>    h2: the first two digits

A record that has to be erased leaves a gap in the numbers (docs/formats/records.md). The ledger keeps salted
commitments to records and nothing else: without the salt, which goes with the record, they say nothing.
"""

import dataclasses
import hashlib
import re
from collections.abc import Iterator
from typing import ClassVar, Protocol

from sonoteca.formats import json, plain
from sonoteca.model.errors import Damaged, SonotecaError
from sonoteca.model.finding import Finding, finding
from sonoteca.model.ids import Digest, is_digest
from sonoteca.model.record import Record, RecordKind
from sonoteca.model.source import Kind
from sonoteca.ports.clock import Entropy
from sonoteca.ports.disk import HALF, Disk

ATTACHMENTS = "attachments"
MAX_NUMBER = 999_999
MAX_RECORD_BYTES = 64 * 1024 * 1024
_NUMBER_NAME = re.compile(r"[0-9]{6}\.json")
_ATTACHMENT_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9]{1,8})")
_SUFFIX = re.compile(r"[a-z0-9]{1,8}")
_CURE = "restore records/ from a backup; what the ledger has of it stays verifiable"


class Records(Protocol):
    """The decisions of the archive."""

    def append(self, kind: RecordKind, subject: str, body: str, made_at: str) -> Record:
        """The record of this decision: a new one, unless the last of kind and subject says the same.

        `body` is canonical JSON, else ValueError.
        """

    def last(self, kind: RecordKind, subject: str) -> Record | None:
        """The newest decision of this kind about this subject."""

    def of(self, kind: RecordKind, subject: str) -> tuple[Record, ...]:
        """All decisions of this kind about this subject, oldest first."""

    def all(self, kind: RecordKind) -> Iterator[Record]:
        """All decisions of this kind, those about one subject together and oldest first; memory bounded."""

    def attach(self, content: bytes, suffix: str) -> Digest:
        """Keeps a letter or page; `suffix` as in its file's name ("pdf", ".PDF"), what is odd becomes "bin"."""

    def attachment(self, digest: Digest) -> bytes:
        """What was attached; Damaged when it is missing or has other bytes."""

    def verify(self) -> Iterator[Finding]:
        """Everything here that cannot be read or is not what its name says."""


class DiskRecords:
    """Records as files below records/."""

    PLACES: ClassVar[tuple[str, ...]] = ("records",)

    def __init__(self, disk: Disk, entropy: Entropy) -> None:
        self._disk = disk
        self._entropy = entropy

    def append(self, kind: RecordKind, subject: str, body: str, made_at: str) -> Record:
        """See Records.append."""
        verify_body(body)
        last = self.last(kind, subject)
        if last is not None and last.body == body:
            return last
        draft = Record(kind=kind, id="", subject=subject, made_at=made_at, salt="", body=body)
        record = numbered(draft, last, self._entropy)
        self._disk.write(path_of(record), format_record(record))
        return record

    def last(self, kind: RecordKind, subject: str) -> Record | None:
        """See Records.last."""
        folder = folder_of(kind, subject)
        names = self._names(folder)
        return self._load(f"{folder}/{names[-1]}") if names else None

    def of(self, kind: RecordKind, subject: str) -> tuple[Record, ...]:
        """See Records.of."""
        folder = folder_of(kind, subject)
        return tuple(self._load(f"{folder}/{name}") for name in self._names(folder))

    def all(self, kind: RecordKind) -> Iterator[Record]:
        """See Records.all."""
        for path in self._files(f"records/{kind}"):
            yield self._load(path)

    def attach(self, content: bytes, suffix: str) -> Digest:
        """See Records.attach."""
        digest = Digest(hashlib.sha256(content).hexdigest())
        if self._find_attachment(digest) is None:
            self._disk.write(f"records/{ATTACHMENTS}/{digest[:2]}/{digest}.{_plain_suffix(suffix)}", content)
        return digest

    def attachment(self, digest: Digest) -> bytes:
        """See Records.attachment."""
        path = self._find_attachment(digest)
        if path is None:
            raise Damaged("attachment", "this letter or page is missing", where=digest, cure=_CURE)
        return self._load_attachment(path)

    def verify(self) -> Iterator[Finding]:
        """See Records.verify."""
        for path in self._files("records"):
            try:
                self._verify_file(path)
            except SonotecaError as error:
                yield finding("S901", where=path, detail=error.what)

    # ── one file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _files(self, folder: str) -> Iterator[str]:
        for item in self._disk.walk(folder):
            if item.kind is not Kind.FOLDER and not item.path.rpartition("/")[2].startswith(HALF):
                yield item.path

    def _names(self, folder: str) -> list[str]:
        names = [name for name in self._disk.list(folder) if not name.startswith(HALF)]
        for name in names:
            _verify_name(f"{folder}/{name}")
        return names

    def _load(self, path: str) -> Record:
        _verify_name(path)
        raw = self._disk.read(path, max_bytes=MAX_RECORD_BYTES)
        try:
            record = parse_record(raw)
        except ValueError as error:
            raise Damaged("record", f"the record cannot be read: {error}", where=path, cure=_CURE) from error
        if path_of(record) != path:
            raise Damaged("record", "the record belongs elsewhere", where=path, cure=_CURE)
        return record

    def _find_attachment(self, digest: Digest) -> str | None:
        folder = f"records/{ATTACHMENTS}/{digest[:2]}"
        found = [name for name in self._disk.list(folder) if name.startswith(digest + ".")] if is_digest(digest) else []
        return f"{folder}/{found[0]}" if found else None

    def _load_attachment(self, path: str) -> bytes:
        name = _ATTACHMENT_NAME.fullmatch(path.rpartition("/")[2])
        content = self._disk.read(path)
        if not name or hashlib.sha256(content).hexdigest() != name[1] or path.split("/")[2] != name[1][:2]:
            raise Damaged("attachment", "it has not the bytes that its name says", where=path, cure=_CURE)
        return content

    def _verify_file(self, path: str) -> None:
        if path.split("/")[1] == ATTACHMENTS:
            self._load_attachment(path)
        else:
            self._load(path)


# ── names and bytes ──────────────────────────────────────────────────────────────────────────────────────────────────


def slug_of(subject: str) -> str:
    """A name for the subject that any file system takes; two subjects never share one."""
    readable = re.sub(r"[^a-z0-9]+", "-", subject.lower())[:40].strip("-")
    return f"{readable}-{_hash(subject)}".removeprefix("-")


def folder_of(kind: RecordKind, subject: str) -> str:
    """Where the decisions of this kind about this subject stand."""
    return f"records/{kind}/{_hash(subject)[:2]}/{slug_of(subject)}"


def path_of(record: Record) -> str:
    """Where a record stands."""
    slug, _, number = record.id.rpartition(".")
    if slug != slug_of(record.subject) or not _NUMBER_NAME.fullmatch(f"{number}.json"):
        raise Damaged("record", "the id of the record is not that of its subject", where=record.id, cure=_CURE)
    return f"{folder_of(record.kind, record.subject)}/{number}.json"


def numbered(draft: Record, last: Record | None, entropy: Entropy) -> Record:
    """The draft with the number after that of `last`, and its salt."""
    number = 1 if last is None else int(last.id.rpartition(".")[2]) + 1
    if number > MAX_NUMBER:
        raise ValueError(f"there are {MAX_NUMBER} records of kind {draft.kind} about {draft.subject}")
    name = f"{slug_of(draft.subject)}.{number:06d}"
    return dataclasses.replace(draft, id=name, salt=entropy.salt(f"{draft.kind}/{name}"))


def parse_record(raw: bytes) -> Record:
    """The record; ValueError when its bytes are not the canonical ones of a record."""
    record = plain.from_plain(Record, json.parse_object(raw))
    verify_body(record.body)
    if format_record(record) != raw:
        raise ValueError("the bytes are not in canonical form")
    return record


def format_record(record: Record) -> bytes:
    """Canonical JSON (RFC 8785) of the record."""
    return json.format(plain.to_plain(record))


def verify_body(body: str) -> None:
    """ValueError unless the body is canonical JSON."""
    raw = body.encode("utf-8")
    if json.format(json.parse(raw)) != raw:
        raise ValueError("the body of a record is not in canonical form")


def _hash(subject: str) -> str:
    return hashlib.sha256(subject.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _verify_name(path: str) -> None:
    if not _NUMBER_NAME.fullmatch(path.rpartition("/")[2]):
        raise Damaged("record", "this is not a record", where=path, cure="move the file out of records/")


def _plain_suffix(suffix: str) -> str:
    plain_form = suffix.lower().removeprefix(".")
    return plain_form if _SUFFIX.fullmatch(plain_form) else "bin"
