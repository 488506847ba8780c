"""Ingest over HTTP: the routes that the SDKs of Segment and RudderStack post to, long and short.

Plain routes: nothing between the socket and the queue but parsing. What the clients expect, as they were seen on the
wire: the answer is exactly `200 {"success":true}`; errors have `code` and `message` at the top; `Retry-After` is a
whole number of seconds; browsers ask first what they may send, and post JSON as `text/plain`.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdp.api.problems import problem_response
from cdp.errors import BadInput, CdpError, NotFound, Unauthenticated
from cdp.events.wire import BATCH, KINDS
from cdp.ingest.spool import RETRY_SECONDS, Intake

ROUTES: Final[dict[str, str]] = {
    **{f"/v1/{kind}": kind for kind in KINDS},
    **{f"/v1/{kind[0]}": kind for kind in KINDS},
    "/v1/batch": BATCH,
    "/v1/b": BATCH,
    "/v1/import": BATCH,
    "/beacon/v1/batch": BATCH,
}
"""By path what is posted there. RudderStack's beacon gives the write key in the query."""

_DONE: Final = b'{"success":true}'
_ANY: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": "Retry-After"}
_MAY: Final = {
    **_ANY,
    "access-control-allow-methods": "POST, GET, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, x-retry-count, anonymousid, sentat",
    "access-control-max-age": "86400",
}

Endpoint = Callable[[Request], Awaitable[Response]]


def routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        *(Route(path, _taking(kind), methods=["POST", "OPTIONS"]) for path, kind in ROUTES.items()),
        Route("/v1/m", _metrics, methods=["POST", "OPTIONS"]),
        Route("/v1/projects/{write_key}/settings", _segment_settings, methods=["GET", "OPTIONS"]),
        Route("/sourceConfig", _rudder_settings, methods=["GET", "OPTIONS"]),
        Route("/sourceConfig/", _rudder_settings, methods=["GET", "OPTIONS"]),
    ]


def _taking(kind: str) -> Endpoint:
    async def take(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_MAY)
        try:
            write_key = _basic(request) or request.query_params.get("writeKey", "")
            body = await request.body()
            await run_in_threadpool(
                intake_of(request).accept, kind, body, write_key=write_key,
                encoding=request.headers.get("content-encoding", ""), gpc="1" in request.headers.getlist("sec-gpc"),
            )  # fmt: skip
        except CdpError as error:
            # Its frames hold the body, and the future of the thread, which holds it: nothing but the collector of
            # cycles would let go of that, and meanwhile of hundreds of bodies.
            return _failed(error.with_traceback(None))
        return Response(_DONE, media_type="application/json", headers=_ANY)

    take.__name__ = f"take_{kind}"
    return take


async def _metrics(request: Request) -> Response:
    """What the browser SDK measures of itself says nothing to anybody here."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_MAY)
    return Response(_DONE, media_type="application/json", headers=_ANY)


async def _segment_settings(request: Request) -> Response:
    write_key = request.path_params["write_key"]
    host = _origin(request).partition("://")[2]
    scheme = _origin(request).partition("://")[0]
    own = {"apiKey": write_key, "apiHost": f"{host}/v1", "protocol": scheme, "unbundledIntegrations": []}
    return await _settings(request, write_key, {"integrations": {"Segment.io": own}, "plan": {}})


async def _rudder_settings(request: Request) -> Response:
    write_key = _basic_or_query(request)
    source = {
        "id": "source", "name": "source", "writeKey": write_key, "enabled": True, "workspaceId": "", "config": {},
        "connections": [], "destinations": [], "dataplanes": {}, "updatedAt": "2026-01-01T00:00:00.000Z",
    }  # fmt: skip
    return await _settings(request, write_key, {"source": source, "updatedAt": source["updatedAt"]})


async def _settings(request: Request, write_key: str, answer: dict[str, object]) -> Response:
    """What a browser SDK asks for when it starts: where to send to. It says nothing that the caller did not say."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_MAY)
    try:
        await run_in_threadpool(intake_of(request).source, write_key)
    except Unauthenticated:
        return _failed(NotFound("unknown_source", "there is no such source", path="writeKey"))
    except CdpError as error:
        return _failed(error)
    return Response(orjson.dumps(answer), media_type="application/json", headers=_ANY)


def intake_of(request: Request) -> Intake:
    """Return what takes events in for this application."""
    found: Intake = request.app.state.intake
    return found


def _failed(error: CdpError) -> Response:
    answer = problem_response(error)
    answer.headers.update(_ANY)
    if error.code == "spool_full":
        answer.headers["retry-after"] = str(RETRY_SECONDS)
    return answer


def _origin(request: Request) -> str:
    origin: str = request.app.state.platform.settings.origin
    return origin.rstrip("/")


def _basic_or_query(request: Request) -> str:
    try:
        return _basic(request) or request.query_params.get("writeKey", "")
    except CdpError:
        return ""


def _basic(request: Request) -> str:
    """Return the user name of basic authentication (RFC 7617), which is the write key.

    Raises:
        BadInput: `bad_authorization`.
    """
    given = request.headers.get("authorization", "")
    if not given:
        return ""
    scheme, _, value = given.partition(" ")
    try:
        if scheme.lower() == "basic":
            return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
        if scheme.lower() == "bearer":
            return value.strip()
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise BadInput("bad_authorization", "give the write key by basic authentication", path="Authorization")
