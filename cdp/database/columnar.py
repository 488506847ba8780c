"""A connection of ADBC beside one of the pool: to the same database, for reading columns. Opened when first needed.

PostgreSQL only. ADBC's driver for SQLite brings a SQLite of its own, and two of them in one process undo each other's
locks, which POSIX gives to the process (https://sqlite.org/howtocorrupt.html, 2.2.1). Seen: closing the second one
deleted the write-ahead log under the first, and what was acknowledged after that was lost (decision 32).

The driver is an extra (`export`); who has none has no such connections, and nothing here is called.
"""

from importlib import import_module
from typing import Any, Final

from sqlalchemy import URL

COLUMNAR: Final = "columnar"
"""Under which name a connection of the pool keeps the one beside it, or until then the function that opens it."""


def postgresql(url: URL) -> Any:
    """Open one to a server."""
    driver = import_module("adbc_driver_postgresql.dbapi")
    uri = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = driver.connect(uri, autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute("SET lock_timeout = 10000")
    return connection


def close(_raw: object, record: Any) -> None:
    """Close the one beside a connection that is closed."""
    found = record.info.pop(COLUMNAR, None) if record is not None else None
    if found is not None and not callable(found):
        found.close()
