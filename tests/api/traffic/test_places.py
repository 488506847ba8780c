"""Bodies that arrive slowly hold no place: they keep out no reader, nobody who refuses, and no other source."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cdp.api.traffic.places import Places
from cdp.errors import Unavailable
from tests.api.calling import send

REFUSAL = "/customers/x/opt-outs"


async def reads(request: Request) -> Response:
    return Response(await request.body())


class Sender:
    """Somebody at an address who begins to send a body, and sends the rest when told to."""

    def __init__(self, app: Any, path: str, address: str = "192.0.2.1") -> None:
        self.sent: list[Any] = []
        self.rest, self.waits = asyncio.Event(), asyncio.Event()
        scope = {
            "type": "http", "method": "POST", "path": path, "headers": [(b"content-length", b"2")], "query_string": b"",
            "state": {}, "client": (address, 1),
        }  # fmt: skip
        self.task = asyncio.create_task(app(scope, self._receive, self._sending))

    async def _receive(self) -> Any:
        self.waits.set()
        await self.rest.wait()
        return {"type": "http.request", "body": b"ab", "more_body": False}

    async def _sending(self, message: Any) -> None:
        self.sent.append(message)

    async def status(self) -> int:
        await self.task
        return int(self.sent[0]["status"])


def the_app(scene: Any, **bounds: Any) -> Any:
    routes = [Route(path, reads, methods=["GET", "POST"]) for path in ("/in", REFUSAL)]
    return scene.app(*routes, places=4, rights_places=4, **bounds)


@pytest.mark.parametrize("path", ["/in", REFUSAL])
def test_one_who_sends_slowly_keeps_nobody_out(scene, path):
    async def run():
        app = the_app(scene)
        slow = [Sender(app, path) for _ in range(2)]
        for each in slow:
            await each.waits.wait()
        assert await Sender(app, path).status() == 503, "half of the room and no more is for one address"
        assert (await send(app, "GET", path)).status == 200
        other = Sender(app, path, "192.0.2.2")
        other.rest.set()
        assert await other.status() == 200
        for each in slow:
            each.rest.set()
        assert [await each.status() for each in slow] == [200, 200]
        again = Sender(app, path)
        again.rest.set()
        assert await again.status() == 200

    asyncio.run(run())
    assert 'cdp_http_turned_away_total{why="busy"} 1.0' in scene.numbers()


def test_all_who_send_slowly_have_an_end_and_keep_no_reader_out(scene):
    async def run():
        app = the_app(scene, seconds=0.05)
        slow = [Sender(app, "/in", f"192.0.2.{number}") for number in range(4)]
        for each in slow:
            await each.waits.wait()
        assert await Sender(app, "/in", "192.0.2.9").status() == 503
        assert (await send(app, "GET", "/in")).status == 200
        assert [await each.status() for each in slow] == [408] * 4

    asyncio.run(run())


def test_a_body_that_has_arrived_needs_a_place():
    places = Places()
    first, second = (places.of("main", 1, {"client": None}) for _ in range(2))
    second.wait()
    first.enter()
    with pytest.raises(Unavailable, match="at once"):
        second.enter()
    first.leave()
    second.enter()
    second.enter()
    with pytest.raises(Unavailable, match="at once"):
        first.wait()
    second.leave()
    first.wait()
