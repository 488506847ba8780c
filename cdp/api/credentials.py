"""Who asks: the app behind a bearer token, and the one check that every endpoint of apps begins with.

`Acting` is the parameter of a FastAPI endpoint; a plain route calls `app_of` in its worker thread.
"""

from typing import Annotated, Final, cast
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from cdp.api.purpose import require_own_purpose
from cdp.api.traffic.gate import Traffic
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused, Unauthenticated
from cdp.services.apps.known import App
from cdp.services.apps.refusals import note_refusal
from cdp.services.apps.tokens import Known, Tokens, bad_token

MAX_QUERY: Final = 32_768


def app_of(
    scope: Scope, query: list[tuple[str, str]], body: bytes = b"", *, view: str = "", known: Known | None = None
) -> App:
    """Return the app that a request comes from, if it asks for no other purpose than its own.

    Args:
        known: as `Tokens.read`.

    Raises:
        Unauthenticated: `bad_token`.
        Refused: `other_purpose`, with its entry; `too_many_requests`.
    """
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    kind, _, token = given[0].decode("latin-1").partition(" ") if len(given) == 1 else ("", "", "")
    state = scope["app"].state
    limits = cast("Traffic", state.traffic).limits
    try:
        if kind.lower() != "bearer":
            raise bad_token()
        app = cast("Tokens", state.tokens).read(token.strip(), known)
    except Unauthenticated:
        limits.address(scope)
        raise
    limits.app(scope, app.client_id)
    try:
        require_own_purpose(app, query, scope["headers"], body)
    except Refused as error:
        note_refusal(cast("Platform", state.platform), app, error, view=view)
        raise
    return app


def query_of(scope: Scope) -> list[tuple[str, str]]:
    """Return the pairs of a query, in order.

    Raises:
        BadInput: `bad_query`, when it is too long or no UTF-8.
    """
    raw: bytes = scope["query_string"]
    if not raw:
        return []
    bad = BadInput("bad_query", f"the query is no UTF-8 text of at most {MAX_QUERY:,} characters", path="query")
    if len(raw) > MAX_QUERY:
        raise bad
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise bad from None


async def _acting(request: Request) -> App:
    """Do so for an endpoint of FastAPI; the body is kept, so that the endpoint can read it."""
    body = await request.body()
    return await run_in_threadpool(app_of, request.scope, query_of(request.scope), body)


Acting = Annotated[App, Depends(_acting)]
"""The app that acts, as a parameter of a FastAPI endpoint."""
