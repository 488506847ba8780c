"""Running a statement by ADBC, the driver that gives columns of Arrow instead of rows (the extra `export`).

Beside each connection of the pool there may be one of ADBC to the same database; it is opened when it is first needed
and closed with its neighbour. It commits each statement by itself, so each sees what was committed before it, as a read
has to (invariant 3). It only ever reads.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Final, cast

import pyarrow as pa
from sqlalchemy import Connection, make_url
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from cdp.errors import Unavailable

INFO: Final = "columnar"
"""As in `cdp.database.columnar`, which the store may not reach."""

_DIALECTS: Final[Mapping[str, Any]] = {
    "sqlite": make_url("sqlite+pysqlite://").get_dialect()(),
    "postgresql": cast("Any", make_url("postgresql+psycopg://").get_dialect())(paramstyle="numeric_dollar"),
}


def has_driver(dialect: str) -> bool:
    """Return whether the driver of an engine is installed."""
    return find_spec(f"adbc_driver_{dialect}") is not None


class ColumnStatement:
    """One statement in the SQL of one engine, as `cdp.store.statement.Statement`."""

    def __init__(self, clause: ClauseElement, dialect: str) -> None:
        compiled = clause.compile(dialect=_DIALECTS[dialect])
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only statements with rows are run so")
        self._sql = str(compiled)
        self._order = tuple(compiled.positiontup or ())
        self._given = {name: value for name, value in compiled.params.items() if value is not None}

    def columns(self, conn: Connection, values: Mapping[str, Any], *, most: int) -> pa.Table:
        """Run it beside a connection and return its columns.

        Args:
            most: how many rows there are at most; SQLite has no types of its own, and all rows together decide one.

        Raises:
            Unavailable: `store_failed`.
        """
        bound = {**self._given, **values}
        connection = _beside(conn)
        try:
            with connection.cursor() as cursor:
                if conn.dialect.name == "sqlite":
                    cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": most})
                cursor.execute(self._sql, tuple(bound[name] for name in self._order))
                return cursor.fetch_arrow_table()
        except connection.Error as error:  # its text may hold values
            raise Unavailable("store_failed", "the database refused a statement", path=type(error).__name__) from None


def _beside(conn: Connection) -> Any:
    kept = conn.connection.info
    found = kept[INFO]
    if callable(found):
        found = kept[INFO] = found()
    return found
