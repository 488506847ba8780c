"""`POST /oauth/token`: client id and secret → a bearer token (RFC 6749 sections 2.3.1, 4.4 and 5; RFC 9068).

The client names itself by `Authorization: Basic` or in the form, not in both. Errors have the `error` of RFC 6749
besides what every error here has.
"""

import base64
import binascii
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote_plus

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cdp.api.parts import platform_of
from cdp.api.problems import problem
from cdp.api.purpose import require_own_purpose
from cdp.api.traffic.gate import Traffic
from cdp.errors import BadInput, CdpError, Refused
from cdp.services.apps.refusals import note_refusal
from cdp.services.apps.tokens import Tokens
from cdp.statuses import status_of

router = APIRouter(tags=["access"])

ERRORS: Final = {
    "bad_client": "invalid_client",
    "bad_scope": "invalid_scope",
    "bad_grant": "unsupported_grant_type",
    "other_purpose": "access_denied",
}
"""The word of RFC 6749 for each of our codes; `invalid_request` for any other."""

_STRING: Final = {"type": "string"}
FORM: Final = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "client_id": _STRING,
        "client_secret": {"type": "string", "format": "password"},
        "scope": {"type": "string", "description": "views, with spaces between; by default all of the app's"},
    },
}
TOKEN: Final = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": _STRING,
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer"},
        "scope": _STRING,
    },
}
OAUTH_ERROR: Final = {
    "type": "object",
    "required": ["error", "error_description", "code", "message"],
    "properties": dict.fromkeys(("error", "error_description", "code", "message"), _STRING),
}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


@router.post(
    "/oauth/token",
    summary="A bearer token for an app",
    response_class=Response,
    responses={
        200: _json("the token", TOKEN),
        400: _json("the request is malformed", OAUTH_ERROR),
        401: _json("the client id or its secret does not hold", OAUTH_ERROR),
        403: _json("another purpose was asked for, or a view of others", OAUTH_ERROR),
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": FORM}}},
        "security": [{"client": []}, {}],
    },
)
async def token(request: Request) -> Response:
    """Sign in with what `cdp app add` printed; the token names the app, its views and its purpose, for some minutes."""
    body = await request.body()
    try:
        answer = await run_in_threadpool(_token, request, body)
    except CdpError as error:
        return _refused(error, request)
    return Response(orjson.dumps(answer), media_type="application/json", headers={"pragma": "no-cache"})


def _token(request: Request, body: bytes) -> dict[str, Any]:
    cast("Traffic", request.app.state.traffic).limits.address(request.scope)
    form = _form(request, body)
    client_id, secret = _client(request, form)
    if form.get("grant_type") != "client_credentials":
        raise BadInput("bad_grant", "the one grant is `client_credentials`", path="grant_type")
    scope = form["scope"].split() if form.get("scope") else None
    tokens = cast("Tokens", request.app.state.tokens)
    issued, seconds, app = tokens.issue(client_id, secret, scope=scope)
    query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    try:
        require_own_purpose(app, query, request.scope["headers"], body)
    except Refused as error:
        note_refusal(platform_of(request), app, error, act="sign_in")
        raise
    return {
        "access_token": issued,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": " ".join(app.views),
    }


def _form(request: Request, body: bytes) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise _malformed("the body is a form, `application/x-www-form-urlencoded`")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise _malformed("the body is not a form in UTF-8") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _malformed("a part of the form is there twice")
    return form


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    header = request.headers.get("authorization", "")
    named = "client_secret" in form
    if header and named:
        raise _malformed("the client names itself once")
    if not header:
        return form.get("client_id", ""), form.get("client_secret", "")
    kind, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        text = ""
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _malformed(message: str) -> BadInput:
    return BadInput("bad_token_request", message, path="body")


def _refused(error: CdpError, request: Request) -> Response:
    status = status_of(error)
    body = {
        **problem(error),
        "error": ERRORS.get(error.code, "invalid_request" if status < 500 else "temporarily_unavailable"),
        "error_description": error.message,
    }
    basic = status == 401 and "authorization" in request.headers
    headers = {"www-authenticate": 'Basic realm="cdp"'} if basic else {}
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=headers)
