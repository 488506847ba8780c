"""When PostgreSQL has nobody left who could still see what was deleted.

Rows that are dead but that some transaction might see are copied by `VACUUM (FULL)` with the rest, and then lie in the
new file as they did in the old one. What keeps them is the horizon of `ComputeXidHorizons` (its `procarray.c`): a
snapshot taken in this database, and, because each new snapshot begins at the oldest transaction that runs, a writing
transaction in any database of the server; prepared transactions and the feedback of replicas likewise.
"""

import time
from typing import Final

from sqlalchemy import Connection, text

# The state of other roles' sessions is hidden from us in this view, these two numbers are not.
_NEXT: Final = text("SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text")
_KEPT: Final = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    " AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)"  # keeps nothing, for all its snapshot
    " AND (age(backend_xid) > age(CAST(:next AS xid)) OR coalesce(datname = current_database(), true)"
    " AND age(backend_xmin) > age(CAST(:next AS xid))))"
    " OR EXISTS (SELECT FROM pg_prepared_xacts WHERE age(transaction) > age(CAST(:next AS xid)))"
    " OR EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) > age(CAST(:next AS xid)))"
)


def pass_horizon(connection: Connection, *, seconds: float) -> bool:
    """Wait until no transaction can see what was deleted by those that have ended by now.

    Args:
        connection: one that commits by itself; a transaction of its own would be among those it waits for.
        seconds: how long to wait at most.

    Returns:
        Whether that came to be in time.
    """
    end = time.monotonic() + seconds
    following = connection.execute(_NEXT).scalar_one()
    while connection.execute(_KEPT, {"next": following}).scalar_one():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
