"""What Alembic runs: the migrations on the connection that `storage.schema` hands over. No configuration file."""

from alembic import context

from lontara_server.storage.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
