"""The runner of the migrations, and the key store's own."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from cdp.errors import Unavailable
from cdp.vault.tables import METADATA
from migrations import runner
from migrations.runner import State, check, state, upgrade

FIRST = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "demo_1", None
def upgrade():
    op.create_table("one", sa.Column("a", sa.Integer))
"""
SECOND = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "demo_2", "demo_1"
def upgrade():
    op.create_table("two", sa.Column("a", sa.Integer))
    {then}
"""


@pytest.fixture(autouse=True)
def _as_they_are(monkeypatch):
    monkeypatch.setattr(runner, "upgrade", upgrade)


@pytest.fixture
def engine(database_url):
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder `demo` of migrations, in a place whose name Alembic's configuration would misread."""
    place = tmp_path / "a place: with % and ," / "migrations"
    (place / "demo").mkdir(parents=True)
    (place / "env.py").write_text(Path(runner.__file__).with_name("env.py").read_text())
    (place / "demo" / "__init__.py").touch()
    (place / "demo" / "v1.py").write_text(FIRST)
    monkeypatch.setattr(runner, "_HERE", place)
    return place / "demo"


def tables(engine):
    return set(inspect(engine).get_table_names())


def refusal(engine):
    with pytest.raises(Unavailable) as caught:
        check(engine, "demo")
    assert caught.value.hint
    return caught.value.code


def test_from_nothing_to_the_newest_version(engine, folder):
    assert state(engine, "demo") is State.EMPTY
    assert refusal(engine) == "database_empty"
    upgrade(engine, "demo")
    assert state(engine, "demo") is State.EQUAL
    check(engine, "demo")
    upgrade(engine, "demo")
    assert tables(engine) == {"demo_version", "one"}

    (folder / "v2.py").write_text(SECOND.format(then=""))
    assert state(engine, "demo") is State.OLDER
    assert refusal(engine) == "database_older"
    upgrade(engine, "demo")
    assert state(engine, "demo") is State.EQUAL
    assert tables(engine) == {"demo_version", "one", "two"}

    (folder / "v2.py").unlink()
    assert state(engine, "demo") is State.NEWER
    assert refusal(engine) == "database_newer"
    with pytest.raises(Unavailable) as caught:
        upgrade(engine, "demo")
    assert caught.value.code == "database_newer"


def test_a_migration_happens_whole_or_not_at_all(engine, folder):
    upgrade(engine, "demo")
    (folder / "v2.py").write_text(SECOND.format(then="raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        upgrade(engine, "demo")
    assert tables(engine) == {"demo_version", "one"}
    assert state(engine, "demo") is State.OLDER
    (folder / "v2.py").write_text(SECOND.format(then="op.execute('INSERT INTO two VALUES (7)')"))
    upgrade(engine, "demo")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT a FROM two")).scalar_one() == 7


def test_one_process_at_a_time(engine, folder):
    """The second waits for the first one's transaction, and then finds nothing left to do."""
    with engine.connect() as first:
        upgrade(first, "demo")
        second = threading.Thread(target=upgrade, args=(engine, "demo"))
        second.start()
        second.join(0.5)
        assert second.is_alive()
        first.commit()
    second.join()
    assert state(engine, "demo") is State.EQUAL


def test_a_process_that_waited_does_not_upgrade_what_is_newer_by_then(engine, folder):
    upgrade(engine, "demo")
    errors = []

    def wait():
        try:
            upgrade(engine, "demo")
        except Unavailable as error:
            errors.append(error.code)

    with engine.connect() as first:
        runner._lock(first)
        first.execute(text("UPDATE demo_version SET version_num = 'demo_9'"))
        second = threading.Thread(target=wait)
        second.start()
        second.join(0.3)
        first.commit()
    second.join()
    assert errors == ["database_newer"]


def test_the_caller_s_transaction_is_the_caller_s(engine, folder):
    with engine.connect() as connection:
        upgrade(connection, "demo")
        connection.rollback()
    assert state(engine, "demo") is State.EMPTY


def test_two_folders_in_one_database_do_not_meet(engine, folder):
    upgrade(engine, "demo")
    runner._HERE = Path(runner.__file__).parent
    assert state(engine, "keys") is State.EMPTY
    upgrade(engine, "keys")
    assert state(engine, "keys") is State.EQUAL
    assert {"demo_version", "keys_version"} <= tables(engine)


def test_the_tables_are_those_that_the_vault_expects(engine):
    upgrade(engine, "keys")
    with engine.connect() as connection:
        there = MigrationContext.configure(connection, opts={"version_table": "keys_version", "compare_type": True})
        assert compare_metadata(there, METADATA) == []
        if engine.dialect.name == "sqlite":
            sql = connection.execute(text("SELECT sql FROM sqlite_schema WHERE name LIKE '%_key'")).scalars().all()
            assert len(sql) == 3
            assert all("STRICT" in each for each in sql)


def test_the_versions_of_the_key_store_are_one_line():
    script = ScriptDirectory(str(runner._HERE), version_locations=[str(runner._HERE / "keys")])
    assert len(script.get_heads()) == len(script.get_bases()) == 1
    for revision in script.walk_revisions():
        assert Path(revision.path).stem.startswith("v")
        assert revision.revision.startswith("keys_")
