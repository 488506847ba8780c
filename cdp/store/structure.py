"""The tables and columns that are really there, found by reflection, and where they differ from a catalogue.

Design section 5. What is read are the engine's own lists of tables, which are about nobody.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Column, Integer, MetaData, Select, Table, Text, func, literal_column, select

from cdp.store.platform import METADATA
from cdp.store.statement import dialect_of
from cdp.store.tables import Schema
from cdp.vault.tables import METADATA as KEYS

Structure = dict[str, dict[str, str]]
"""Columns and their types, as the engine writes them, by table."""

_LISTS: Final = MetaData()
_SQLITE: Final = Table("sqlite_master", _LISTS, Column("type", Text), Column("name", Text), info={"owner": None})
_POSTGRESQL: Final = Table(
    "columns",
    _LISTS,
    *(Column(name, Text) for name in ("table_schema", "table_name", "column_name", "data_type", "collation_name")),
    Column("ordinal_position", Integer),
    schema="information_schema",
    info={"owner": None},
)

_OWN: Final = frozenset((*METADATA.tables, *KEYS.tables, "platform_version", "keys_version"))
_RELEASE: Final = "cdp_release_"


def structure_query(dialect: str) -> Select[Any]:
    """Return the query for every column of every table: table, column, type."""
    if dialect == "sqlite":
        column = func.pragma_table_info(_SQLITE.c.name).table_valued("name", "type", "cid", name="info")
        tables = select(_SQLITE.c.name, column.c.name, column.c.type).select_from(
            _SQLITE.join(column, literal_column("1"))
        )
        return tables.where(_SQLITE.c.type == "table", _SQLITE.c.name.not_like("sqlite%")).order_by(
            _SQLITE.c.name, column.c.cid
        )
    c = _POSTGRESQL.c
    collated = func.coalesce(func.concat(' COLLATE "', c.collation_name, '"'), "")
    type_ = func.concat(func.upper(c.data_type), func.nullif(collated, ' COLLATE ""'))
    columns = select(c.table_name, c.column_name, type_).where(c.table_schema == func.current_schema())
    return columns.order_by(c.table_name, c.ordinal_position)


def structure(rows: Iterable[Any]) -> Structure:
    """Return what the rows of `structure_query` say."""
    found: Structure = {}
    for table, column, type_ in rows:
        found.setdefault(table, {})[column] = type_
    return found


def generated(schema: Schema, dialect: str) -> Structure:
    """Return what a catalogue's tables are like when they are as they should be."""
    engine = dialect_of(dialect)
    return {
        table.name: {column.name: str(column.type.compile(dialect=engine)) for column in table.columns}
        for table in schema.metadata.sorted_tables
    }


def missing(there: Structure, wanted: Structure) -> Iterator[str]:
    """Yield, in words, what is not there or not as it should be."""
    for table, columns in wanted.items():
        if table not in there:
            yield f"the table `{table}` is missing"
            continue
        for column, type_ in columns.items():
            found = there[table].get(column)
            if found is None:
                yield f"the column `{table}.{column}` is missing"
            elif found != type_:
                yield f"the column `{table}.{column}` is {found} where it should be {type_}"


def foreign(there: Structure, wanted: Structure) -> Iterator[str]:
    """Yield, in words, what is there and belongs to nothing."""
    for table, columns in there.items():
        if table in wanted:
            yield from (f"the column `{table}.{name}` is of no field" for name in columns if name not in wanted[table])
        elif table not in _OWN and not table.startswith(_RELEASE):
            yield f"the table `{table}` is of no entity"


def in_the_way(there: Structure, before: Structure, after: Structure) -> Iterator[str]:
    """Yield, in words, what belongs to nothing and bears the name of something that is to be made."""
    for table, columns in after.items():
        if table in there and table not in before:
            yield f"the table `{table}` is of no entity and in the way of the new one"
        for name in columns if table in there and table in before else ():
            if name in there[table] and name not in before[table]:
                yield f"the column `{table}.{name}` is of no field and in the way of the new one"
