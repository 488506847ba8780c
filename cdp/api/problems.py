"""An error as `application/problem+json` (RFC 9457), with `code` and `message` besides, and nothing of the request.

`code` and `message` are what clients of other interfaces look for (Segment, RudderStack, PostgREST). INVARIANT: no
answer repeats what was sent, or what a driver said; so the framework's own answers are all made anew here.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput, CdpError, NotFound, Several, Unauthenticated, Unavailable, place_of
from cdp.statuses import status_of

Spoken = Callable[[Request, CdpError, int], Response]

MEDIA_TYPE: Final = "application/problem+json"
REALM: Final = 'Bearer realm="cdp"'

TOO_LARGE: Final = BadInput("too_large", "the body is too large")
_OURS: Final = 500
_HTTP: Final[dict[int, CdpError]] = {
    404: NotFound("not_found", "there is no such thing here"),
    405: BadInput("method_not_allowed", "this is not done here in this way"),
    413: TOO_LARGE,
}


def problem(error: CdpError) -> dict[str, Any]:
    """Return what an error looks like from outside."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "code": error.code,
        "message": error.message,
    }
    if status < _OURS or not error.path:  # a file or a host that fails, and what to do there, is for whoever runs it
        body |= {name: text for name, text in (("path", error.path), ("hint", error.hint)) if text}
    if isinstance(error, Several):
        body["errors"] = [{"code": each.code, "message": each.message, "path": each.path} for each in error.faults]
    return body


def problem_body(error: CdpError) -> tuple[int, bytes]:
    """Return the status and the body of the answer for an error."""
    return status_of(error), orjson.dumps(problem(error))


def problem_response(error: CdpError) -> Response:
    """Return the answer for an error."""
    headers = {"www-authenticate": REALM} if isinstance(error, Unauthenticated) else {}
    status, body = problem_body(error)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def internal(error: BaseException) -> CdpError:
    """Return what is said of an error that nobody foresaw: its class and place in the code, and nothing else."""
    return Unavailable("internal", f"internal error (code {place_of(error)})", hint="please report the code")


def install(app: FastAPI, *, pages: Mapping[str, Spoken] | None = None) -> None:
    """Have every error that an endpoint or the framework raises leave as a problem.

    Args:
        pages: how the same is said where people look, by the first part of a path.
    """

    async def http(request: Request, error: Exception) -> Response:
        answer, ours = _http(error)
        speak = (pages or {}).get(request.url.path.split("/")[1])
        if speak is None:
            return answer
        said = speak(request, ours, answer.status_code)
        if "allow" in answer.headers:
            said.headers["allow"] = answer.headers["allow"]
        return said

    app.add_exception_handler(CdpError, _ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, _malformed)


async def _ours(_request: Request, error: Exception) -> Response:
    return problem_response(error if isinstance(error, CdpError) else internal(error))


def _http(error: Exception) -> tuple[Response, CdpError]:
    status = error.status_code if isinstance(error, HTTPException) else 500
    ours = _HTTP.get(status) or BadInput("bad_request", "the request cannot be understood")
    answer = problem_response(ours)
    allow = (getattr(error, "headers", None) or {}).get("Allow")
    if allow:
        answer.headers["allow"] = allow
    return answer, ours


async def _malformed(_request: Request, error: Exception) -> Response:
    """The framework's 422 lists what was sent; ours names the part, and the key only when it is one that is missing."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    first = faults[0] if faults else {"loc": ("body",), "type": ""}
    where = first["loc"] if first["type"] == "missing" else first["loc"][:1]
    message = "something is missing" if first["type"] == "missing" else "this does not have its form"
    return problem_response(BadInput("bad_body", message, path=".".join(map(str, where))))
