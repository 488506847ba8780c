"""The platform's tables: made by the migrations as the code knows them, and each says whose data it holds."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from cdp.catalogue.model import Catalogue
from cdp.database.database import Database
from cdp.database.faults import STORE
from cdp.store.platform import LOG_ENTRY, METADATA
from cdp.store.tables import build_schema
from migrations import runner

CATALOGUE = Catalogue.model_validate(
    {
        "entities": {
            "customer": {"fields": {"email": {"type": "text", "category": "user.contact.email", "mask": "email"}}},
            "order": {"belongs_to": "customer", "fields": {"paid": {"type": "boolean", "sensitivity": "none"}}},
        }
    }
)


@pytest.fixture
def database(database_url: str) -> Database:
    """An empty database with the platform's tables."""
    made = Database.create(database_url, STORE)
    made.write(lambda conn: runner.upgrade(conn, "platform"))
    return made


def test_migrations_make_what_the_code_knows(database: Database) -> None:
    def difference(conn: Connection) -> list[object]:
        context = MigrationContext.configure(conn, opts={"compare_type": False, "include_name": _ours})
        return list(compare_metadata(context, METADATA))

    try:
        assert database.read(difference) == []
        assert database.read(_nullable) == {
            (table.name, column.name): bool(column.nullable)
            for table in METADATA.sorted_tables
            for column in table.columns
        }
    finally:
        database.close()


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or (name or "").startswith("cdp_")


def _nullable(conn: Connection) -> dict[tuple[str, str], bool]:
    found = inspect(conn)
    return {
        (table.name, column["name"]): bool(column["nullable"])
        for table in METADATA.sorted_tables
        for column in found.get_columns(table.name)
    }


@pytest.mark.parametrize("table", [*METADATA.sorted_tables, *build_schema(CATALOGUE, "sqlite").metadata.sorted_tables])
def test_every_table_says_whose_data_it_holds(table) -> None:  # type: ignore[no-untyped-def]
    owner = table.info["owner"]
    assert owner is None or owner in table.columns
    if "customer_id" in table.columns:
        assert owner == "customer_id"
        assert next(iter(build_key(table))) == "customer_id"


def build_key(table) -> list[str]:  # type: ignore[no-untyped-def]
    """The first key by which rows are found: the primary key, or on SQLite the unique constraint beside the ordinal."""
    if [column.name for column in table.primary_key] != ["ordinal"]:
        return [column.name for column in table.primary_key]
    return next([column.name for column in each.columns] for each in table.constraints if each is not table.primary_key)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cdp_log_entry SET leaf = leaf",
        "UPDATE cdp_log_tile SET hash = hash",
        "DELETE FROM cdp_log_tile",
        "UPDATE cdp_consent_event SET state = 'allowed'",
        "DELETE FROM cdp_consent_event",
        "UPDATE cdp_release SET size = 0",
    ],
)
def test_history_is_append_only_in_the_database_too(database: Database, database_url: str, statement: str) -> None:
    rows = {
        "cdp_log_entry": "(0, :b, :b)",
        "cdp_log_tile": "(1, 0, :b)",
        "cdp_consent_event": "('c', 'e', 'x', 'refused', 't', 't', 'staff', '{}', NULL, NULL)",
        "cdp_release": "(1, 'v', 'd', 'c', 2, 2, 1, 0, 't')",
    }
    table = next(name for name in rows if name in statement)
    engine = create_engine(database_url)
    try:
        with engine.begin() as conn:
            values = {"b": b"x"} if ":b" in rows[table] else {}
            conn.execute(text(f"INSERT INTO {table} VALUES {rows[table]}"), values)
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as conn:
            conn.execute(text(statement))
    finally:
        engine.dispose()
        database.close()


def test_history_goes_only_while_its_person_is_being_erased(database: Database, database_url: str) -> None:
    """The erasure's own path: an unfinished row of hers in `cdp_erasure`, and of nobody else."""
    engine = create_engine(database_url)
    event = "INSERT INTO cdp_consent_event VALUES (:who, 'e', 'x', 'refused', 't', 't', 'staff', '{}', NULL, NULL)"
    mine = "DELETE FROM cdp_consent_event WHERE customer_id = :who"
    try:
        with engine.begin() as conn:
            for who in ("being erased", "erased", "other"):
                conn.execute(text(event), {"who": who})
            for who, done in (("being erased", "NULL"), ("erased", "'t'")):
                row = f"VALUES (:who, :who, NULL, NULL, '[]', '{{}}', 'a', 't', {done}, NULL, NULL)"
                conn.execute(text(f"INSERT INTO cdp_erasure {row}"), {"who": who})
        for who in ("erased", "other"):
            with pytest.raises(DBAPIError, match="append-only"), engine.begin() as conn:
                conn.execute(text(mine), {"who": who})
        with engine.begin() as conn:
            conn.execute(text(mine), {"who": "being erased"})
            assert conn.execute(text("SELECT count(*) FROM cdp_consent_event")).scalar_one() == 2
    finally:
        engine.dispose()
        database.close()


def test_sqlite_tables_are_strict(database: Database, engine_name: str) -> None:
    if engine_name == "sqlite":
        listed = database.read(lambda conn: conn.execute(text("PRAGMA table_list")).mappings().all())
        ours = [row for row in listed if row["name"].startswith("cdp_")]
        assert len(ours) == len(METADATA.sorted_tables)
        assert all(row["strict"] for row in ours)
    database.close()


def test_postgresql_keeps_no_statistics_of_people(database: Database, engine_name: str) -> None:
    """ANALYZE would copy values into pg_statistic; the columns about people must be switched off."""
    if engine_name == "postgresql":
        query = text(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE c.relname LIKE 'cdp\\_%' AND c.relkind = 'r' AND a.attnum > 0 AND a.attstattarget = 0"
        )
        off = {(row[0], row[1]) for row in database.read(lambda conn: conn.execute(query).all())}
        assert ("cdp_identifier", "token") in off
        assert ("cdp_log_subject", "members") in off
        assert (LOG_ENTRY.name, "number") not in off
    database.close()
