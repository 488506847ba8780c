"""The server as processes: workers, one set of limits and numbers, stopping, and a worker that dies."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import IncompleteRead
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.entries import parse_entry
from cdp.bootstrap import open_platform
from cdp.client.client import Client
from cdp.services.apps.register import Registered
from cdp.store.platform import LOG_ENTRY
from tests.api.serving import Served, fill, serve
from tests.audit.test_signing import until

PEOPLE = 12_000
CHUNK = 5_000


@pytest.fixture
def store(tmp_path: Path, database_url: str, keys_url: str) -> tuple[Any, Registered]:
    return fill(tmp_path / "home", database_url, keys_url, 6)


@pytest.fixture
def large(tmp_path: Path, database_url: str, keys_url: str) -> tuple[Any, Registered]:
    return fill(tmp_path / "home", database_url, keys_url, PEOPLE)


def read_rows(settings: Any) -> int:
    """How many rows the log says have left for the app."""
    with open_platform(settings) as platform:
        found = platform.door.lookup(select(LOG_ENTRY.c.entry))
    said = [parse_entry(row[0]) for row in found]
    return sum(each["rows"] for each in said if each["what"] == "disclosure" and each["principal"] == "app:desk")


def test_workers_share_limits_and_add_up_their_numbers(store):
    settings, desk = store
    with serve(settings, workers=2, CDP_LIMIT_APP=30) as served:
        token = served.token(desk)
        statuses = [served.get("/views/care_desk?limit=1", token)[0] for _ in range(40)]
        assert 30 <= statuses.count(200) <= 32, "what came back meanwhile may have been given, too"
        assert statuses.count(429) == 40 - statuses.count(200)
        numbers = served.get("/metrics")[2].decode()
        [counted] = re.findall(r'requests_total\{method="GET",route="/views/\{view\}",status="200"\} (\S+)', numbers)
        assert float(counted) == statuses.count(200)
        assert served.get("/readyz")[0] == 200
        signed = re.compile(rb"^cdp_log_signed_timestamp_seconds 1\.\d+e\+09$", re.MULTILINE)
        until(lambda: signed.search(served.get("/metrics")[2]) is not None)  # whichever worker is asked
        assert served.stop() == 0
    lines = [each for each in served.lines if each.get("event") == "request" and each["route"] == "/views/{view}"]
    assert [each["status"] for each in lines].count(429) == statuses.count(429)
    assert {each["app"] for each in lines} == {desk.app.client_id}


def workers_of(served: Served) -> list[int]:
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    return [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_worker_that_is_killed_is_replaced(store):
    settings, desk = store
    with serve(settings, workers=2) as served:
        os.kill(workers_of(served)[0], signal.SIGKILL)
        token = served.token(desk)
        assert all(served.get("/views/care_desk", token)[0] == 200 for _ in range(10))
        assert served.stop() == 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_workers_are_replaced_when_that_is_asked_for_and_end_with_their_parent(store):
    settings, desk = store
    with serve(settings, workers=2) as served:
        token, before = served.token(desk), workers_of(served)
        served.process.send_signal(signal.SIGHUP)
        while set(before) & set(workers_of(served)):
            assert served.get("/views/care_desk?limit=1", token)[0] == 200, "and somebody answers meanwhile"
        served.process.send_signal(signal.SIGKILL)
        assert served.wait() == -signal.SIGKILL, "nobody has its standard error any more"
        with pytest.raises(ConnectionRefusedError):
            served.get("/healthz")


@contextmanager
def slow_reader(served: Served, token: dict[str, str], form: str) -> Iterator[Any]:
    """Ask for everything and read only the head of the answer."""
    connection = served.connect()
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.settimeout(60)
    connection.sock.connect(("127.0.0.1", served.port))
    connection.request("GET", f"/views/care_desk?format={form}&end=line", headers=token)
    answer = connection.getresponse()
    assert answer.status == 200
    try:
        yield answer
    finally:
        answer.close()
        connection.close()


def test_told_to_stop_it_finishes_what_it_has_begun(large):
    settings, desk = large
    with serve(settings) as served, slow_reader(served, served.token(desk), "ndjson") as answer:
        served.process.send_signal(signal.SIGTERM)
        body = answer.read()
        assert served.wait() == 0
    assert body.endswith(b'{"_end":{"complete":true,"rows":12000}}\n')
    assert read_rows(settings) == PEOPLE


def listens(served: Served) -> bool:
    try:
        socket.create_connection(("127.0.0.1", served.port)).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_has_just_connected_is_still_answered(store):
    settings, desk = store
    with serve(settings) as served:
        token, connection = served.token(desk), served.connect()
        connection.connect()
        served.process.send_signal(signal.SIGTERM)
        while listens(served):
            pass
        connection.request("GET", "/views/care_desk?limit=1", headers=token)
        answer = connection.getresponse()
        assert (answer.status, len(answer.read()) > 2, answer.headers["connection"]) == (200, True, "close")
        assert served.wait() == 0


def test_after_its_grace_it_breaks_off_where_it_shows(large):
    settings, desk = large
    with (
        serve(settings, CDP_GRACE_SECONDS=0) as served,
        slow_reader(served, served.token(desk), "ndjson") as answer,
    ):
        first = answer.readline()
        served.process.send_signal(signal.SIGTERM)
        with pytest.raises(IncompleteRead) as error:
            answer.read()
        assert served.wait() == 0
    lines = (first + error.value.partial).splitlines()
    assert lines[-1] == b'{"_end":{"complete":false,"rows":%d,"code":"stopping"}}' % (len(lines) - 1)
    assert (len(lines) - 1) % CHUNK == 0, "whole chunks"
    assert len(lines) - 1 <= read_rows(settings) < PEOPLE, "no row without its entry"


def test_a_client_of_ours_sees_what_there_is(store):
    settings, desk = store
    with serve(settings) as served, Client(served.url, desk.app.client_id, desk.secret) as cdp:
        assert [view.name for view in cdp.views()] == ["care_desk"]
        rows = list(cdp.read("care_desk", where={"loyalty": "eq.gold"}, select=("customer_id", "full_name", "loyalty")))
        assert sorted(row["full_name"] for row in rows) == ["Ann Number1", "Ann Number3", "Ann Number5"]
        assert cdp.count("care_desk") == 6
        row = cdp.row("care_desk", rows[0]["customer_id"])
        assert cdp.change(row, {"loyalty": "none"})["loyalty"] == "none"
        cdp.refuse(row.row_id, "direct_marketing", said="no more mail")
        assert served.stop() == 0
