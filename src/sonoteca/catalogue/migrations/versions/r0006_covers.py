"""0006: which picture a file that was made carries, and how many a master came with. Empty: none made before carries
one; what a master came with is written with the next word about its release, as all of a release's rows are.

Frozen: what changes later is a revision of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0005."""
    op.add_column("masters", sa.Column("pictures", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("masters", sa.Column("picture", sa.Text, nullable=False, server_default=""))
    op.create_index("masters_by_picture", "masters", ["picture"], sqlite_where=sa.text("picture != ''"))
    op.add_column("renditions", sa.Column("cover", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Nothing goes back: rebuild makes a catalogue of any form."""
    raise NotImplementedError("catalogues only go forward")
