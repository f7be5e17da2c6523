"""Run by alembic: migrates over the connection, and inside the transaction, that ports/migrations.py hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
