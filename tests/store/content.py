"""All that a store holds, laid open for comparison: tables as they are, rows with every shape, segments unsealed.

Rows go by their ordinals, which are the same in two stores that were filled in the same order under the same keys;
customers' ids are random.
"""

from typing import Any

import orjson
from sqlalchemy import Connection, create_engine, inspect, text

from cdp.bootstrap import Platform
from cdp.catalogue.model import Catalogue, Entity
from cdp.store.tables import build_schema
from cdp.vault.seal import Sealer

Dump = dict[str, Any]


def content(platform: Platform, database_url: str, catalogue: Catalogue) -> Dump:
    """Everything of a catalogue's entities that is in the database."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as conn:
            found = {
                name: _entity(conn, platform, catalogue, entity) for name, entity in sorted(catalogue.entities.items())
            }
            return {"rows": found, "tables": _tables(conn), "elsewhere": _elsewhere(conn)}
    finally:
        engine.dispose()


def _entity(conn: Connection, platform: Platform, catalogue: Catalogue, entity: Entity) -> dict[int, Any]:
    schema = build_schema(catalogue, conn.dialect.name)
    rows: dict[int, Any] = {}
    ordinals: dict[str, int] = {}
    customers = dict(_rows(conn, "SELECT customer_id, ordinal FROM customer"))
    keys = platform.vault.keys(customers)
    for row in conn.execute(schema.rows[entity.name].select()).mappings():
        cells = {name: value for name, value in row.items() if not name.endswith("_id") and name != "shaped_with"}
        row_id = row[entity.id_column]
        ordinals[row_id] = row["ordinal"]
        rows[row["ordinal"]] = {"cells": cells, "customer": customers[row["customer_id"]]}
    if entity.name in schema.sealed:
        table = schema.sealed[entity.name]
        for row in conn.execute(table.select()).mappings():
            sealer = Sealer(table.name, row["segment"])
            key = keys.get(row["customer_id"])
            opened = sealer.unseal(key, row[entity.id_column], bytes(row["sealed"])) if key else "erased"
            rows[ordinals[row[entity.id_column]]][row["segment"]] = opened
    for table_name in ("cdp_identifier", "cdp_word", "cdp_token"):
        for row in conn.execute(text(f"SELECT * FROM {table_name}")).mappings():
            if row["entity"] == entity.name:
                rest = {name: row[name] for name in row if name not in ("customer_id", "row_id", "entity")}
                rest = {name: value for name, value in rest.items() if table_name != "cdp_token" or name != "token"}
                rest = {name: bool(value) if name == "verified" else value for name, value in rest.items()}
                held = rows[ordinals[row["row_id"]]].setdefault(table_name, set())
                held.add(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS).decode())
    return rows


def _rows(conn: Connection, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(text(sql))]


def _elsewhere(conn: Connection) -> list[Any]:
    """Of which entities platform tables hold anything."""
    tables = ("cdp_identifier", "cdp_word", "cdp_token", "cdp_token_scope")
    return sorted({(table, *row) for table in tables for row in _rows(conn, f"SELECT DISTINCT entity FROM {table}")})


def _tables(conn: Connection) -> Dump:
    """Tables, columns, keys and indexes as the engine tells them; the order of columns means nothing."""
    found: Dump = {}
    engine = inspect(conn)
    for name in engine.get_table_names():
        if name.startswith("cdp_") or name.endswith(("_version", "_key")):
            continue
        columns = engine.get_columns(name)
        found[name] = {
            "columns": {each["name"]: (str(each["type"]), each["nullable"], each["default"]) for each in columns},
            "key": sorted(engine.get_pk_constraint(name)["constrained_columns"]),
            "unique": sorted(each["column_names"] for each in engine.get_unique_constraints(name)),
            "indexes": sorted((each["name"], each["column_names"]) for each in engine.get_indexes(name)),
        }
        if conn.dialect.name == "postgresql":
            sampled = (
                "SELECT attname, coalesce(attstattarget, -1) FROM pg_attribute"
                f" WHERE attrelid = '\"{name}\"'::regclass AND attnum > 0 AND NOT attisdropped"
            )
            found[name]["statistics"] = dict(_rows(conn, sampled))
        else:
            strict = _rows(conn, f"SELECT strict FROM pragma_table_list WHERE name = '{name}'")
            found[name]["strict"] = strict
    return found
