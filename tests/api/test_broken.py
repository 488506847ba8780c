"""A reader that goes, a database that fails in the middle of an answer: the log says what left."""

import asyncio
import socket
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from cdp.errors import Unavailable
from cdp.store.write import NewRow
from tests import samples
from tests.api.apps import bearer, register
from tests.api.calling import call
from tests.api.threaded import served
from tests.support.worlds import World
from views import run

MANY = 1_500
ROWS = 50
"""In a chunk, so that an answer has many of them."""


@pytest.fixture
def desk(app, platform, monkeypatch):
    monkeypatch.setattr(run, "CHUNK_ROWS", ROWS)
    return bearer(app, register(platform, "desk", "care_desk"))


def more(platform, count: int, **others: Any) -> None:
    """Add people besides those who are there."""
    samples.add(platform, [NewRow({**samples.person(number), **others}) for number in range(100, 100 + count)])


def logged(platform) -> list[int]:
    """How many rows left with each chunk, by the log."""
    return [each["rows"] for each in World(platform).entries() if each["act"] == "read"]


def test_nothing_is_read_for_a_reader_that_has_gone(app, platform, desk):
    more(platform, 3 * ROWS)
    pieces: list[bytes] = []
    gone = asyncio.Event()

    async def send(message: Any) -> None:
        if message.get("body"):
            pieces.append(message["body"])
            gone.set()
            await asyncio.sleep(0)  # so that the news arrives

    async def receive() -> Any:
        await gone.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http", "method": "GET", "path": "/views/care_desk", "raw_path": b"", "root_path": "",
        "query_string": b"format=ndjson", "headers": [(b"authorization", desk["authorization"].encode())],
        "client": None, "server": ("test", 80), "scheme": "http", "http_version": "1.1", "state": {},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert logged(platform) == [piece.count(b"\n") for piece in pieces]
    assert len(pieces) < 4


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_killed_client_leaves_a_log_of_what_was_sent(app, platform, desk):
    long = {"full_name": "Ann " + "Long" * 100}
    more(platform, MANY, **long)
    with served(app) as base:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((urlsplit(base).hostname, urlsplit(base).port))
        head = (
            f"GET /views/care_desk?format=ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: {desk['authorization']}\r\n\r\n"
        )
        client.sendall(head.encode())
        received = b""
        while received.count(b'Long"') < 20:
            received += client.recv(4096)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # as the kernel does for the killed
        client.close()
    sent = sum(logged(platform))
    assert received.count(b'"full_name"') <= sent < MANY


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "arrow", "parquet"])
def test_an_answer_that_breaks_is_visibly_broken(app, platform, desk, monkeypatch, form):
    more(platform, 2 * ROWS)
    read, calls = run.ViewReading.read, []

    def failing(self: Any, conn: Any, position: Any) -> Any:
        calls.append(position)
        if len(calls) % 2 == 0:
            raise Unavailable("store_locked", "the database is busy")
        return read(self, conn, position)

    monkeypatch.setattr(run.ViewReading, "read", failing)
    answer = call(app, "GET", f"/views/care_desk?format={form}", desk)
    assert (answer.status, answer.whole) == (200, False)
    assert logged(platform) == [ROWS]
    if form == "json":
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(answer.body)
    if form in ("ndjson", "csv"):
        told = call(app, "GET", f"/views/care_desk?format={form}&end=line", desk)
        last = told.body.splitlines()[-1]
        assert b"store_locked" in last
        assert (b"false" in last) or last.startswith(b"#end,broken,50")
        assert not told.whole


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_answer_that_fails_at_once_is_a_problem(app, desk, monkeypatch):
    def failing(*_: Any) -> Any:
        raise Unavailable("store_locked", "the database is busy")

    monkeypatch.setattr(run.ViewReading, "read", failing)
    answer = call(app, "GET", "/views/care_desk", desk)
    assert (answer.status, answer.json["code"]) == (503, "store_locked")
    assert answer.header("cdp-columns") is None
