"""Alembic's environment: runs on the connection it is given."""

from alembic import context

import ivr.adapters.storage.access_tables
import ivr.adapters.storage.day_tables
import ivr.adapters.storage.keep_tables
import ivr.adapters.storage.outbox  # noqa: F401 (and these)
from ivr.adapters.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
