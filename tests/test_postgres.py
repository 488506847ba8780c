"""The launcher of the test PostgreSQL: what it starts is real, belongs to nobody in particular, and goes away."""

import time

import psycopg
import pytest

from tests.postgres import ADMIN, Server, shared_server


def ask(server: Server, question: str, *, user: str = "cdp") -> object:
    with psycopg.connect(server.url("postgres", user=user, driver="postgresql")) as connection:
        row = connection.execute(question).fetchone()
        assert row is not None
        return row[0]


def test_the_product_does_not_connect_as_superuser(postgres_server):
    question = "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert ask(postgres_server, question) is False
    assert ask(postgres_server, question, user=ADMIN) is True


def test_a_password_is_asked_for(postgres_server):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(Server(postgres_server.port, "wrong").url("postgres", driver="postgresql"))


def test_a_fresh_database_is_empty_and_dropped(postgres_server):
    databases = "SELECT count(*) FROM pg_database WHERE datname = '{}'"
    with postgres_server.fresh_database() as url:
        name = url.rpartition("/")[2]
        assert ask(postgres_server, databases.format(name)) == 1
        assert ask(postgres_server, "SELECT count(*) FROM pg_stat_user_tables") == 0
    assert ask(postgres_server, databases.format(name)) == 0


def test_two_users_share_a_server_and_the_last_one_stops_it(tmp_path):
    with shared_server(tmp_path, version=16, durable=True) as first:
        with shared_server(tmp_path, version=16, durable=True) as second:
            assert first == second
        assert ask(first, "SHOW fsync") == "on"
        assert str(ask(first, "SHOW server_version")).startswith("16.")
    for _ in range(100):
        try:
            ask(first, "SELECT 1")
        except psycopg.OperationalError:
            return
        time.sleep(0.1)
    pytest.fail("it still answers")


def test_a_server_that_does_not_start_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="binaries of PostgreSQL 9"), shared_server(tmp_path, version=9):
        pass
