"""0001: the first catalogue. Frozen: what changes later is a revision of its own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AUDIO = "container codec duration_s:real samples:big sample_rate_hz:big channels:big bits:big lossless:big"
KINDS: dict[str, type[Any]] = {"": sa.Text, "big": sa.BigInteger, "int": sa.Integer, "real": sa.Float}

# Table: key columns, other columns (name or name:kind). The tables of a release begin with the column "release".
ALONE = {
    "recordings": ("id", f"digest bytes:big {AUDIO} described_by"),
    "records": ("kind id", "subject made_at commitment"),
    "refused": ("source_key seq:int", "original bytes:big digest code detail at"),
}
OF_RELEASE = {
    "masters": ("path", f"original digest bytes:big role recording {AUDIO} exact:big puid audio_md5"),
    "tracks": (
        "position:int",
        "track recording title artist disc:big side number start_sample:big end_sample:big duration_s:real language",
    ),
    "files": ("seq:int", "original path digest bytes:big role"),
    "identifiers": ("seq:int", "position:big scheme text"),
    "evidence": ("evidence", "kind licence trusted:big text"),
    "reasons": ("seq:int", "decision rule because licence licence_class cure evidence"),
    "verdicts": ("track rendition reason:int", "channels:big"),
    "findings": ("seq:int", "where code severity detail"),
}
RELEASES = (
    "title artist date collection source_key address captured_at version:big added_at changed_at withdrawn:big "
    "digest_set text"
)
QUEUE = "source_key root name plan state collection moves:big bytes:big files:big added_at attempts:big outcome detail"
NULLABLE = frozenset({"end_sample"})
INDEXES = {
    "releases_by_source_key": ("releases", "source_key"),
    "releases_by_digest_set": ("releases", "digest_set"),
    "releases_by_collection": ("releases", "collection id"),
    "tracks_by_track": ("tracks", "track"),
    "files_by_digest": ("files", "digest"),
    "identifiers_by_text": ("identifiers", "scheme text"),
    "evidence_by_id": ("evidence", "evidence"),
    "reasons_by_rule": ("reasons", "decision rule release"),
    "findings_by_code": ("findings", "code"),
    "records_by_subject": ("records", "subject kind"),
    "refused_by_time": ("refused", "at"),
    "queue_by_state": ("queue", "state"),
}


def columns(names: str, *, is_key: bool = False) -> list[sa.Column[Any]]:
    """The columns that a line of the tables above names."""
    found = []
    for word in names.split():
        name, _, kind = word.partition(":")
        nullable = name in NULLABLE
        found.append(sa.Column(name, KINDS[kind], primary_key=is_key, nullable=nullable, autoincrement=False))
    return found


def upgrade() -> None:
    """From nothing."""
    op.create_table("releases", *columns("id", is_key=True), *columns(RELEASES))
    for name, (key, others) in ALONE.items():
        op.create_table(name, *columns(key, is_key=True), *columns(others), sqlite_with_rowid=False)
    for name, (key, others) in OF_RELEASE.items():
        above = sa.ForeignKey("releases.id", ondelete="CASCADE")
        release = sa.Column("release", sa.Text, above, primary_key=True, nullable=False)
        op.create_table(name, release, *columns(key, is_key=True), *columns(others), sqlite_with_rowid=False)
    number = sa.Column("id", sa.Integer, primary_key=True)
    op.create_table("queue", number, *columns(QUEUE), sa.UniqueConstraint("source_key"))
    op.create_table("intents", *columns("job:int", is_key=True), *columns("release staging"))
    number = sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True)
    op.create_table("outbox", number, sa.Column("entry", sa.LargeBinary, nullable=False), sqlite_autoincrement=True)
    for name, (table, names) in INDEXES.items():
        op.create_index(name, table, names.split())


def downgrade() -> None:
    """There is nothing before the first."""
    raise NotImplementedError("the first revision has no predecessor")
