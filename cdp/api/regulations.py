"""Regulations over HTTP, as `@segment/public-api-sdk-typescript` asks for them, and as RudderStack has them.

A bearer key of a regulator and no other credential. Answers are `{"data": …}`, errors
`{"errors": [{"type", "message"}]}`, in Segment's own media type when it is accepted; those of `/v2/regulations` are as
on the other routes. Whether somebody is known here shows in none of them.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, cast

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdp.api.ingest import intake_of
from cdp.api.parts import platform_of
from cdp.api.problems import REALM, problem_response
from cdp.api.traffic.gate import Traffic
from cdp.errors import BadInput, CdpError, Unauthenticated
from cdp.services.regulations import ask
from cdp.services.regulations.ask import Regulation
from cdp.services.regulations.keys import Regulator, Regulators
from cdp.services.regulations.suppressed import list_suppressed
from cdp.statuses import status_of

MEDIA_TYPE: Final = "application/vnd.segment.v1+json"
MOST: Final = 200
_RUDDER: Final = {"suppress": ask.SUPPRESS, "suppress_with_delete": ask.BOTH}
_STATUS: Final = {400: 422, 409: 422}
"""This family has one status for what is malformed and for what cannot be done any more."""

_WINDOW: Final = BadInput("bad_regulation", "this is no window of a list", path="pagination")

Doing = Callable[[Request, Regulator, bytes], Any]


def _create(request: Request, regulator: Regulator, raw: bytes) -> Any:
    body = _object(raw)
    type_, subject, ids = (body.get(name) for name in ("regulationType", "subjectType", "subjectIds"))
    made = ask.ask(platform_of(request), regulator, str(type_), str(subject), ids if isinstance(ids, list) else [])
    intake_of(request).arrived.set()
    return {"data": {"regulateId": made.regulation_id}}


def _create_rudder(request: Request, regulator: Regulator, raw: bytes) -> Any:
    body = _object(raw)
    users = body.get("users")
    ids = [each.get("userId") if isinstance(each, dict) else None for each in users] if isinstance(users, list) else []
    type_ = _RUDDER.get(str(body.get("regulationType")), "")
    made = ask.ask(platform_of(request), regulator, type_, ask.USER, ids)
    intake_of(request).arrived.set()
    told = {"id": made.regulation_id, "workspaceId": "workspace", "canceled": False}
    return [{**told, "regulationType": body["regulationType"], "createdAt": made.created_at}]


def _find(request: Request, _regulator: Regulator, _raw: bytes) -> Any:
    found = ask.find_regulation(platform_of(request), request.path_params["regulation"])
    return {"data": {"regulation": _shown(found)}}


def _call_off(request: Request, regulator: Regulator, _raw: bytes) -> Any:
    ask.call_off(platform_of(request), regulator, request.path_params["regulation"])
    return {"data": {"status": "SUCCESS"}}


def _list(request: Request, _regulator: Regulator, _raw: bytes) -> Any:
    offset, limit = _window(request)
    types = [value for name, value in request.query_params.multi_items() if name.partition("[")[0] == "regulationTypes"]
    found, total = ask.list_regulations(
        platform_of(request), offset=offset, limit=limit, status=request.query_params.get("status", ""), types=types
    )
    return {"data": {"regulations": [_listed(each) for each in found], **_pagination(offset, limit, total)}}


def _suppressed(request: Request, regulator: Regulator, _raw: bytes) -> Any:
    offset, limit = _window(request)
    names, total = list_suppressed(platform_of(request), regulator, offset=offset, limit=limit)
    found = [{"subjectType": ask.USER, "subjectIds": [each]} for each in names]
    return {"data": {"suppressed": found, **_pagination(offset, limit, total)}}


ROUTES: Final[dict[tuple[str, str], tuple[str, str, Doing]]] = {
    ("POST", "/regulations"): ("regulation_create", "Suppress people, or erase them, by user id", _create),
    ("GET", "/regulations"): ("regulation_list", "Regulations, the newest first", _list),
    ("GET", "/regulations/{regulation}"): ("regulation", "How far a regulation is", _find),
    ("DELETE", "/regulations/{regulation}"): ("regulation_delete", "Call off one that is not begun", _call_off),
    ("POST", "/regulations/sources/{source}"): ("regulation_source_create", "As for all: nobody is split", _create),
    ("POST", "/regulations/cloudsources/{source}"): ("regulation_cloud_create", "As for all: nobody is split", _create),
    ("GET", "/regulations/sources/{source}"): ("regulation_source_list", "As for all", _list),
    ("GET", "/suppressions"): ("suppression_list", "Whom regulators had suppressed", _suppressed),
    ("POST", "/v2/regulations"): ("regulation_rudder", "As RudderStack's clients ask", _create_rudder),
}
"""By method and path: name, summary, and what is done. Who is suppressed or erased is so for every source."""


def routes() -> list[BaseRoute]:
    """Return the routes."""
    return [Route(path, _asking(each[2]), methods=[method]) for (method, path), each in ROUTES.items()]


def _asking(doing: Doing) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        segments = doing is not _create_rudder
        media_type = MEDIA_TYPE if segments and MEDIA_TYPE in request.headers.get("accept", "") else "application/json"
        raw = await request.body()
        try:
            done = await run_in_threadpool(partial(_do, request, doing, raw))
        except CdpError as error:
            return _failed(error, media_type) if segments else problem_response(error)
        return Response(orjson.dumps(done), media_type=media_type)

    return answer


def _do(request: Request, doing: Doing, raw: bytes) -> Any:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    limits = cast("Traffic", request.app.state.traffic).limits
    try:
        regulator = cast("Regulators", request.app.state.regulators).of(key.strip() if kind.lower() == "bearer" else "")
    except Unauthenticated:
        limits.address(request.scope)
        raise
    limits.app(request.scope, f"regulator:{regulator.name}")
    return doing(request, regulator, raw)


def _failed(error: CdpError, media_type: str) -> Response:
    headers = {"www-authenticate": REALM} if isinstance(error, Unauthenticated) else {}
    body = {"errors": [{"type": error.code, "message": error.message}]}
    status = status_of(error)
    return Response(orjson.dumps(body), _STATUS.get(status, status), media_type=media_type, headers=headers)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise BadInput("bad_regulation", "the body is no JSON object", path="body")
    return body


def _shown(found: Regulation) -> dict[str, Any]:
    told = {"id": found.regulation_id, "workspaceId": "workspace", "overallStatus": found.status}
    # Its clients demand `finishedAt`, before there is any.
    return {**told, "createdAt": found.created_at, "finishedAt": found.finished_at or "", "streamStatus": []}


def _listed(found: Regulation) -> dict[str, Any]:
    """Return one of a list, which has other keys; whom it names is not said again."""
    told = {"id": found.regulation_id, "subjectType": ask.USER, "subjects": list[str](), "status": found.status}
    ended = {"finishedAt": found.finished_at} if found.finished_at else {}
    return {**told, "createdAt": found.created_at, **ended}


def _window(request: Request) -> tuple[int, int]:
    """Return offset and limit, from `pagination[cursor]` and `pagination[count]`."""
    cursor, count = (request.query_params.get(f"pagination[{each}]", "") for each in ("cursor", "count"))
    if not all(each == "" or (each.isascii() and each.isdigit() and len(each) < 10) for each in (cursor, count)):
        raise _WINDOW
    limit = int(count or MOST)
    if not 0 < limit <= MOST:
        raise _WINDOW
    return int(cursor or 0), limit


def _pagination(offset: int, limit: int, total: int) -> dict[str, Any]:
    told: dict[str, Any] = {"current": str(offset), "totalEntries": total}
    told |= {"next": str(offset + limit)} if offset + limit < total else {}
    told |= {"previous": str(max(0, offset - limit))} if offset else {}
    return {"pagination": told}
