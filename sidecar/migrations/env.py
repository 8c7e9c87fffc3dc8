"""Alembic's door. It is only ever entered with a connection in hand (`sidecar.schema.migrate`)."""

from alembic import context

from sidecar.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
)
context.run_migrations()
