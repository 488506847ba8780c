"""One request to an application, in this process and by ASGI alone: every byte of the answer is seen."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

REQUEST_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Answer:
    """An answer; `whole` False means that the connection would have broken."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key == name]
        assert len(found) < 2, name
        return found[0] if found else None

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


async def send(
    app: Any, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Answer:
    """Send a request whose target is given as it stands on the wire, or with characters that are then quoted."""
    path, _, query = target.partition("?")
    given = {"host": "test", "x-request-id": REQUEST_ID, **{k.lower(): v for k, v in (headers or {}).items()}}
    if body:
        given["content-length"] = str(len(body))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": quote(query, safe="=&%(),.*:;+-_~!@/\"'").encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 1), "server": ("test", 80), "state": {},
    }  # fmt: skip
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    ended = asyncio.Event()

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await ended.wait()
        return {"type": "http.disconnect"}

    async def sending(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    await app(scope, receive, sending)
    start = sent[0]
    return Answer(
        start["status"],
        tuple((name.decode(), value.decode("latin-1")) for name, value in start["headers"]),
        b"".join(message.get("body", b"") for message in sent[1:]),
        ended.is_set(),
    )


def call(app: Any, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
    """As `send`, for a test that is no coroutine."""
    return asyncio.run(send(app, method, target, headers, body))
