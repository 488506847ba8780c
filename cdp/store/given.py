"""Many texts as one parameter of a statement: arrays on PostgreSQL, a JSON array on SQLite.

With thousands of parameters of its own, the statement would be written and planned anew for each number of them. And
PostgreSQL, which keeps no statistics of what is personal, would expect `= ANY(array)` to match everything and read the
whole table; a join with the rows of the arrays goes through the index.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import ARRAY, ColumnElement, Select, Table, Text, bindparam, func, select, tuple_
from sqlalchemy.types import TypeEngine

from cdp.catalogue.model import Entity

_ARRAY: Final[TypeEngine[Any]] = ARRAY(Text)
_NAMES: Final = ("given_0", "given_1")


class Given:
    """Rows of one or two texts that a statement is given.

    Args:
        dialect: `sqlite` or `postgresql`.
        width: how many texts a row has.
    """

    def __init__(self, dialect: str, width: int) -> None:
        self._names = _NAMES[:width]
        self._on_postgresql = dialect == "postgresql"
        self.rows: Select[Any] = self._arrays() if self._on_postgresql else self._json()
        """The rows, as something to select from."""

    def holds(self, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that these columns are one of the rows."""
        return columns[0].in_(self.rows) if len(columns) == 1 else tuple_(*columns).in_(self.rows)

    def values(self, rows: Iterable[Sequence[str]]) -> dict[str, Any]:
        """Return the parameters of a statement for these rows."""
        if not self._on_postgresql:
            return {_NAMES[0]: orjson.dumps([list(row) for row in rows]).decode()}
        columns = list(zip(*rows, strict=True)) or [()] * len(self._names)
        return {name: list(column) for name, column in zip(self._names, columns, strict=True)}

    def _arrays(self) -> Select[Any]:
        arrays = [bindparam(name, type_=_ARRAY) for name in self._names]
        return select(func.unnest(*arrays).table_valued(*self._names, name="given").render_derived())

    def _json(self) -> Select[Any]:
        each = func.json_each(bindparam(_NAMES[0], type_=Text)).table_valued("value", name="given")
        return select(*(func.json_extract(each.c.value, f"$[{place}]") for place in range(len(self._names))))


class NamedRows:
    """Rows of one entity, each named by its customer and itself, in any table that has both columns.

    By both, because the keys of the tables begin with the customer; by the pair, because SQLite would try every
    customer with every row.
    """

    def __init__(self, entity: Entity, dialect: str) -> None:
        self._entity = entity
        self._given = Given(dialect, 1 if entity.is_customer else 2)

    def of(self, table: Table, row: str = "") -> ColumnElement[bool]:
        """Return the condition that a row of the table is one of them; `row` is the column with the row's id."""
        columns = (
            [table.c.customer_id]
            if self._entity.is_customer
            else [table.c.customer_id, table.c[row or self._entity.id_column]]
        )
        return self._given.holds(*columns)

    def values(self, ids: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Return the parameters of a statement for pairs of customer id and row id."""
        return self._given.values([pair[:1] for pair in ids] if self._entity.is_customer else ids)
