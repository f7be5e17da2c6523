"""0003: which release has a file of a digest that was made, for the website, without looking at all of them.

Frozen: what changes later is a revision of its own.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0002."""
    op.create_index("renditions_by_digest", "renditions", ["digest"])


def downgrade() -> None:
    """Nothing goes back: rebuild makes a catalogue of any form."""
    raise NotImplementedError("catalogues only go forward")
