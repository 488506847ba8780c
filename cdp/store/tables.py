"""The tables of a catalogue, generated.

Design section 5. `customer`: her id, her ordinal, one flag per opt-out, a column per stored shape. `<entity>_sealed`:
one row per sealed segment. On SQLite rows lie in the order of their ordinal (it is the rowid); on PostgreSQL the
primary key begins with `customer_id`, by which Citus may distribute.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import Column, Connection, Index, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.schema import SchemaItem

from cdp.catalogue.model import Catalogue, Entity
from cdp.catalogue.names import SEALED_SUFFIX
from cdp.catalogue.places import columns, flag_column, segments
from cdp.store.columns import BYTES, FLAG, INTEGER, STORED, TEXT
from cdp.store.origins import COLLECTED_COLUMN, SET_COLUMN
from cdp.store.statement import dialect_of
from cdp.terms import CUSTOMER

SAMPLED: Final = ("ordinal", "shaped_with", SET_COLUMN)
"""Columns that say nothing about a person."""


@dataclass(frozen=True)
class Schema:
    """The tables of one catalogue on one engine; `sealed` has an entity only if it has sealed segments."""

    metadata: MetaData
    rows: dict[str, Table]
    sealed: dict[str, Table]

    @property
    def customer(self) -> Table:
        """The table that carries the flags."""
        return self.rows[CUSTOMER]


@lru_cache(maxsize=32)
def build_schema(catalogue: Catalogue, dialect: str) -> Schema:
    """Generate the tables; pure, and cached (catalogues are equal when their digests are).

    Args:
        dialect: `sqlite` or `postgresql`. Names and types do not depend on it, only keys and their clustering do.
    """
    metadata = MetaData()
    entities = catalogue.entities.values()
    rows = {entity.name: _rows(entity, catalogue, metadata, dialect) for entity in entities}
    sealed = {entity.name: _sealed(entity, metadata) for entity in entities if segments(entity)}
    return Schema(metadata, rows, sealed)


def _rows(entity: Entity, catalogue: Catalogue, metadata: MetaData, dialect: str) -> Table:
    parts: list[SchemaItem] = [Column("customer_id", TEXT, nullable=False)]
    if not entity.is_customer:
        parent = catalogue.lineage(entity)[1]
        if not parent.is_customer:
            parts.append(Column(parent.id_column, TEXT, nullable=False))
        parts.append(Column(entity.id_column, TEXT, nullable=False))
    on_sqlite = dialect == "sqlite"
    parts.append(Column("ordinal", INTEGER, primary_key=on_sqlite, autoincrement=False, nullable=False))
    if entity.is_customer:
        parts += [
            Column(flag_column(name), FLAG, nullable=False, server_default=text("0" if on_sqlite else "false"))
            for name in catalogue.opt_outs
        ]
    parts += [Column(name, STORED[type_]) for name, type_ in columns(entity).items()]
    parts += [
        Column("shaped_with", INTEGER, nullable=False),
        Column(SET_COLUMN, INTEGER, nullable=False, server_default=text("0")),
        Column(COLLECTED_COLUMN, INTEGER),
    ]
    key = ["customer_id"] if entity.is_customer else ["customer_id", entity.id_column]
    if on_sqlite:
        parts.append(UniqueConstraint(*key))
    else:
        parts += [PrimaryKeyConstraint(*key), Index(f"cdp_{entity.name}_ordinal", "ordinal")]
    if not entity.is_customer and any(each.belongs_to == entity.name for each in catalogue.entities.values()):
        parts.append(Index(f"cdp_{entity.name}_row", entity.id_column))  # by this alone the rows below it name it
    return Table(entity.name, metadata, *parts, info={"owner": "customer_id"}, sqlite_strict=True)


def _sealed(entity: Entity, metadata: MetaData) -> Table:
    row = [] if entity.is_customer else [entity.id_column]
    return Table(
        entity.name + SEALED_SUFFIX,
        metadata,
        Column("customer_id", TEXT, nullable=False),
        *(Column(name, TEXT, nullable=False) for name in row),
        Column("segment", TEXT, nullable=False),
        Column("sealed", BYTES, nullable=False),
        PrimaryKeyConstraint("customer_id", *row, "segment"),
        info={"owner": "customer_id"},
        sqlite_strict=True,
    )


def keep_statistics_off(conn: Connection, schema: Schema) -> None:
    """Keep PostgreSQL from sampling columns into `pg_statistic`, where values outlive their rows (attacks, residue)."""
    if conn.dialect.name == "postgresql":
        for table in schema.metadata.sorted_tables:
            for column in table.columns:
                if column.name not in SAMPLED:
                    conn.exec_driver_sql(statistics_off(table.name, column.name))


def statistics_off(table: str, column: str) -> str:
    """Return the statement, for PostgreSQL, that keeps one column out of `pg_statistic`."""
    quote = dialect_of("postgresql").identifier_preparer.quote_identifier
    return f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} SET STATISTICS 0"
