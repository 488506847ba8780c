"""Running a statement by ADBC, the driver that gives columns of Arrow instead of rows (the extra `export`).

PostgreSQL only: `cdp.database.columnar` says why.

Beside each connection of the pool there may be one of ADBC to the same database; it is opened when it is first needed
and closed with its neighbour. It commits each statement by itself, so each sees what was committed before it, as a read
has to (invariant 3). It only ever reads.
"""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Connection, Dialect, make_url
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from cdp.errors import Unavailable

if TYPE_CHECKING:  # an extra
    import pyarrow as pa

INFO: Final = "columnar"
"""As in `cdp.database.columnar`, which the store may not reach."""

_DIALECT: Final[Dialect] = cast("Any", make_url("postgresql+psycopg://").get_dialect())(paramstyle="numeric_dollar")


@cache
def has_columns(dialect: str) -> bool:
    """Return whether there is what columns need (the extra `export`); of SQLite they are made of rows."""
    drivers = ("adbc_driver_postgresql",) if dialect == "postgresql" else ()
    return all(map(find_spec, (*drivers, "pyarrow")))


class ColumnStatement:
    """One statement in the SQL of the engine, as `cdp.store.statement.Statement`."""

    def __init__(self, clause: ClauseElement) -> None:
        compiled = clause.compile(dialect=_DIALECT)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only statements with rows are run so")
        self._sql = str(compiled)
        self._order = tuple(compiled.positiontup or ())
        self._given = {name: value for name, value in compiled.params.items() if value is not None}

    def columns(self, conn: Connection, values: Mapping[str, Any]) -> "pa.Table":
        """Run it beside a connection and return its columns.

        Raises:
            Unavailable: `store_failed`.
        """
        bound = {**self._given, **values}
        connection = _beside(conn)
        try:
            with connection.cursor() as cursor:
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
