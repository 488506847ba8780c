"""One row of a view: reading it with its version, and changing it; and the refusal that an app passes on.

`ETag` and `If-Match` (RFC 9110, section 13), `Idempotency-Key` and `Prefer: return=representation` (RFC 7240) as usual
elsewhere. What may be changed, the view says in `write`.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, cast

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from cdp.api.credentials import Acting
from cdp.api.parts import Served, platform_of
from cdp.api.preferences import preferred, tags_of
from cdp.api.traffic.gate import Traffic
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused
from cdp.services.apps.known import App
from cdp.services.apps.read import own_view, views_of
from cdp.services.apps.refusals import note_refusal
from cdp.services.idempotency import once
from cdp.services.pass_on import pass_on
from cdp.services.write import OneRow, RowRequest, read_row, write_row
from cdp.terms import CUSTOMER
from views.policy import WRITABLE

router = APIRouter(tags=["rows"])

Reason = Annotated[str, Header(alias="CDP-Reason", description="Why, where the view needs a reason.")]
Through = Annotated[str, Query(alias="view", description="Through which view, where the app has several.")]
Match = Annotated[str, Header(alias="If-Match", description="The `ETag` of what was read, or `*`.")]
Key = Annotated[str, Header(alias="Idempotency-Key", description="A new random text for each change.")]
Prefer = Annotated[str, Header(description="`return=representation`: the row as it is then.")]


@dataclass(frozen=True)
class How:
    """What a request for a change says in its header fields."""

    match: Match = ""
    key: Key = ""
    prefer: Prefer = ""
    reason: Reason = ""


def _how(request: Request, match: Match = "", key: Key = "", prefer: Prefer = "", reason: Reason = "") -> How:
    """Return them; of several of one name all, and `match` and `prefer` as lists (RFC 9110, section 5.3)."""
    lines = ", ".join(request.headers.getlist("if-match"))
    return How(lines or match, key, ", ".join(request.headers.getlist("prefer")) or prefer, reason)


Asking = Annotated[How, Depends(_how)]
MAX_SAID: Final = 1_000

_ROW: Final = {
    "description": "the row, as the view shows it",
    "headers": {"ETag": {"description": "the version of what is shown", "schema": {"type": "string"}}},
    "content": {"application/json": {"schema": {"type": "object"}}},
}
_DONE: Final = {
    "description": "done",
    "headers": {"ETag": {"description": "the version of what is shown now", "schema": {"type": "string"}}},
}
_CHANGE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "new values by field; `null` takes a value away",
        "content": {"application/json": {"schema": {"type": "object", "minProperties": 1}}},
    }
}
_REFUSAL: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["opt_outs"],
                    "additionalProperties": False,
                    "properties": {
                        "opt_outs": {"type": "array", "minItems": 1, "maxItems": 50, "items": {"type": "string"}},
                        "said": {"type": "string", "maxLength": 1000, "description": "what the person said"},
                    },
                },
                "example": {"opt_outs": ["direct_marketing"], "said": "by phone: no more mail, please"},
            }
        },
    }
}


@router.get("/views/{view}/rows/{row}", summary="One row of a view", response_class=Response, responses={200: _ROW})
def read(request: Request, platform: Served, app: Acting, view: str, row: str, *, reason: Reason = "") -> Response:
    """Read a row by its id, with the version that `If-Match` takes."""
    asked = _asked(request, app, view, row, reason)
    with own_view(platform, app, view):
        return _shown(read_row(platform, asked, principal=app.principal))


@router.patch(
    "/views/{view}/rows/{row}", summary="Change a row through a view", response_class=Response, status_code=204,
    responses={200: _ROW, 204: _DONE}, openapi_extra=_CHANGE,
)  # fmt: skip
async def change(request: Request, app: Acting, view: str, row: str, *, how: Asking) -> Response:
    """Change fields that the view's `write` names, if the row is still what was read."""
    given = _object(await request.body())
    return await run_sync(partial(_changed, request, app, view, row, given=given, how=how))


@router.get("/customers/{customer}", summary="One customer", response_class=Response, responses={200: _ROW})
def read_customer(
    request: Request, platform: Served, app: Acting, customer: str, *, view: Through = "", reason: Reason = ""
) -> Response:
    """Read a customer through the app's view of customers; `view` says which, where it has several."""
    return read(request, platform, app, _of_customers(platform, app, view), customer, reason=reason)


