"""What Alembic runs for each upgrade, the same for every folder: on the connection that `migrations.runner` hands over.

Alembic's environment script. The connection is inside the caller's transaction, so Alembic commits nothing by itself.
"""

from alembic import context

from migrations.runner import version_table

context.configure(
    connection=context.config.attributes["connection"],
    version_table=version_table(context.config.attributes["folder"]),
)
context.run_migrations()
