"""Many texts as one parameter of a statement: a JSON array, which both engines take apart.

With thousands of parameters of its own, the statement would be written and planned anew for each number of them. And
PostgreSQL, which keeps no statistics of what is personal, would expect `= ANY(array)` to match everything and read the
whole table; a join with the rows of an array goes through the index. Its own arrays would do, too, but its driver
writes them text by text (measured: 2.1 µs for each, of processor time; 0.3 as JSON).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import JSON, ColumnElement, Select, Table, Text, bindparam, cast, func, select, tuple_

from cdp.catalogue.model import Entity

_NAME: Final = "given"


class Given:
    """Rows of one or two texts that a statement is given.

    Args:
        dialect: `sqlite` or `postgresql`.
        width: how many texts a row has.
    """

    def __init__(self, dialect: str, width: int) -> None:
        self._width = width
        self.rows: Select[Any] = self._postgresql() if dialect == "postgresql" else self._sqlite()
        """The rows, as something to select from."""

    def holds(self, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that these columns are one of the rows."""
        return columns[0].in_(self.rows) if len(columns) == 1 else tuple_(*columns).in_(self.rows)

    def values(self, rows: Iterable[Sequence[str]]) -> dict[str, Any]:
        """Return the parameters of a statement for these rows."""
        return self.texts(row[0] for row in rows) if self._width == 1 else _given([list(row) for row in rows])

    def texts(self, texts: Iterable[str]) -> dict[str, Any]:
        """Return the parameters of a statement for rows of one text."""
        return _given(list(texts))

    def _postgresql(self) -> Select[Any]:
        array = cast(bindparam(_NAME, type_=Text), JSON)
        if self._width == 1:
            return select(func.json_array_elements_text(array).table_valued("value", name=_NAME).c.value)
        each = func.json_array_elements(array).table_valued("value", name=_NAME)
        return select(*(func.json_extract_path_text(each.c.value, str(place)) for place in range(self._width)))

    def _sqlite(self) -> Select[Any]:
        each = func.json_each(bindparam(_NAME, type_=Text)).table_valued("value", name=_NAME)
        if self._width == 1:
            return select(each.c.value)
        return select(*(func.json_extract(each.c.value, f"$[{place}]") for place in range(self._width)))


def _given(rows: list[Any]) -> dict[str, Any]:
    return {_NAME: orjson.dumps(rows).decode()}


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
        return self._given.values(ids)
