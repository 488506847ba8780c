"""A server or a client that is killed in the middle of an answer: the log says what was sent."""

import os
import signal
import subprocess
import sys
from http.client import IncompleteRead
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.entries import parse_entry
from cdp.bootstrap import open_platform
from cdp.services.apps.register import Registered
from cdp.services.verify_log import verify_log
from cdp.store.platform import LOG_ENTRY
from tests.api.serving import Served, fill, serve
from tests.api.test_serve import CHUNK, slow_reader
from tests.audit.test_signing import until

PEOPLE = 20_000
TARGET = "/views/care_desk?format=ndjson&end=line"
CLIENT = """
import socket, sys
port, target, authorization = sys.argv[1:]
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
sock.connect(("127.0.0.1", int(port)))
sock.sendall(f"GET {target} HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: {authorization}\\r\\n\\r\\n".encode())
got = b""
while got.count(b'"full_name"') < 20:
    got += sock.recv(4096)
print(got.count(b'"full_name"'), flush=True)
sys.stdin.read()  # until it is killed
"""


@pytest.fixture
def large(tmp_path: Path, database_url: str, keys_url: str) -> tuple[Any, Registered]:
    return fill(tmp_path / "home", database_url, keys_url, PEOPLE)


def chunks_of(settings: Any) -> list[int]:
    """How many rows left for the app with each chunk, by a log that verifies."""
    with open_platform(settings) as platform:
        verify_log(platform)
        found = platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))
    said = [parse_entry(row[0]) for row in found]
    mine = [each for each in said if each["what"] == "disclosure" and each["principal"] == "app:desk"]
    assert [each["chunk"] for each in mine] == list(range(len(mine)))
    return [each["rows"] for each in mine]


def test_a_server_that_is_killed(large):
    settings, desk = large
    with serve(settings) as served, slow_reader(served, served.token(desk), "ndjson") as answer:
        first = answer.readline()
        os.kill(served.process.pid, signal.SIGKILL)
        try:
            rest = answer.read()
        except IncompleteRead as error:
            rest = error.partial
        except ConnectionResetError:
            rest = b""
        assert served.wait() == -signal.SIGKILL
    body = first + rest
    assert b'"complete"' not in body, "nothing says that it is whole"
    chunks = chunks_of(settings)
    assert body.count(b'"full_name"') <= sum(chunks) < PEOPLE, "no row without its entry, and it did break off"
    assert set(chunks) == {CHUNK}


def answered(served: Served) -> list[dict[str, Any]]:
    return [each for each in served.lines if each.get("route") == "/views/{view}"]


def test_a_client_that_is_killed(large):
    settings, desk = large
    with serve(settings) as served:
        arguments = [str(served.port), TARGET, served.token(desk)["authorization"]]
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert client.stdout is not None
        received = int(client.stdout.readline())
        client.kill()
        client.communicate()
        until(lambda: answered(served) != [])
        [line] = answered(served)
        assert (line["status"], line["whole"]) == (200, False)
        assert b'cdp_http_broken_total{route="/views/{view}"} 1.0' in served.get("/metrics")[2]
        assert served.stop() == 0
    chunks = chunks_of(settings)
    assert 20 <= received <= sum(chunks) < PEOPLE
    assert set(chunks) == {CHUNK}
