"""Stores that are missing, exposed, older, newer, locked or full: one sentence, exit code 1, nothing half-written."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cdp.database import database
from migrations import runner

AGENT = ("read", "care_desk", "--as", "agent", "--format", "json")
EVERY_COMMAND: Sequence[tuple[str, ...]] = (
    AGENT,
    ("policy", "explain", "care_desk", "--as", "agent"),
    ("policy", "publish"),
    ("model", "plan"),
    ("model", "apply"),
    ("import", "a.csv"),
    ("opt-out", "email:ann3@example.org", "direct_marketing"),
    ("opt-in", "email:ann3@example.org", "direct_marketing", "--word", "by phone"),
    ("release", "build", "insight"),
    ("release", "list"),
    ("log", "verify"),
    ("keys", "rotate"),
)
only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def every(cdp, folder):
    """Run every command and `init`; all of them must say the same."""

    def call(said, init=True):
        Path("a.csv").write_text("full_name\nAnn\n")
        for line in (*EVERY_COMMAND, *([("init",)] if init else [])):
            done = cdp(*line)
            assert (done.code, done.out) == (1, ""), (line, done)
            assert done.err.startswith(f"cdp: {said}\n     "), (line, done.err)
            assert len(done.err.splitlines()) == 2

    return call


@only_sqlite
def test_no_database(every, tmp_path):
    every(f"{tmp_path}/cdp.db: the database is not there", init=False)
    assert not (tmp_path / "cdp.db").exists()
    assert not (tmp_path / "keys.db").exists()


def test_an_empty_database(every, cdp, engine_name, tmp_path):
    if engine_name == "sqlite":
        (tmp_path / "cdp.db").touch(mode=0o600)
    every("the platform tables are not there yet", init=False)


@only_sqlite
@pytest.mark.parametrize("command", ["init", "read"])
def test_a_lost_key_store_is_never_replaced(cdp, people, tmp_path, command):
    for path in tmp_path.glob("keys.db*"):
        path.unlink()
    done = cdp(*(AGENT if command == "read" else ["init"]))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"cdp: {tmp_path}/keys.db: the key store is not there\n     check CDP_KEYS_URL")
    assert not (tmp_path / "keys.db").exists()


@only_sqlite
def test_a_lost_key_encryption_key_is_never_replaced(cdp, people, tmp_path):
    (tmp_path / "home" / "kek").unlink()
    for line in (AGENT, ["init"]):
        done = cdp(*line)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"cdp: {tmp_path}/home/kek: ")
    assert not (tmp_path / "home" / "kek").exists()


@only_sqlite
def test_the_key_store_of_another_database(cdp, people, tmp_path, monkeypatch):
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("CDP_KEYS_URL", f"sqlite:///{tmp_path}/other.db")
    monkeypatch.setenv("CDP_DATABASE_URL", f"sqlite:///{tmp_path}/other-data.db")
    assert cdp("init").code == 0
    (tmp_path / "other" / "checkpoint").unlink()  # or the log would be found to be another one first
    monkeypatch.setenv("CDP_DATABASE_URL", f"sqlite:///{tmp_path}/cdp.db")
    done = cdp(*AGENT)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("cdp: CDP_KEYS_URL: the key store is not the one that this database was sealed with\n")


@only_sqlite
@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("cdp.db", "the database"),
        ("keys.db", "the key store"),
        ("home/kek", "the file of the key-encryption key"),
    ],
)
def test_a_file_that_others_may_read(every, people, tmp_path, name, noun):
    path = tmp_path / name
    path.chmod(0o644)
    every(f"{path}: others than its owner may read or write {noun}")


def test_a_database_of_a_newer_program(every, people, database_url):
    engine = create_engine(database_url)
    with engine.begin() as conn:
        conn.execute(text("UPDATE platform_version SET version_num = '9999'"))
    engine.dispose()
    every("the platform tables are newer than this program")


def test_a_database_of_an_older_program_says_what_upgrades_it(cdp, people, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(runner, "state", lambda *_: runner.State.OLDER)
        done = cdp(*AGENT)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "cdp: the platform tables are older than this program\n"
        "     run `cdp init`, which upgrades them and keeps all data\n"
    )
    assert cdp("init").code == 0


@only_sqlite
def test_what_is_no_database(every, people, tmp_path):
    (tmp_path / "cdp.db").write_bytes(b"canary" * 4096)
    for path in (tmp_path / "cdp.db-wal", tmp_path / "cdp.db-shm"):
        path.unlink(missing_ok=True)
    every(f"{tmp_path}/cdp.db: the database is damaged, or no database at all")


@pytest.fixture
def impatient(monkeypatch):
    """Wait for a lock for a moment only."""
    pragmas = tuple(line for line in database._PRAGMAS if "busy_timeout" not in line)
    monkeypatch.setattr(database, "_PRAGMAS", ("PRAGMA busy_timeout=20", *pragmas))
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.02)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("line", [AGENT, EVERY_COMMAND[6], EVERY_COMMAND[5]], ids=["read", "opt-out", "import"])
def test_a_locked_database(cdp, people, database_url, engine_name, line):
    Path("a.csv").write_text("full_name\nAnn\n")
    before = cdp("log", "verify").out
    engine = create_engine(database_url)
    with engine.connect() as conn:
        lock = "BEGIN IMMEDIATE" if engine_name == "sqlite" else "LOCK TABLE cdp_log_head IN ACCESS EXCLUSIVE MODE"
        if engine_name == "sqlite":
            conn.connection.dbapi_connection.isolation_level = None
        conn.exec_driver_sql(lock)
        done = cdp(*line)
        conn.rollback()
    engine.dispose()
    assert (done.code, done.out) == (1, "")
    assert "another process holds the database for too long" in done.err.splitlines()[0]
    assert cdp("log", "verify").out == before


@only_sqlite
def test_a_full_disk(cdp, people, folder, monkeypatch):
    rows = "".join(f"{'Ann' * 300}{number},x{number}@example.org\n" for number in range(300))
    Path("many.csv").write_text(f"full_name,email\n{rows}")
    before = cdp("log", "verify").out
    with monkeypatch.context() as patch:
        patch.setattr(database, "_PRAGMAS", (*database._PRAGMAS, "PRAGMA max_page_count=1"))
        done = cdp("import", "many.csv")
    assert (done.code, done.out) == (1, "")
    assert "db: there is no space left for the " in done.err.splitlines()[0]
    assert cdp("log", "verify").out == before
    assert cdp("import", "many.csv").out.startswith("300 rows read")
