"""The bulk statements on the customers' keys: thousands of rows go in as one parameter or one batch.

SQLite (json_each, executemany) and PostgreSQL (arrays, unnest). Rows are locked in the order of their ids everywhere,
so that no two processes can wait for each other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import (
    ARRAY,
    JSON,
    Connection,
    Delete,
    Insert,
    Integer,
    LargeBinary,
    Select,
    Text,
    Update,
    bindparam,
    cast,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from cdp.vault.tables import CUSTOMER_KEY, PLATFORM_KEY, TEXT

_T: Final = CUSTOMER_KEY
_ROW: Final = select(_T.c.customer_id, _T.c.wrapping_version, _T.c.wrapped)
_VERSION: Final = bindparam("version", type_=Integer)


class CustomerKey(NamedTuple):
    """A row of the table."""

    customer_id: str
    wrapping_version: int
    wrapped: bytes


def fetch(connection: Connection, ids: Collection[str]) -> list[CustomerKey]:
    """The rows of those customers who have one."""
    statements = _of(connection)
    return list(map(CustomerKey._make, connection.execute(statements.fetch, statements.ids(ids)).all()))


def add(connection: Connection, version: int, wrapped: Mapping[str, bytes]) -> int:
    """Adds those rows that do not exist, and gives their number. The customers come in the order of their ids."""
    statements = _of(connection)
    options = {"preserve_rowcount": True}  # SQLAlchemy forgets the number for an INSERT unless asked
    return connection.execute(statements.add, statements.rows(version, wrapped), execution_options=options).rowcount


def remove(connection: Connection, ids: Collection[str]) -> None:
    """Deletes the rows of those customers who have one."""
    statements = _of(connection)
    connection.execute(statements.remove, statements.ids(ids))


def add_platform(connection: Connection, row: Mapping[str, Any]) -> None:
    """Adds a platform key, if there is none of its name and version."""
    connection.execute(_of(connection).add_platform, row)


def next_batch(connection: Connection, *, version: int, start: str, rows: int) -> list[CustomerKey]:
    """The next rows from this id on, in the order of ids, that are wrapped under an older version; locked."""
    found = connection.execute(_NEXT, {"version": version, "start": start, "rows": rows})
    return [CustomerKey(*row) for row in found]


def rewrap(connection: Connection, version: int, wrapped: Mapping[str, bytes]) -> None:
    """Replaces what the rows that exist hold. Never adds one: that could bring an erased customer's key back."""
    statements = _of(connection)
    connection.execute(statements.rewrap, statements.rows(version, wrapped))


# On SQLite the transaction itself is the lock.
_NEXT: Final = (
    _ROW.where(_T.c.customer_id >= bindparam("start"), _T.c.wrapping_version < _VERSION)
    .order_by(_T.c.customer_id)
    .limit(bindparam("rows"))
    .with_for_update()
)


@dataclass(frozen=True)
class _Statements:
    fetch: Select[Any]
    add: Insert
    remove: Delete
    rewrap: Update
    add_platform: Insert

    def ids(self, ids: Collection[str]) -> dict[str, Any]:
        """The parameters of statements that are given customers alone."""
        return {"ids": orjson.dumps(list(ids)).decode()}


class _Sqlite(_Statements):
    """Parameters are single values: rows go in by executemany."""

    def rows(self, version: int, wrapped: Mapping[str, bytes]) -> list[dict[str, Any]]:
        return [{"id": customer_id, "version": version, "key": key} for customer_id, key in wrapped.items()]


class _Postgresql(_Statements):
    """An array is one parameter, and several rows; of ids alone a JSON array, as its driver writes that faster."""

    def rows(self, version: int, wrapped: Mapping[str, bytes]) -> dict[str, Any]:
        return {"version": version, "ids": list(wrapped), "keys": list(wrapped.values())}


def _of(connection: Connection) -> _Sqlite | _Postgresql:
    return _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE


def _sqlite() -> _Sqlite:
    each = func.json_each(bindparam("ids", type_=Text)).table_valued("value")
    given = _T.c.customer_id.in_(select(each.c.value))
    customer_id, key = bindparam("id", type_=Text), bindparam("key", type_=LargeBinary)
    row = {"customer_id": customer_id, "wrapping_version": _VERSION, "wrapped": key}
    return _Sqlite(
        fetch=_ROW.where(given),
        add=sqlite.insert(_T).values(row).on_conflict_do_nothing(index_elements=[_T.c.customer_id]),
        remove=delete(_T).where(given),
        rewrap=update(_T).where(_T.c.customer_id == customer_id).values(wrapping_version=_VERSION, wrapped=key),
        add_platform=sqlite.insert(PLATFORM_KEY).on_conflict_do_nothing(),
    )


def _postgresql() -> _Postgresql:
    ids, keys = bindparam("ids", type_=ARRAY(TEXT)), bindparam("keys", type_=ARRAY(LargeBinary))
    given = func.unnest(ids, keys).table_valued("customer_id", "wrapped", name="given").render_derived()
    each = func.json_array_elements_text(cast(bindparam("ids", type_=Text), JSON)).table_valued("value", name="each")
    one = _T.c.customer_id.in_(select(each.c.value))
    locked = select(_T.c.customer_id).where(one).order_by(_T.c.customer_id).with_for_update()
    rows = select(given.c.customer_id, _VERSION, given.c.wrapped)
    return _Postgresql(
        fetch=_ROW.where(one),
        add=postgresql.insert(_T)
        .from_select(["customer_id", "wrapping_version", "wrapped"], rows)
        .on_conflict_do_nothing(index_elements=[_T.c.customer_id]),
        remove=delete(_T).where(_T.c.customer_id.in_(locked)),
        rewrap=update(_T)
        .where(_T.c.customer_id == given.c.customer_id)
        .values(wrapping_version=_VERSION, wrapped=given.c.wrapped),
        add_platform=postgresql.insert(PLATFORM_KEY).on_conflict_do_nothing(),
    )


_SQLITE: Final = _sqlite()
_POSTGRESQL: Final = _postgresql()
