"""0005: what tracks are found by, and which are like each other. Empty until `sonoteca rebuild`, which reads the
fingerprints from the store.

Frozen: what changes later is a revision of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0004."""
    op.create_table(
        "marks",
        sa.Column(
            "release", sa.Text, sa.ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True, nullable=False
        ),
        sa.Column("track", sa.Text, primary_key=True, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("print", sa.Text, nullable=False),
        sa.Column("pcm_md5", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    for column in ("mark", "pcm_md5", "track"):
        op.create_index(f"marks_by_{column}", "marks", [column])
    op.create_table(
        "likenesses",
        sa.Column("track", sa.Text, primary_key=True, nullable=False),
        sa.Column("other", sa.Text, primary_key=True, nullable=False),
        sa.Column("likeness", sa.Text, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("error", "offset_s", "start_s", "span_s")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Nothing goes back: rebuild makes a catalogue of any form."""
    raise NotImplementedError("catalogues only go forward")
