"""Reading a plan as columns of Arrow; see `views.lines` for when, and for what stays the same.

On PostgreSQL the driver makes them: measured, that takes a fifth of the time that rows and their conversion take. On
SQLite they are made of rows (`cdp.database.columnar` says why).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from audit.passage import Chunk
from cdp.store.columnar import ColumnStatement
from cdp.store.statement import Statement
from views.lines import following
from views.plan import KEY, SUBJECT
from views.run import ViewReading

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Columns(Sequence[Any]):
    """The rows of a chunk as a table of Arrow, as the engine stores them: its types are not yet those of the answer."""

    table: Any

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, index: Any) -> Any:
        """Return a row; those who want rows read them by another reading."""
        return self.table.slice(index, 1).to_pylist()[0]


class ColumnsReading(ViewReading):
    """One read of a view, whose chunks are `Columns`."""

    def ask(self, conn: Connection) -> None:
        """Columns are not asked for ahead: they come by a connection of their own."""

    def _by_key(self, conn: Connection, position: object | None) -> Chunk:
        values = self._values_at(position)
        found = self._table(conn, values)
        number = found.num_rows
        if not number:
            return Chunk((), (), None)
        last = found.column(KEY)[number - 1].as_py()
        self.last = last
        if self._left is not None:
            self._left -= number
        about = () if self._plan.request.release is not None else found.column(SUBJECT).to_pylist()
        more = number == values["take"] and self._left != 0
        return Chunk(Columns(found.drop_columns([KEY, SUBJECT])), about, last if more else None)

    def _table(self, conn: Connection, values: Mapping[str, Any]) -> "pa.Table":
        template, name = self._template, ("columns", self._dialect)
        kept: dict[Any, Any] = template.statements
        if name not in kept:
            c = template.source.c
            select = following(template, *(c[each.name] for each in template.columns))
            kept[name] = ColumnStatement(select) if self._dialect == "postgresql" else Statement(select, "sqlite")
        statement: ColumnStatement | Statement = kept[name]
        if isinstance(statement, ColumnStatement):
            return statement.columns(conn, values)
        import pyarrow as pa  # noqa: PLC0415 -- an extra

        names = [*(each.name for each in template.columns), KEY, SUBJECT]
        cells = zip(*statement.rows(conn, values), strict=True)
        return pa.table(dict(zip(names, map(pa.array, cells), strict=False)))
