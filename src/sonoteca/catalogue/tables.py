"""Tables: the catalogue's rows, as SQLAlchemy Core knows them. What each column means: docs/formats/catalogue.md.

Three kinds of tables:
  derived        releases and everything below them: made again by rebuild; children go with their release (CASCADE)
  shared         recordings: one row for the same bytes in however many releases; `described_by` is the release whose
                 master gave the row (the smallest id), so that the row is the same in whatever order releases came
  work in flight queue, intents, outbox, refused: what is being done now

Children have the release first in their key and no rowid: the rows of one release lie together, so saving one touches
as many pages in a large archive as in a small one.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from sonoteca.catalogue import columns
from sonoteca.catalogue.inside import inside_table
from sonoteca.catalogue.sameness_tables import sameness_tables
from sonoteca.ports.database import Schema

REVISION = "0007"
METADATA = MetaData()
SCHEMA = Schema(METADATA, REVISION, "sonoteca.catalogue:migrations")

releases = Table(
    "releases",
    METADATA,
    columns.key("id"),
    columns.name("title"),
    columns.name("artist"),
    columns.name("date"),
    columns.name("collection"),
    columns.name("source_key"),
    columns.name("address"),
    columns.text("captured_at"),
    columns.whole("version"),
    columns.text("added_at"),
    columns.text("changed_at"),
    columns.whole("withdrawn"),
    columns.text("digest_set"),
    columns.text("text"),
    Index("releases_by_source_key", "source_key"),
    Index("releases_by_digest_set", "digest_set"),
    Index("releases_by_collection", "collection", "id"),
)

recordings = Table(
    "recordings",
    METADATA,
    columns.key("id"),
    columns.text("digest"),
    columns.whole("bytes"),
    *columns.audio(),
    columns.text("described_by"),
    sqlite_with_rowid=False,
)

masters = Table(
    "masters",
    METADATA,
    columns.of_release(),
    columns.key("path"),
    columns.name("original"),
    columns.text("digest"),
    columns.whole("bytes"),
    columns.text("role"),
    columns.name("recording"),
    *columns.audio(),
    columns.whole("exact"),
    columns.text("puid"),
    columns.text("audio_md5"),
    columns.whole("pictures", server_default="0"),
    columns.text("picture", server_default=""),
    sqlite_with_rowid=False,
)

inside = inside_table(METADATA)

tracks = Table(
    "tracks",
    METADATA,
    columns.of_release(),
    columns.key("position", Integer),
    columns.name("track"),
    columns.name("recording"),
    columns.name("title"),
    columns.name("artist"),
    columns.whole("disc"),
    columns.name("side"),
    columns.name("number"),
    columns.whole("start_sample"),
    Column("end_sample", BigInteger, nullable=True),
    columns.real("duration_s"),
    columns.name("language"),
    columns.whole("withdrawn", server_default="0"),
    Index("tracks_by_track", "track"),
    sqlite_with_rowid=False,
)

files = Table(
    "files",
    METADATA,
    columns.of_release(),
    columns.key("seq", Integer),
    columns.name("original"),
    columns.name("path"),
    columns.text("digest"),
    columns.whole("bytes"),
    columns.text("role"),
    Index("files_by_digest", "digest"),
    sqlite_with_rowid=False,
)

identifiers = Table(
    "identifiers",
    METADATA,
    columns.of_release(),
    columns.key("seq", Integer),
    columns.whole("position"),
    columns.name("scheme"),
    columns.name("text"),
    Index("identifiers_by_text", "scheme", "text"),
    sqlite_with_rowid=False,
)

evidence = Table(
    "evidence",
    METADATA,
    columns.of_release(),
    columns.key("evidence"),
    columns.text("kind"),
    columns.name("licence"),
    columns.whole("trusted"),
    columns.text("text"),
    Index("evidence_by_id", "evidence"),
    sqlite_with_rowid=False,
)

# A release's verdicts say few different things: each of them once, and which track has it on which channels.
reasons = Table(
    "reasons",
    METADATA,
    columns.of_release(),
    columns.key("seq", Integer),
    columns.text("decision"),
    columns.text("rule"),
    columns.name("because"),
    columns.name("licence"),
    columns.text("licence_class"),
    columns.name("cure"),
    columns.text("evidence"),
    Index("reasons_by_rule", "decision", "rule", "release"),
    sqlite_with_rowid=False,
)

verdicts = Table(
    "verdicts",
    METADATA,
    columns.of_release(),
    columns.key("track"),
    columns.key("rendition"),
    columns.key("reason", Integer),
    columns.whole("channels"),
    sqlite_with_rowid=False,
)

findings = Table(
    "findings",
    METADATA,
    columns.of_release(),
    columns.key("seq", Integer),
    columns.name("where"),
    columns.text("code"),
    columns.text("severity"),
    columns.name("detail"),
    Index("findings_by_code", "code"),
    sqlite_with_rowid=False,
)

sounds = Table(
    "sounds",
    METADATA,
    columns.of_release(),
    columns.key("track"),
    columns.name("master"),
    columns.text("recipe"),
    columns.whole("samples"),
    columns.level("integrated_lufs"),
    columns.level("range_lu"),
    columns.level("true_peak_dbtp"),
    columns.whole("lost_packets"),
    columns.real("lost_seconds"),
    columns.whole("refused"),
    sqlite_with_rowid=False,
)

# Files made of a track, and the credits that travel with every published one (tier "credits").
renditions = Table(
    "renditions",
    METADATA,
    columns.of_release(),
    columns.key("path"),
    columns.name("track"),
    columns.text("tier"),
    columns.text("recipe"),
    columns.text("digest"),
    columns.whole("bytes"),
    columns.text("rights"),
    columns.text("cover", server_default=""),
    Index("renditions_by_digest", "digest"),
    sqlite_with_rowid=False,
)

marks, likenesses = sameness_tables(METADATA)

# ── volumes: from the records of their newest revisions ──────────────────────────────────────────────────────────────

volumes = Table(
    "volumes",
    METADATA,
    columns.key("name"),
    columns.name("collection"),
    columns.text("tier"),
    columns.text("licence_class"),
    columns.whole("number"),
    columns.whole("revision"),
    columns.text("opened_at"),
    columns.whole("files"),
    columns.whole("bytes"),
    columns.text("v1"),
    columns.text("v2"),
    Index("volumes_by_group", "collection", "tier", "licence_class", "number"),
    sqlite_with_rowid=False,
)

members = Table(
    "members",
    METADATA,
    columns.key("volume"),
    columns.key("path"),
    *columns.slot(),
    Index("members_by_release", "release", "volume"),
    Index("members_by_digest", "digest"),
    sqlite_with_rowid=False,
)

# What was in a swarm once and has another in its place now, or none.
obsolete = Table(
    "obsolete",
    METADATA,
    columns.key("name"),
    columns.key("revision", Integer),
    columns.key("flavour"),
    columns.text("v1"),
    columns.text("v2"),
    columns.text("at"),
    columns.text("reason"),
    Index("obsolete_by_time", "at"),
    sqlite_with_rowid=False,
)

# ── views: an operator's from the records of their newest revisions, a visitor's for as long as it is wanted ─────────

views = Table(
    "views",
    METADATA,
    columns.key("name"),
    columns.name("title"),
    columns.name("asked"),
    columns.text("tier"),
    columns.whole("revision"),
    columns.text("made_at"),
    columns.text("until"),
    columns.whole("files"),
    columns.whole("bytes"),
    columns.text("v1"),
    columns.text("v2"),
    Index("views_by_until", "until"),
    sqlite_with_rowid=False,
)

view_members = Table(
    "view_members",
    METADATA,
    columns.key("view"),
    columns.key("path"),
    *columns.slot(),
    Index("view_members_by_release", "release", "view"),
    sqlite_with_rowid=False,
)

records = Table(
    "records",
    METADATA,
    columns.key("kind"),
    columns.key("id"),
    columns.name("subject"),
    columns.text("made_at"),
    columns.text("commitment"),
    Index("records_by_subject", "subject", "kind"),
    sqlite_with_rowid=False,
)

# ── work in flight ───────────────────────────────────────────────────────────────────────────────────────────────────

refused = Table(
    "refused",
    METADATA,
    columns.key("source_key"),
    columns.key("seq", Integer),
    columns.name("original"),
    columns.whole("bytes"),
    columns.text("digest"),
    columns.text("code"),
    columns.name("detail"),
    columns.text("at"),
    Index("refused_by_time", "at"),
    sqlite_with_rowid=False,
)

queue = Table(
    "queue",
    METADATA,
    Column("id", Integer, primary_key=True),
    columns.name("source_key", unique=True),
    columns.name("root"),
    columns.name("name"),
    columns.text("plan"),
    columns.text("state"),
    columns.name("collection"),
    columns.whole("moves"),
    columns.whole("bytes"),
    columns.whole("files"),
    columns.text("added_at"),
    columns.whole("attempts"),
    columns.text("outcome"),
    columns.name("detail"),
    Index("queue_by_state", "state"),
)

# Releases whose publication has to be looked at: rows, verdicts or files are others than the volumes know.
changed = Table(
    "changed",
    METADATA,
    columns.key("release"),
    sqlite_with_rowid=False,
)

# Torrents that are seeded because somebody asked for them: which of a volume or view, until when.
demands = Table(
    "demands",
    METADATA,
    columns.key("name"),
    columns.key("flavour"),
    columns.text("until"),
    columns.text("v1"),
    columns.text("v2"),
    Index("demands_by_until", "until"),
    sqlite_with_rowid=False,
)

intents = Table(
    "intents",
    METADATA,
    Column("job", Integer, primary_key=True, autoincrement=False),
    columns.text("release"),
    columns.text("staging"),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("entry", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice
)

# What hangs on a release, in the order of insertion.
CHILDREN = (
    *(masters, inside, tracks, files, identifiers, evidence, reasons, verdicts, findings, sounds, renditions),
    marks,
)
# What rebuild makes again: equal truth, equal rows.
DERIVED = (
    releases,
    recordings,
    *CHILDREN,
    likenesses,
    volumes,
    members,
    obsolete,
    views,
    view_members,
    records,
)
