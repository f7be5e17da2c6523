"""0002: what the seeder found damaged. Frozen: what changes later is a revision of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table more."""
    key = sa.Column("path", sa.Text, primary_key=True, nullable=False)
    op.create_table("damages", key, *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "torrent")))


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("private.sqlite only goes forward")
