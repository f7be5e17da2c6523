"""0002: what is made of recordings, volumes, and the releases whose publication has to be looked at.

Frozen: what changes later is a revision of its own. Releases that are here already are all looked at by the next run.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS: dict[str, type[Any]] = {"": sa.Text, "big": sa.BigInteger, "real": sa.Float, "level": sa.Float}

# Table: key columns, other columns (name or name:kind); a level may be absent.
OF_RELEASE = {
    "sounds": (
        "track",
        "master recipe samples:big integrated_lufs:level range_lu:level true_peak_dbtp:level lost_packets:big "
        "lost_seconds:real refused:big",
    ),
    "renditions": ("path", "track tier recipe digest bytes:big rights"),
}
ALONE = {
    "volumes": (
        "name",
        "collection tier licence_class number:big revision:big opened_at files:big bytes:big v1 v2",
    ),
    "members": ("volume path", "release track file kind digest bytes:big present:big"),
    "changed": ("release", ""),
}
INDEXES = {
    "volumes_by_group": ("volumes", "collection tier licence_class number"),
    "members_by_release": ("members", "release volume"),
    "members_by_digest": ("members", "digest"),
}


def columns(names: str, *, is_key: bool = False) -> list[sa.Column[Any]]:
    """The columns that a line of the tables above names."""
    found = []
    for word in names.split():
        name, _, kind = word.partition(":")
        nullable = kind == "level"
        found.append(sa.Column(name, KINDS[kind], primary_key=is_key, nullable=nullable, autoincrement=False))
    return found


def upgrade() -> None:
    """From 0001."""
    for name, (key, others) in OF_RELEASE.items():
        above = sa.ForeignKey("releases.id", ondelete="CASCADE")
        release = sa.Column("release", sa.Text, above, primary_key=True, nullable=False)
        op.create_table(name, release, *columns(key, is_key=True), *columns(others), sqlite_with_rowid=False)
    for name, (key, others) in ALONE.items():
        op.create_table(name, *columns(key, is_key=True), *columns(others), sqlite_with_rowid=False)
    # Nothing was withdrawn before there was a way to do it.
    op.add_column("tracks", sa.Column("withdrawn", sa.BigInteger, nullable=False, server_default="0"))
    for name, (table, names) in INDEXES.items():
        op.create_index(name, table, names.split())
    op.execute("INSERT INTO changed SELECT id FROM releases")


def downgrade() -> None:
    """Nothing goes back: rebuild makes a catalogue of any form."""
    raise NotImplementedError("catalogues only go forward")
