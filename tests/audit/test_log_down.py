"""When the log cannot be written nothing leaves, and one can ask again; a torn end is refused, never skipped."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, text

import cdp.database.database
from cdp.bootstrap import open_platform
from cdp.config import Settings
from cdp.errors import Unavailable
from cdp.services.erase import erase
from cdp.services.opt_out import refuse
from cdp.services.verify_log import verify_log
from cdp.services.who_saw import who_saw
from tests.support import organisation
from tests.support.faults import every_connection, table_missing
from tests.support.worlds import TESTER, World, opened, request_of


@pytest.fixture
def settings(tmp_path: Path, database_url: str, keys_url: str) -> Settings:
    """A store with three customers, closed."""
    home = tmp_path / "home"
    with opened(home, database_url, keys_url, organisation.catalogue(), organisation.policy()) as world:
        world.add(organisation.people(3))
        world.rows(request_of("letter"))
    return Settings(home=home, database_url=database_url, keys_url=keys_url)


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with open_platform(settings) as platform:
        yield World(platform)


def beneath(settings: Settings, *statements: str) -> None:
    """Change the database as a failing disk or a hand would."""
    engine = create_engine(settings.data_url)
    with engine.begin() as conn:
        for act in ("update", "delete"):
            on = " ON cdp_log_entry" if engine.dialect.name == "postgresql" else ""
            conn.execute(text(f"DROP TRIGGER IF EXISTS cdp_log_entry_no_{act}{on}"))
        for statement in statements:
            conn.execute(text(statement))
    engine.dispose()


LAST = "(SELECT max(number) FROM cdp_log_entry)"
ENTRY, LEAF = "UPDATE cdp_log_entry SET entry =", "UPDATE cdp_log_entry SET leaf ="
MORE = "INSERT INTO cdp_log_entry SELECT number + 1, entry, leaf FROM cdp_log_entry WHERE number ="
TORN = {
    "the last entry is cut short": f"{ENTRY} substr(entry, 1, 40) WHERE number = {LAST}",
    "the last entry is gone": f"DELETE FROM cdp_log_entry WHERE number = {LAST}",
    "the last leaf is another": f"{LEAF} (SELECT leaf FROM cdp_log_entry WHERE number = 0) WHERE number = {LAST}",
    "there is one more than the head knows": f"{MORE} {LAST}",
    "the last but one is gone": f"DELETE FROM cdp_log_entry WHERE number = {LAST} - 1",
}


@pytest.mark.parametrize("torn", TORN)
def test_a_torn_end_is_refused_when_the_store_is_opened(settings: Settings, torn: str) -> None:
    with open_platform(settings):
        pass
    beneath(settings, TORN[torn])
    with pytest.raises(Unavailable) as caught, open_platform(settings):
        pass
    assert caught.value.code == "log_torn"
    assert caught.value.path.startswith("entry ")
    assert caught.value.hint


def test_nothing_is_appended_over_an_entry_that_the_head_does_not_know(world: World) -> None:
    world.sql(
        "INSERT INTO cdp_log_entry SELECT number + 1, entry, leaf FROM cdp_log_entry ORDER BY number DESC LIMIT 1"
    )
    before = world.query("SELECT number, entry FROM cdp_log_entry ORDER BY number")
    with pytest.raises(Unavailable):
        world.rows(request_of("letter"))
    assert world.query("SELECT number, entry FROM cdp_log_entry ORDER BY number") == before
    with pytest.raises(Unavailable) as caught:
        verify_log(world.platform)
    assert caught.value.code == "log_broken"
    for act in ("update", "delete"):  # mend it, so that it can be closed
        on = " ON cdp_log_entry" if world.dialect == "postgresql" else ""
        world.sql(f"DROP TRIGGER IF EXISTS cdp_log_entry_no_{act}{on}")
    world.sql(f"DELETE FROM cdp_log_entry WHERE number = {LAST}")


@contextmanager
def lock_held(world: World) -> Iterator[None]:
    """Another process holds the log, for longer than anybody waits."""
    with pytest.MonkeyPatch.context() as patched:
        durable = cdp.database.database._DURABLE.replace("'10s'", "'100ms'")
        patched.setattr(cdp.database.database, "_DURABLE", durable)
        postgresql = world.dialect == "postgresql"
        wait = () if postgresql else ("PRAGMA busy_timeout=50",)
        other = create_engine(world.platform.settings.data_url)
        with every_connection(world, *wait), other.connect() as conn:
            if postgresql:
                conn.execute(text("SELECT * FROM cdp_log_head FOR UPDATE"))
            else:
                conn.exec_driver_sql("BEGIN IMMEDIATE")
            yield
            conn.rollback()
        other.dispose()


@contextmanager
def connection_lost(world: World) -> Iterator[None]:
    """The server ends the connection between the insert and the commit; on SQLite it is closed beneath the program."""
    engine = world.platform._database._engine
    other = create_engine(world.platform.settings.data_url)

    def lose(conn: Connection) -> None:
        raw = conn.connection.driver_connection
        if raw is None:
            return
        if world.dialect == "postgresql":
            with other.connect() as killer:
                killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": raw.info.backend_pid})
                killer.commit()
        else:
            raw.close()

    event.listen(engine, "commit", lose)
    try:
        yield
    finally:
        event.remove(engine, "commit", lose)
        engine.dispose()
        other.dispose()


DOWN: dict[str, Callable[[World], AbstractContextManager[None]]] = {
    "lock held": lock_held, "connection lost": connection_lost, "table missing": table_missing
}  # fmt: skip


@pytest.mark.parametrize("down", DOWN)
def test_nothing_leaves_and_everything_can_be_tried_again(world: World, down: str) -> None:
    ann = world.query("SELECT customer_id FROM customer ORDER BY ordinal")[0][0]
    before = len(world.entries())
    attempts: list[Callable[[], object]] = [
        lambda: world.rows(request_of("letter")),
        lambda: list(who_saw(world.platform, ann, principal=TESTER)),
        lambda: refuse(world.platform, ann, "direct_marketing", principal=TESTER),
        lambda: erase(world.platform, [ann], principal=TESTER, reason="she asked"),
    ]
    with DOWN[down](world):
        for attempt in attempts:
            with pytest.raises(Unavailable) as caught:
                attempt()
            assert caught.value.hint, caught.value.code
            assert "\n" not in str(caught.value)
    assert len(world.entries()) == before
    for attempt in attempts:  # the same again, once the log is back
        attempt()
    assert world.query(f"SELECT * FROM customer WHERE customer_id = '{ann}'") == []
    assert verify_log(world.platform).entries > before


def test_without_the_key_of_the_log_the_store_is_not_opened(settings: Settings) -> None:
    engine = create_engine(settings.key_store_url)
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM platform_key WHERE name = 'log'"))
    engine.dispose()
    with pytest.raises(Unavailable) as caught, open_platform(settings):
        pass
    assert caught.value.hint