@router.patch(
    "/customers/{customer}", summary="Change a customer", response_class=Response, status_code=204,
    responses={200: _ROW, 204: _DONE}, openapi_extra=_CHANGE,
)  # fmt: skip
async def change_customer(
    request: Request, app: Acting, customer: str, *, how: Asking, view: Through = ""
) -> Response:  # fmt: skip
    """Change a customer through the app's view that may be written; `view` says which, where it has several."""
    given = _object(await request.body())

    def work() -> Response:
        chosen = _of_customers(platform_of(request), app, view, writing=True)
        return _changed(request, app, chosen, customer, given=given, how=how)

    return await run_sync(work)


@router.post(
    "/customers/{customer}/opt-outs", summary="Pass on that a customer refuses", response_class=Response,
    status_code=204, responses={204: {"description": "taken; the same whoever is named"}}, openapi_extra=_REFUSAL,
)  # fmt: skip
async def refuse(request: Request, app: Acting, customer: str, *, key: Key = "") -> Response:
    """Say that a customer, named by id or as `email:…`, refuses; nothing that an app says takes a refusal back."""
    body = _object(await request.body())
    opt_outs, said = body.pop("opt_outs", None), body.pop("said", "")
    if body or not isinstance(said, str) or len(said) > MAX_SAID or not _is_names(opt_outs):
        raise BadInput("bad_body", "a refusal is `opt_outs`, a list of names, and perhaps `said`", path="body")
    work = partial(_refused, request, app, customer, opt_outs=opt_outs, said=said, key=key)
    return await run_sync(work, limiter=_traffic(request).rights_threads)


def _asked(request: Request, app: App, view: str, row: str, reason: str) -> RowRequest:
    """Return which row is asked for, of a view that is another's or not, and count it for whose row it is."""
    _traffic(request).limits.subject(request.scope, app.client_id, row)
    return RowRequest(view, app.role, row, reason, app.purpose, app.provenance)


def _changed(request: Request, app: App, view: str, row: str, *, given: dict[str, object], how: How) -> Response:
    platform = platform_of(request)
    asked = _asked(request, app, view, row, how.reason)
    what = orjson.dumps(["change", view, row, given, how.match], option=orjson.OPT_SORT_KEYS)
    mine = once(platform.vault, app.principal, how.key, what)
    expected = tags_of(how.match)
    with own_view(platform, app, view), _traffic(request).doing.hold(mine):
        outcome, found = write_row(platform, asked, given, expected=expected, once=mine, principal=app.principal)
        if preferred(how.prefer, "return") != "representation":
            return Response(status_code=outcome.status, headers={"etag": outcome.etag})
        answer = _shown(found or read_row(platform, asked, principal=app.principal))
    answer.headers["preference-applied"] = "return=representation"
    return answer


def _refused(
    request: Request, app: App, customer: str, *, opt_outs: list[str], said: str, key: str
) -> Response:  # fmt: skip
    _traffic(request).limits.subject(request.scope, app.client_id, customer)
    platform = platform_of(request)
    if not any(view.kind in WRITABLE for view in views_of(platform, app)):
        error = Refused("not_writable", "the app has no view by which it knows customers", path="view")
        note_refusal(platform, app, error, act="opt_out")
        raise error
    mine = once(platform.vault, app.principal, key, orjson.dumps(["refuse", customer, opt_outs, said]))
    with _traffic(request).doing.hold(mine):
        outcome = pass_on(platform, customer, opt_outs, principal=app.principal, word=said, once=mine)
    return Response(status_code=outcome.status)


def _of_customers(platform: Platform, app: App, view: str, *, writing: bool = False) -> str:
    if view:
        return view
    mine = (each for each in views_of(platform, app) if each.entity == CUSTOMER and each.kind in WRITABLE)
    found = [each.name for each in mine if each.write or not writing]
    if len(found) == 1:
        return found[0]
    if writing and not found:
        error = Refused("not_writable", "nothing is written through the app's views", path="view")
        note_refusal(platform, app, error, act="write")
        raise error
    raise BadInput("view_unclear", "say through which view", path="view", hint="add `?view=` and its name")


def _shown(row: OneRow) -> Response:
    return Response(orjson.dumps(row.record()), media_type="application/json", headers={"etag": row.etag})


def _object(body: bytes) -> dict[str, Any]:
    """Return the object that a body is; of a name that is there twice nobody knows which value is meant."""
    given: Any = None
    try:
        given = orjson.loads(body)
        whole = isinstance(given, dict) and json.loads(body, object_pairs_hook=_once_each) is not None
    except (ValueError, RecursionError):
        whole = False
    if not whole:
        raise BadInput("bad_body", "the body is a JSON object, with each name once", path="body")
    return dict(given)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _traffic(request: Request) -> Traffic:
    return cast("Traffic", request.app.state.traffic)
