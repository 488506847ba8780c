"""Reading a plan as columns of Arrow that the driver makes; see `views.lines` for when, and for what stays the same.

Measured: fetching a chunk so takes a fifth of the time that rows and their conversion take.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from audit.passage import Chunk
from cdp.store.columnar import ColumnStatement
from views.lines import following
from views.plan import KEY, SUBJECT
from views.run import ViewReading


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
        found = self._columnar().columns(conn, values)
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

    def _columnar(self) -> ColumnStatement:
        template, name = self._template, ("columns", self._dialect)
        kept: dict[Any, Any] = template.statements
        if name not in kept:
            c = template.source.c
            kept[name] = ColumnStatement(following(template, *(c[each.name] for each in template.columns)))
        statement: ColumnStatement = kept[name]
        return statement
