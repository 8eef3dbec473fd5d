"""What Alembic runs for every command. The connection is handed in by `issuer.migrations`; there is no other way in."""

from __future__ import annotations

from alembic import context

# Without this import the metadata would be empty.
import issuer.models  # noqa: F401 - registers the tables
from issuer.db import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
