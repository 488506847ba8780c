"""Places, lanes, time, and answers that break."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from cdp.api.traffic.limits import Spent
from cdp.api.traffic.places import lane_of
from cdp.errors import Unavailable
from tests.api.calling import call, send


class Held:
    """An endpoint that answers when it is let go."""

    def __init__(self) -> None:
        self.inside = asyncio.Semaphore(0)
        self.open = asyncio.Event()

    async def __call__(self, _request: Request) -> Response:
        self.inside.release()
        await self.open.wait()
        return Response(b"done")


def held(scene, others, **bounds):
    """Call `others(app)` while two requests hold both places of the main lane."""

    async def run():
        endpoint = Held()
        fast = [Route(path, quick) for path in ("/customers/{id}/opt-outs", "/oauth/token", "/quick")]
        routes = [Route("/slow", endpoint.__call__), *fast]
        app = scene.app(*routes, places=2, **bounds)
        slow = [asyncio.create_task(send(app, "GET", "/slow")) for _ in range(2)]
        for _ in slow:
            await endpoint.inside.acquire()
        found = await others(app)
        endpoint.open.set()
        assert [(await each).status for each in slow] == [200, 200]
        after = await send(app, "GET", "/quick")
        assert after.status == 200
        return found

    return asyncio.run(run())


async def quick(_request: Request) -> Response:
    return Response(b"quick")


def test_more_than_fit_are_turned_away_at_once(scene):
    answer = held(scene, lambda app: send(app, "GET", "/quick"))
    assert (answer.status, answer.json["code"], answer.header("retry-after")) == (503, "busy", "1")
    assert answer.header("cache-control") == "no-store"
    assert 'cdp_http_turned_away_total{why="busy"} 1.0' in scene.numbers()


@pytest.mark.parametrize("path", ["/customers/x/opt-outs", "/oauth/token"])
def test_a_refusal_has_places_of_its_own_and_so_has_the_token_for_it(scene, path):
    assert held(scene, lambda app: send(app, "GET", path)).status == 200


def test_readers_of_one_app_leave_places_to_the_others(scene):
    async def run():
        endpoint = Held()

        def taken(request: Request) -> None:
            request.app.state.traffic.limits.app(request.scope, request.query_params["app"])

        async def slow(request: Request) -> Response:
            await asyncio.to_thread(taken, request)
            return await endpoint(request)

        async def fast(request: Request) -> Response:
            taken(request)
            return Response(b"fast")

        app = scene.app(Route("/slow", slow), Route("/fast", fast), places=10)
        readers = [asyncio.create_task(send(app, "GET", "/slow?app=a")) for _ in range(2)]
        for _ in readers:
            await endpoint.inside.acquire()
        mine, theirs = await send(app, "GET", "/fast?app=a"), await send(app, "GET", "/fast?app=b")
        assert (mine.status, mine.json["code"], mine.header("retry-after")) == (503, "app_busy", "1")
        assert theirs.status == 200
        endpoint.open.set()
        assert [(await each).status for each in readers] == [200, 200]
        assert (await send(app, "GET", "/fast?app=a")).status == 200

    asyncio.run(run())
    assert 'cdp_http_turned_away_total{why="app_busy"} 1.0' in scene.numbers()


def test_a_thread_that_nobody_waits_for_any_more_takes_no_place(scene):
    spent = Spent(app="a")
    scene.traffic.limits.shares.give_back(spent)
    for _ in range(5):
        scene.traffic.limits.shares.take(spent)
    scene.traffic.limits.shares.take(Spent(app="a"))
    scene.traffic.limits.shares.take(Spent(app="a"))
    with pytest.raises(Unavailable, match="app"):
        scene.traffic.limits.shares.take(Spent(app="a"))


@pytest.mark.parametrize("probe", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_always_let_in(scene, probe):
    assert held(scene, lambda app: send(app, "GET", probe)).status == 200


@pytest.mark.parametrize(
    ("path", "lane"),
    [
        ("/views/care", "main"), ("/customers/x/opt-outs", "rights"), ("/customers/x", "main"), ("/portal", "rights"),
        ("/portal/erase", "rights"), ("/portals", "main"), ("/v1/batch", "main"), ("/regulations", "rights"),
        ("/.well-known/gpc.json", "rights"), ("/healthz", "probe"), ("/", "main"),
        ("/oauth/token", "sign_in"), ("/oauth/token/x", "main"),
    ],
)  # fmt: skip
def test_the_lanes(path, lane):
    assert lane_of(path) == lane


def test_an_answer_that_does_not_begin_in_time(scene):
    async def stuck(_request: Request) -> Response:
        await asyncio.Event().wait()
        return Response()

    answer = call(scene.app(Route("/stuck", stuck), seconds=0.01), "GET", "/stuck")
    assert (answer.status, answer.json["code"]) == (503, "too_slow")


def test_a_body_that_does_not_arrive(scene):
    async def run():
        app = scene.app(Route("/in", reads, methods=["POST"]), seconds=0.01)
        sent = []
        scope = {"type": "http", "method": "POST", "path": "/in", "headers": [], "query_string": b"", "state": {}}

        async def never():
            await asyncio.Event().wait()

        async def sending(message):
            sent.append(message)

        await app(scope, never, sending)
        return sent

    assert asyncio.run(run())[0]["status"] == 408


async def reads(request: Request) -> Response:
    return Response(str(len(await request.body())).encode())


def test_who_goes_before_the_body_is_there_is_no_fault_of_ours(scene, caplog):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def sending(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/in", "headers": [], "query_string": b"", "state": {}}
    asyncio.run(scene.app(Route("/in", reads, methods=["POST"]))(scope, receive, sending))
    assert (sent, caplog.records) == ([], [])
    assert 'route="/in",status="499"' in scene.numbers()
    assert "cdp_http_broken_total{" not in scene.numbers()


def test_a_long_answer_may_take_longer_than_its_beginning(scene):
    async def long(_request: Request) -> Response:
        async def parts():
            yield b"a"
            await asyncio.sleep(0.05)
            yield b"b"

        return StreamingResponse(parts())

    answer = call(scene.app(Route("/long", long), seconds=0.02), "GET", "/long")
    assert (answer.whole, answer.body) == (True, b"ab")


def test_an_answer_that_breaks_stays_unfinished_and_is_counted(scene, caplog):
    async def breaks(_request: Request) -> Response:
        async def parts():
            yield b"a"
            raise Unavailable("stopping", "the server is stopping")  # as a long answer does

        return StreamingResponse(parts())

    answer = call(scene.app(Route("/breaks", breaks)), "GET", "/breaks")
    assert (answer.status, answer.whole) == (200, False)
    assert 'cdp_http_broken_total{route="/breaks"} 1.0' in scene.numbers()
    assert [each.getMessage().partition(" broke off: ")[2] for each in caplog.records] == ["stopping"]


def test_what_nobody_foresaw_is_counted_as_such(scene):
    async def fails(_request: Request) -> Response:
        raise ValueError("ann@example.org")

    answer = call(scene.app(Route("/fails", fails)), "GET", "/fails")
    assert answer.status == 500
    assert 'status="500"' in scene.numbers()
    assert b"ann@example.org" not in b"".join(scene.lines)
