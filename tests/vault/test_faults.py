"""What is wrong with the key store: one clear error each, with a code, what to do, and no text of the driver."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, TimeoutError as PoolTimeoutError

from cdp.database import database
from cdp.database.faults import KEYS, driver_fault
from cdp.errors import BadInput, Unavailable
from cdp.vault import faults
from cdp.vault.faults import fault
from cdp.vault.vault import Vault
from tests.vault.conftest import new_ids

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def unavailable(action, code):
    with pytest.raises(Unavailable) as caught:
        action()
    error = caught.value
    assert error.code == code
    assert error.hint
    assert error.path
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    for driver in ("sqlite", "psycopg", "sqlalche", "errno", "database is", "disk i/o", "SELECT", "FATAL"):
        assert driver not in f"{error.message} {error.hint}"
    return error


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.db"  # what the fixture keys_url names


@pytest.fixture
def made(keys_url, kek_url):
    """A key store that was made and closed, with a key in it."""
    with Vault.create(keys_url, kek_url) as vault:
        vault.new_keys(["ann"])


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(database, "_PRAGMAS", ("PRAGMA busy_timeout=200", *database._PRAGMAS[1:]))


@on_sqlite
def test_file_and_folder_are_private(made, path, keys_url, kek_url, tmp_path):
    assert path.stat().st_mode & 0o777 == 0o600
    deep = tmp_path / "new" / "folder" / "keys.db"
    with Vault.create(f"sqlite:///{deep}", f"file:{tmp_path / 'other.json'}") as vault:
        vault.new_keys(new_ids(3))
        modes = {each.name: each.stat().st_mode & 0o777 for each in deep.parent.iterdir()}
        assert modes == {"keys.db": 0o600, "keys.db-wal": 0o600, "keys.db-shm": 0o600}
    assert deep.parent.stat().st_mode & 0o777 == 0o700


@on_sqlite
def test_settings_of_each_connection(vault):
    def pragma(name):
        return vault.keystore.database.read(lambda c: c.exec_driver_sql(f"PRAGMA {name}").scalar_one())

    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
    assert [pragma(name) for name in names] == ["wal", 2, 1, 1]


@on_sqlite
def test_a_missing_key_store_is_not_made_again(made, path, keys_url, kek_url):
    path.unlink()
    assert unavailable(lambda: Vault.open(keys_url, kek_url), "keystore_missing").path == str(path)
    assert not path.exists()


@on_sqlite
def test_a_key_store_that_goes_while_the_program_runs_is_not_made_again(vault, path):
    vault.keystore.database.close()
    for each in path.parent.glob("keys.db*"):
        each.unlink()
    unavailable(lambda: vault.keys(["ann"]), "keystore_unreadable")
    assert not path.exists()


def test_an_empty_database_is_no_key_store(keys_url, kek_url, path, engine_name):
    if engine_name == "sqlite":
        path.touch(0o600)
    open_or_create_kek(kek_url)
    unavailable(lambda: Vault.open(keys_url, kek_url), "keystore_missing")


def open_or_create_kek(kek_url):
    from cdp.vault.kek import create_kek

    return create_kek(kek_url)


def test_a_missing_key_encryption_key_is_not_made_again(made, keys_url, kek_url, tmp_path):
    (tmp_path / "kek" / "kek.json").unlink()
    for action in (Vault.open, Vault.create):
        unavailable(lambda action=action: action(keys_url, kek_url), "kek_missing")
    assert not (tmp_path / "kek" / "kek.json").exists()


def test_the_key_encryption_key_of_another_key_store(made, keys_url, tmp_path):
    other = f"file:{tmp_path / 'other.json'}"
    open_or_create_kek(other)
    for action in (Vault.open, Vault.create):
        unavailable(lambda action=action: action(keys_url, other), "kek_unknown")


def test_creation_that_was_killed_is_finished_by_the_next(keys_url, kek_url, path, engine_name):
    open_or_create_kek(kek_url)  # killed after the first step
    if engine_name == "sqlite":
        path.touch(0o600)  # and after the second
    with Vault.create(keys_url, kek_url) as vault:
        assert vault.new_keys(["ann"])


@on_sqlite
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_others_may_read_the_file(made, path, keys_url, kek_url, mode):
    path.chmod(mode)
    for action in (Vault.open, Vault.create):
        error = unavailable(lambda action=action: action(keys_url, kek_url), "keystore_exposed")
        assert "chmod 600" in error.hint


@on_sqlite
def test_the_file_is_something_else(made, path, keys_url, kek_url):
    path.write_bytes(b"Dear diary, " * 1000)
    for action in (Vault.open, Vault.create):
        unavailable(lambda action=action: action(keys_url, kek_url), "keystore_damaged")
    path.unlink()
    path.mkdir()
    unavailable(lambda: Vault.open(keys_url, kek_url), "keystore_unreadable")


@on_sqlite
def test_the_file_is_damaged(made, path, keys_url, kek_url):
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)
    unavailable(lambda: Vault.open(keys_url, kek_url), "keystore_damaged")


@on_sqlite
def test_another_process_holds_the_file(impatient, made, path, keys_url, kek_url):
    with Vault.open(keys_url, kek_url) as vault, sqlite3.connect(path) as other:
        other.execute("BEGIN IMMEDIATE")
        unavailable(lambda: vault.new_keys(["bob"]), "keystore_locked")
        assert set(vault.keys(["ann"])) == {"ann"}
        other.rollback()
        assert set(vault.new_keys(["bob"])) == {"bob"}
    other.close()


@on_sqlite
def test_a_reader_that_keeps_erased_keys_in_the_log_is_told_of(impatient, made, path, keys_url, kek_url):
    with Vault.open(keys_url, kek_url) as vault, sqlite3.connect(path) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM customer_key").fetchall()
        unavailable(lambda: vault.destroy(["ann"]), "keystore_locked")
        assert vault.keys(["ann"]) == {}
        other.rollback()
        vault.destroy(["ann"])
        assert path.with_name("keys.db-wal").stat().st_size == 0
    other.close()


@on_sqlite
def test_the_disk_is_full(vault):
    def fill(connection):
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    keys = vault.new_keys(["ann"])
    vault.keystore.database.read(fill)
    unavailable(lambda: vault.new_keys(new_ids(1000)), "keystore_full")
    assert vault.keys(["ann"]) == keys


@on_postgresql
def test_another_session_holds_the_table(impatient, vault, keys_url):
    vault.new_keys(["ann"])
    with psycopg.connect(keys_url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE customer_key IN ACCESS EXCLUSIVE MODE")
        unavailable(lambda: vault.new_keys(["bob"]), "keystore_locked")
        unavailable(lambda: vault.destroy(["ann"]), "keystore_locked")
    assert set(vault.keys(["ann", "bob"])) == {"ann"}


@on_postgresql
def test_no_server_no_database_wrong_password(made, keys_url, kek_url):
    name = keys_url.rpartition("/")[2]
    port = keys_url.rpartition(":")[2].partition("/")[0]
    password = keys_url.partition("://cdp:")[2].partition("@")[0]
    for wrong in (
        keys_url.replace(f":{port}/", ":1/"),
        keys_url.replace(name, "no_such_database"),
        keys_url.replace(password, "wrong-password"),
    ):
        error = unavailable(lambda wrong=wrong: Vault.open(wrong, kek_url), "keystore_unreachable")
        assert password not in str(error)
        assert "wrong-password" not in str(error)
        assert error.path.startswith("postgresql:127.0.0.1/")


@on_postgresql
def test_a_commit_waits_for_the_disk_whatever_the_database_is_set_to(vault, keys_url):
    with psycopg.connect(keys_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(f"ALTER DATABASE {keys_url.rpartition('/')[2]} SET synchronous_commit = off")
    vault.keystore.database.close()
    show = text("SHOW synchronous_commit")
    assert vault.keystore.database.write(lambda c: c.execute(show).scalar_one()) == "on"
    assert vault.keystore.database.read(lambda c: c.execute(show).scalar_one()) == "off"


def test_older_and_newer_schema(vault, keys_url, kek_url):
    def stamp(version):
        statement = text("UPDATE keys_version SET version_num = :version")
        vault.keystore.database.write(lambda connection: connection.execute(statement, {"version": version}))

    stamp("keys_9999")
    for action in (Vault.open, Vault.create):
        with pytest.raises(Unavailable) as caught:
            action(keys_url, kek_url)
        assert caught.value.code == "database_newer"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("not a url with a s3cret", "keystore_url_malformed"),
        ("", "keystore_url_malformed"),
        ("mysql://user:s3cret@host/db", "keystore_url_unknown"),
        ("sqlite://", "keystore_url_fleeting"),
        ("sqlite:///:memory:", "keystore_url_fleeting"),
    ],
)
def test_urls_that_are_refused(url, code, kek_url):
    open_or_create_kek(kek_url)
    for action in (Vault.open, Vault.create):
        with pytest.raises(BadInput) as caught:
            action(url, kek_url)
        assert (caught.value.code, caught.value.path) == (code, "CDP_KEYS_URL")
        assert "s3cret" not in str(caught.value)


class DriverError(Exception):
    def __init__(self, **attributes):
        super().__init__("DETAIL: Key (email)=(ann@example.org)")
        vars(self).update(attributes)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"sqlite_errorcode": sqlite3.SQLITE_FULL}, "keystore_full"),
        ({"sqlite_errorcode": sqlite3.SQLITE_BUSY_SNAPSHOT}, "keystore_locked"),
        ({"sqlite_errorcode": sqlite3.SQLITE_READONLY_DBMOVED}, "keystore_moved"),
        ({"sqlite_errorcode": sqlite3.SQLITE_READONLY}, "keystore_unwritable"),
        ({"sqlite_errorcode": sqlite3.SQLITE_IOERR_READ}, "keystore_unreadable"),
        ({"sqlite_errorcode": sqlite3.SQLITE_CANTOPEN}, "keystore_unreadable"),
        ({"sqlite_errorcode": sqlite3.SQLITE_CORRUPT_INDEX}, "keystore_damaged"),
        ({"sqlite_errorcode": sqlite3.SQLITE_MISUSE}, "keystore_failed"),
        ({"sqlstate": "53100"}, "keystore_full"),
        ({"sqlstate": "53300"}, "keystore_unreachable"),
        ({"sqlstate": "57P01"}, "keystore_unreachable"),
        ({"sqlstate": "57014"}, "keystore_locked"),
        ({"sqlstate": "40P01"}, "keystore_locked"),
        ({"sqlstate": "25006"}, "keystore_unwritable"),
        ({"sqlstate": "42501"}, "keystore_unwritable"),
        ({"sqlstate": "XX001"}, "keystore_damaged"),
        ({"sqlstate": "23505"}, "keystore_conflict"),
        ({"sqlstate": None}, "keystore_unreachable"),
    ],
)
def test_every_kind_of_driver_error(attributes, code):
    error = driver_fault(KEYS, OperationalError("INSERT", {"x": "ann@example.org"}, DriverError(**attributes)), "here")
    assert error.code == code
    assert "example.org" not in str(error)
    assert driver_fault(KEYS, PoolTimeoutError(), "here").code == "keystore_locked"


def test_every_fault_says_what_to_do():
    for code in faults._FAULTS:
        error = fault(code, "here")
        assert error.message[0].islower()
        assert not error.message.endswith(".")
        assert error.hint
