"""0001: the history of possession audits. Frozen: what changes later is a revision of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INDEXES = {
    "audits_by_time": ["at"],
    "audits_by_volume": ["volume", "at"],
    "audits_by_address": ["address", "at"],
}


def upgrade() -> None:
    """From nothing."""
    texts = ("at", "volume", "volume_hash", "address", "told")
    number = sa.Column("seq", sa.Integer, primary_key=True)
    op.create_table("audits", number, *(sa.Column(name, sa.Text, nullable=False) for name in texts))
    for name, columns in INDEXES.items():
        op.create_index(name, "audits", columns)
    key = sa.Column("volume_hash", sa.Text, primary_key=True, nullable=False)
    op.create_table("sightings", key, *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "told")))


def downgrade() -> None:
    """There is nothing before the first."""
    raise NotImplementedError("the first revision has no predecessor")
