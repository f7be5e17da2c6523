"""0004: views, what is seeded because somebody asked for it, and which torrents have another in their place.

Frozen: what changes later is a revision of its own. Which torrents were replaced before this, `sonoteca rebuild` reads
from the records.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS: dict[str, type[Any]] = {"": sa.Text, "big": sa.BigInteger, "int": sa.Integer}
TABLES = {
    "obsolete": ("name revision:int flavour", "v1 v2 at reason"),
    "views": ("name", "title asked tier revision:big made_at until files:big bytes:big v1 v2"),
    "view_members": ("view path", "release track file kind digest bytes:big present:big"),
    "demands": ("name flavour", "until v1 v2"),
}
INDEXES = {
    "obsolete_by_time": ("obsolete", "at"),
    "views_by_until": ("views", "until"),
    "view_members_by_release": ("view_members", "release view"),
    "demands_by_until": ("demands", "until"),
}


def columns(names: str, *, is_key: bool = False) -> list[sa.Column[Any]]:
    """The columns that a line of the table above names."""
    pairs = (word.partition(":") for word in names.split())
    return [
        sa.Column(name, KINDS[kind], primary_key=is_key, nullable=False, autoincrement=False) for name, _, kind in pairs
    ]


def upgrade() -> None:
    """From 0003."""
    for name, (key, others) in TABLES.items():
        op.create_table(name, *columns(key, is_key=True), *columns(others), sqlite_with_rowid=False)
    for name, (table, names) in INDEXES.items():
        op.create_index(name, table, names.split())


def downgrade() -> None:
    """Nothing goes back: rebuild makes a catalogue of any form."""
    raise NotImplementedError("catalogues only go forward")
