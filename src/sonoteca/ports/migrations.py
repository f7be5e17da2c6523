"""Migrations: a database of an older version is brought to the schema of this program, by alembic.

Takes  a Database.   Gives  the revision it had; afterwards it has its schema's, or, on any error, what it had before.
Apart from ports/database.py because importing alembic takes longer than most commands run: only `init` of an older
archive, `rebuild` and upgrades import this.
"""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from sonoteca.model.errors import Conflict
from sonoteca.ports.database import Database, revision_of


def upgrade(database: Database) -> str:
    """Runs what is missing, in one transaction. Conflict "version" when the file is newer than this program."""
    with database.migrate() as connection:
        before = revision_of(connection)
        config = Config()
        config.set_main_option("script_location", database.schema.scripts)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, database.schema.revision)
        except CommandError as error:
            # The transaction is undone: the file is as it was.
            what = f"the database is of a version that this program does not know ({before})"
            raise Conflict(
                "version", what, where=database.path, cure="use the newer sonoteca, or sonoteca rebuild"
            ) from error
    return before
