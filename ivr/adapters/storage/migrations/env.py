"""Alembic's environment: runs on the connection it is given."""

from alembic import context
from sqlalchemy import inspect

import ivr.adapters.storage.access_tables
import ivr.adapters.storage.curator_tables
import ivr.adapters.storage.day_tables
import ivr.adapters.storage.keep_tables
import ivr.adapters.storage.outbox  # noqa: F401 (and these)
from ivr.adapters.storage.search_index import NAME, guard
from ivr.adapters.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
    if inspect(connection).has_table(NAME):
        guard(connection)
