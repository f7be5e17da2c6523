"""0007: by which digests pictures inside masters are known elsewhere. Empty: they are in the objects, and come with the
next word about their release, as all of its rows do; `sonoteca rights audit` is one about all.

What is said of a release's artwork decides about its originals too, once it is known which have a picture inside
(0006). Releases of which something is said are described again by the next command that writes, as if it had been cut
short.

Frozen: what changes later is a revision of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SAID = '%"layer":"artwork"%'
JOBS = -2_100_000_000  # nobody else's intents have such numbers


def upgrade() -> None:
    """From 0006."""
    op.drop_index("masters_by_picture", "masters")
    op.create_table(
        "inside",
        sa.Column(
            "release", sa.Text, sa.ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True, nullable=False
        ),
        sa.Column("digest", sa.Text, primary_key=True, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("inside_by_digest", "inside", ["digest"])
    said = "SELECT DISTINCT release FROM evidence WHERE text LIKE :said"
    waiting = f"SELECT :jobs - row_number() OVER (ORDER BY release), release, 'deciding' FROM ({said})"
    opened = sa.text(f"INSERT INTO intents (job, release, staging) {waiting}")
    op.get_bind().execute(opened, {"said": SAID, "jobs": JOBS})


def downgrade() -> None:
    """Nothing goes back: rebuild makes a catalogue of any form."""
    raise NotImplementedError("catalogues only go forward")
