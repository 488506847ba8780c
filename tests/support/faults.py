"""Ways in which a log cannot be written, made for real where the engine allows it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import Connection, event

from audit.append import Log
from audit.entries import Entry, Principal
from cdp.errors import CdpError
from tests.support.worlds import World


@contextmanager
def every_connection(world: World, *statements: str) -> Iterator[None]:
    """Have every connection of the store run these first; open ones are given up."""
    engine = world.platform._database._engine

    def prepare(raw: Any, _record: object) -> None:
        cursor = raw.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        if world.dialect == "postgresql":
            raw.commit()

    event.listen(engine, "connect", prepare)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", prepare)
        engine.dispose()


@contextmanager
def table_missing(world: World) -> Iterator[None]:
    world.sql("ALTER TABLE cdp_log_entry RENAME TO elsewhere")
    try:
        yield
    finally:
        world.sql("ALTER TABLE elsewhere RENAME TO cdp_log_entry")


@contextmanager
def head_replaced(world: World, *statements: str) -> Iterator[None]:
    world.sql("CREATE TABLE kept AS SELECT * FROM cdp_log_head", *statements)
    try:
        yield
    finally:
        world.sql("DELETE FROM cdp_log_head", "INSERT INTO cdp_log_head SELECT * FROM kept", "DROP TABLE kept")


def head_missing(world: World) -> AbstractContextManager[None]:
    return head_replaced(world, "DELETE FROM cdp_log_head")


def head_damaged(world: World) -> AbstractContextManager[None]:
    return head_replaced(
        world, "UPDATE cdp_log_head SET frontier = " + ("x'00'" if world.dialect == "sqlite" else r"'\x00'")
    )


@contextmanager
def read_only(world: World) -> Iterator[None]:
    statement = "PRAGMA query_only=ON" if world.dialect == "sqlite" else "SET default_transaction_read_only = on"
    with every_connection(world, statement):
        yield


@contextmanager
def disk_full(world: World) -> Iterator[None]:
    """On SQLite a file that may not grow; on PostgreSQL the error that a server gives when its disk is full."""
    if world.dialect == "sqlite":
        with every_connection(world, "PRAGMA max_page_count=1"):  # it may not grow beyond what it is
            with suppress(CdpError):
                while True:  # until not even the smallest entry has room in the pages that are there
                    world.platform.door.note(Entry("refusal", "filling", Principal(""), None))
            yield
        return
    world.sql(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON cdp_log_entry FOR EACH ROW EXECUTE FUNCTION full_disk()",
    )
    try:
        yield
    finally:
        world.sql("DROP TRIGGER full_disk ON cdp_log_entry", "DROP FUNCTION full_disk")


@contextmanager
def append_raises(world: World) -> Iterator[None]:
    """The writing of entries fails in a way that nobody thought of."""

    def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Log, "_write", broken)
        yield


@contextmanager
def commit_raises(world: World) -> Iterator[None]:
    """The entry was written and the commit fails."""
    engine = world.platform._database._engine

    def begun(conn: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN IMMEDIATE") or "synchronous_commit" in statement:
            conn.info["writes"] = True

    def fail(conn: Connection) -> None:
        if conn.info.pop("writes", False):
            raise OSError("the disk is gone")

    event.listen(engine, "before_cursor_execute", begun)
    event.listen(engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", begun)
        event.remove(engine, "commit", fail)
        engine.dispose()


FAULTS: dict[str, Callable[[World], Any]] = {
    each.__name__: each
    for each in (table_missing, head_missing, head_damaged, read_only, disk_full, append_raises, commit_raises)
}
