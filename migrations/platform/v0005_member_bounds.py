"""Between which members a row of the log's sets lies, so that the search for one person looks into few of them.

Rows that were written before say the widest bounds, which are right for any set.
"""

import sqlalchemy as sa
from alembic import op

revision = "platform_0005"
down_revision = "platform_0004"

_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "cdp_log_subject"


def upgrade() -> None:
    """Adds the bounds and their index, and has PostgreSQL keep the sets in their rows."""
    for name, widest in (("low", "0"), ("high", "65535")):
        op.add_column(_TABLE, sa.Column(name, _INTEGER, nullable=False, server_default=widest))
    op.create_index("cdp_log_subject_member", _TABLE, ["block", "low", "high"])
    if op.get_context().dialect.name == "sqlite":
        return
    # A set of a chunk is rarely compressible and fits a page: in a table of its own it would take a search of its own.
    op.execute(f"ALTER TABLE {_TABLE} SET (toast_tuple_target = 8160)")
    for name in ("low", "high"):  # as with all that is about people
        op.execute(f"ALTER TABLE {_TABLE} ALTER COLUMN {name} SET STATISTICS 0")
