"""The connection below the application, over sockets: heads without end, trailers, readers that take little."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

import orjson
import pytest

from cdp.api.traffic.gate import Bounds
from cdp.api.traffic.wire import MAX_HEAD, STATE, Wire
from tests.api.threaded import served

MUCH = 8 * 1024 * 1024
"""More than the kernel keeps for a reader."""
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


class Echo:
    """An application that answers with what it sees of a request, or with more than fits."""

    breaks = False

    def __init__(self, **bounds: float) -> None:
        self.state = {STATE: Bounds(**bounds)}  # type: ignore[arg-type]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"].update(self.state)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["path"] == "/long":
            await self.long(send)
            return
        more = scope["path"] != "/early"
        while more:
            message = await receive()
            more = message.get("more_body", False)
        body = orjson.dumps({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]})
        if scope["path"] == "/much":
            body = bytes(MUCH)
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})

    async def long(self, send: Any) -> None:
        """Answer in parts whose sum is not known before, and break off if that is wanted."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (b"one,", b"two"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        if not self.breaks:
            await send({"type": "http.response.body", "body": b""})


@contextmanager
def connected(*, breaks: bool = False, **bounds: float) -> Iterator[socket.socket]:
    app = Echo(**bounds)
    app.breaks = breaks
    with served(app, http=Wire, lifespan="on", loop="uvloop") as url:
        host, _, port = url.rpartition("/")[2].partition(":")
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(60)
            sock.connect((host, int(port)))
            yield sock


def answer(sock: socket.socket) -> tuple[int, Any]:
    found = HTTPResponse(sock)
    found.begin()
    return found.status, orjson.loads(found.read())


def closed(sock: socket.socket) -> bool:
    """Whether the other side has let go; waits for it."""
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def test_a_head_has_an_end() -> None:
    with connected() as sock:
        sock.sendall(HEAD + b"X-Long: " + b"a" * (MAX_HEAD - 100) + b"\r\n\r\n")
        assert answer(sock)[0] == 200
    for line in (b"X-Long: " + b"a" * (3 * MAX_HEAD), b"X: y\r\n" * (MAX_HEAD // 3)):
        with connected() as sock:
            sock.sendall(HEAD + line + b"\r\n\r\n")
            status, said = answer(sock)
            assert (status, said["code"]) == (431, "head_too_large")
    with connected() as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + bytes(200_000))
        assert answer(sock)[0] == 200, "a body is no head"
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        sock.sendall(head + bytes(100_000) + HEAD[:10])
        assert answer(sock)[0] == 200
        sock.sendall(HEAD[10:] + b"X-Long: " + b"a" * (MAX_HEAD - 100) + b"\r\n\r\n")
        assert answer(sock)[0] == 200, "nor is that of the request before"


def test_what_is_no_http_is_a_problem() -> None:
    for bad in (
        b"\x16\x03\x01\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ):
        with connected() as sock:
            sock.sendall(bad)
            status, said = answer(sock)
            assert (status, said["code"]) == (400, "bad_request")
            assert closed(sock)


def test_fields_of_a_trailer_are_none_of_the_head() -> None:
    with connected() as sock:
        sock.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
        )
        status, said = answer(sock)
        assert (status, "authorization" in said) == (200, False)
        sock.sendall(HEAD + b"\r\n")
        assert answer(sock) == (200, {"host": "x"}), "and the connection goes on"


@pytest.mark.parametrize("begun", [b"", b"GET / HT", HEAD, HEAD + b"\r\n" + HEAD])
def test_a_head_that_does_not_arrive_is_not_waited_for(begun: bytes) -> None:
    with connected(seconds=0.05) as sock:
        sock.sendall(begun)
        assert closed(sock)


def taken(sock: socket.socket, slowly: int = 0) -> int:
    """How many bytes are got by one who takes so many of them one by one, each after a moment, and then the rest."""
    total, pause = 0, threading.Event()
    try:
        while data := sock.recv(1 if total < slowly else 65536):
            total += len(data)
            if total < slowly:
                pause.wait(0.01)
    except ConnectionResetError:
        pass
    return total


def test_who_takes_next_to_nothing_is_let_go() -> None:
    with connected(stall_seconds=0.2) as sock:
        sock.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        assert 0 < taken(sock, slowly=100) < MUCH


def test_who_takes_enough_gets_it_whole() -> None:
    with connected(stall_seconds=0.2) as sock:
        sock.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert taken(sock) > MUCH


EARLY = b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"


def test_a_body_that_goes_on_after_its_answer_has_an_end() -> None:
    with connected(seconds=0.2) as sock:
        sock.sendall(EARLY % 1000 + b"\r\n")
        assert answer(sock)[0] == 200
        assert sent(sock, 999) < 999


def sent(sock: socket.socket, most: int) -> int:
    """How many bytes can be sent one by one, each after a moment."""
    pause = threading.Event()
    for number in range(most):
        try:
            sock.sendall(b"a")
        except OSError:
            return number
        pause.wait(0.01)
    return most


def test_an_answer_that_comes_early_is_not_lost() -> None:
    for last, goes_on in ((b"", True), (b"Connection: close\r\n", False)):
        with connected() as sock:
            sock.sendall(EARLY % MUCH + last + b"\r\n" + bytes(MUCH))
            assert answer(sock)[0] == 200
            if goes_on:
                sock.sendall(HEAD + b"\r\n")
                assert answer(sock)[0] == 200
            else:
                assert closed(sock)


def whole(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65536), b""))


def test_a_long_answer_to_an_older_client_is_not_in_chunks() -> None:
    with connected() as sock:
        sock.sendall(b"GET /long HTTP/1.0\r\n\r\n")
        head, _, body = whole(sock).partition(b"\r\n\r\n")
        assert (b"chunked" in head, body) == (False, b"one,two")
    with connected() as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert answer(sock) == (200, {})
        assert closed(sock)


def test_a_long_answer_to_an_older_client_that_breaks_ends_in_a_reset() -> None:
    with connected(breaks=True) as sock:
        sock.sendall(b"GET /long HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            whole(sock)
