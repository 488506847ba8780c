"""A connection of ADBC beside one of the pool: to the same database, for reading columns. Opened when first needed.

The drivers are an extra (`export`); who has none has no such connections, and nothing here is called.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL

COLUMNAR: Final = "columnar"
"""Under which name a connection of the pool keeps the one beside it, or until then the function that opens it."""

_SQLITE: Final = ("PRAGMA busy_timeout=10000", "PRAGMA temp_store=MEMORY", "PRAGMA query_only=ON")


def sqlite(path: Path) -> Any:
    """Open one to a file that is there."""
    driver = import_module("adbc_driver_sqlite.dbapi")
    connection = driver.connect(f"file:{quote(str(path))}?mode=rw", autocommit=True)
    with connection.cursor() as cursor:
        for pragma in _SQLITE:
            cursor.execute(pragma)
    return connection


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
