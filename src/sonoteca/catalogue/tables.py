"""Tables: the catalogue's rows, as SQLAlchemy Core knows them. What each column means: docs/formats/catalogue.md.

Three kinds of tables:
  derived        releases and everything below them: made again by rebuild; children go with their release (CASCADE)
  shared         recordings: one row for the same bytes in however many releases; `described_by` is the release whose
                 master gave the row (the smallest id), so that the row is the same in whatever order releases came
  work in flight queue, intents, outbox, refused: what is being done now

Children have the release first in their key and no rowid: the rows of one release lie together, so saving one touches
as many pages in a large archive as in a small one.

Text that may come from outside, and what is looked up by it, has the type Name: names that are not valid Unicode, and
NUL, survive (formats/escape.py).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

from sonoteca.formats.escape import format_text, parse_text
from sonoteca.ports.database import Schema

REVISION = "0001"
METADATA = MetaData()
SCHEMA = Schema(METADATA, REVISION, "sonoteca.catalogue:migrations")


class Name(TypeDecorator[str]):
    """Text from outside: any Python string."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Into the database."""
        return None if value is None else format_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Out of it."""
        return None if value is None else parse_text(value)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **more)


def _name(name: str, **more: Any) -> Column[str]:
    return Column(name, Name, nullable=False, **more)


def _whole(name: str, **more: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **more)


def _real(name: str) -> Column[float]:
    return Column(name, Float, nullable=False)


def _of_release() -> Column[str]:
    return Column("release", Name, ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True, nullable=False)


def _key(name: str, kind: type[Name] | type[Integer] = Name) -> Column[Any]:
    return Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def _audio() -> tuple[Column[Any], ...]:
    return (
        _text("container"),
        _text("codec"),
        _real("duration_s"),
        _whole("samples"),
        _whole("sample_rate_hz"),
        _whole("channels"),
        _whole("bits"),
        _whole("lossless"),
    )


releases = Table(
    "releases",
    METADATA,
    _key("id"),
    _name("title"),
    _name("artist"),
    _name("date"),
    _name("collection"),
    _name("source_key"),
    _name("address"),
    _text("captured_at"),
    _whole("version"),
    _text("added_at"),
    _text("changed_at"),
    _whole("withdrawn"),
    _text("digest_set"),
    _text("text"),
    Index("releases_by_source_key", "source_key"),
    Index("releases_by_digest_set", "digest_set"),
    Index("releases_by_collection", "collection", "id"),
)

recordings = Table(
    "recordings",
    METADATA,
    _key("id"),
    _text("digest"),
    _whole("bytes"),
    *_audio(),
    _text("described_by"),
    sqlite_with_rowid=False,
)

masters = Table(
    "masters",
    METADATA,
    _of_release(),
    _key("path"),
    _name("original"),
    _text("digest"),
    _whole("bytes"),
    _text("role"),
    _name("recording"),
    *_audio(),
    _whole("exact"),
    _text("puid"),
    _text("audio_md5"),
    sqlite_with_rowid=False,
)

tracks = Table(
    "tracks",
    METADATA,
    _of_release(),
    _key("position", Integer),
    _name("track"),
    _name("recording"),
    _name("title"),
    _name("artist"),
    _whole("disc"),
    _name("side"),
    _name("number"),
    _whole("start_sample"),
    Column("end_sample", BigInteger, nullable=True),
    _real("duration_s"),
    _name("language"),
    Index("tracks_by_track", "track"),
    sqlite_with_rowid=False,
)

files = Table(
    "files",
    METADATA,
    _of_release(),
    _key("seq", Integer),
    _name("original"),
    _name("path"),
    _text("digest"),
    _whole("bytes"),
    _text("role"),
    Index("files_by_digest", "digest"),
    sqlite_with_rowid=False,
)

identifiers = Table(
    "identifiers",
    METADATA,
    _of_release(),
    _key("seq", Integer),
    _whole("position"),
    _name("scheme"),
    _name("text"),
    Index("identifiers_by_text", "scheme", "text"),
    sqlite_with_rowid=False,
)

evidence = Table(
    "evidence",
    METADATA,
    _of_release(),
    _key("evidence"),
    _text("kind"),
    _name("licence"),
    _whole("trusted"),
    _text("text"),
    Index("evidence_by_id", "evidence"),
    sqlite_with_rowid=False,
)

# A release's verdicts say few different things: each of them once, and which track has it on which channels.
reasons = Table(
    "reasons",
    METADATA,
    _of_release(),
    _key("seq", Integer),
    _text("decision"),
    _text("rule"),
    _name("because"),
    _name("licence"),
    _text("licence_class"),
    _name("cure"),
    _text("evidence"),
    Index("reasons_by_rule", "decision", "rule", "release"),
    sqlite_with_rowid=False,
)

verdicts = Table(
    "verdicts",
    METADATA,
    _of_release(),
    _key("track"),
    _key("rendition"),
    _key("reason", Integer),
    _whole("channels"),
    sqlite_with_rowid=False,
)

findings = Table(
    "findings",
    METADATA,
    _of_release(),
    _key("seq", Integer),
    _name("where"),
    _text("code"),
    _text("severity"),
    _name("detail"),
    Index("findings_by_code", "code"),
    sqlite_with_rowid=False,
)

records = Table(
    "records",
    METADATA,
    _key("kind"),
    _key("id"),
    _name("subject"),
    _text("made_at"),
    _text("commitment"),
    Index("records_by_subject", "subject", "kind"),
    sqlite_with_rowid=False,
)

# ── work in flight ───────────────────────────────────────────────────────────────────────────────────────────────────

refused = Table(
    "refused",
    METADATA,
    _key("source_key"),
    _key("seq", Integer),
    _name("original"),
    _whole("bytes"),
    _text("digest"),
    _text("code"),
    _name("detail"),
    _text("at"),
    Index("refused_by_time", "at"),
    sqlite_with_rowid=False,
)

queue = Table(
    "queue",
    METADATA,
    Column("id", Integer, primary_key=True),
    _name("source_key", unique=True),
    _name("root"),
    _name("name"),
    _text("plan"),
    _text("state"),
    _name("collection"),
    _whole("moves"),
    _whole("bytes"),
    _whole("files"),
    _text("added_at"),
    _whole("attempts"),
    _text("outcome"),
    _name("detail"),
    Index("queue_by_state", "state"),
)

intents = Table(
    "intents",
    METADATA,
    Column("job", Integer, primary_key=True, autoincrement=False),
    _text("release"),
    _text("staging"),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("entry", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice
)

# What rebuild makes again: equal truth, equal rows.
DERIVED = (releases, recordings, masters, tracks, files, identifiers, evidence, reasons, verdicts, findings, records)
# What hangs on a release, in the order of insertion.
CHILDREN = (masters, tracks, files, identifiers, evidence, reasons, verdicts, findings)
