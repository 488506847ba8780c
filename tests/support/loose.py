"""Tables as a careless hand might leave them: flags that may hold anything the engine lets one store."""

from collections.abc import Sequence

from sqlalchemy.dialects import sqlite

from cdp.store.tables import build_schema
from tests.support.worlds import World

SQLITE_FLAGS: tuple[str, ...] = (
    "0",
    "1",
    "NULL",
    "2",
    "-1",
    "'0'",
    "'1'",
    "'true'",
    "'false'",
    "1.0",
    "0.5",
    "''",
    "x'00'",
)
POSTGRESQL_FLAGS: tuple[str, ...] = ("false", "true", "NULL")
NOT_REFUSED = {"sqlite": "0", "postgresql": "false"}


def loosen_flags(world: World) -> None:
    """Let the flags of every customer hold anything: no type, no NOT NULL, no default. Nobody may be in it yet."""
    catalogue = world.platform.in_force().catalogue
    flags = [f"refused__{name}" for name in catalogue.opt_outs]
    if world.dialect == "postgresql":
        world.sql(
            *(
                f"ALTER TABLE customer ALTER COLUMN {flag} DROP NOT NULL, ALTER COLUMN {flag} DROP DEFAULT"
                for flag in flags
            )
        )
        return
    columns = []
    for column in build_schema(catalogue, "sqlite").customer.columns:
        stored = "INTEGER PRIMARY KEY" if column.name == "ordinal" else column.type.compile(dialect=sqlite.dialect())
        columns.append(column.name if column.name in flags else f"{column.name} {stored}")
    world.sql("DROP TABLE customer", f"CREATE TABLE customer ({', '.join(columns)}, UNIQUE (customer_id))")


def set_flags(world: World, rows: Sequence[tuple[int, dict[str, str]]]) -> None:
    """Store flags as literals of the engine, by ordinal."""
    world.sql(
        *(
            f"UPDATE customer SET {', '.join(f'refused__{name} = {literal}' for name, literal in flags.items())}"
            f" WHERE ordinal = {ordinal}"
            for ordinal, flags in rows
            if flags
        )
    )
