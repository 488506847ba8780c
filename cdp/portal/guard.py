"""Who may see a page: whoever is signed in; and, for what cannot be taken back, has proved a moment ago who she is.

    Route("/portal/data", signed_in(pages.data), methods=["GET"])
    Route("/portal/erasure", fresh(erasure.begin), methods=["POST"])

Others are sent to `/portal/sign-in` or `/portal/prove` and come back from there. A form that they had sent is held for
them meanwhile, and can be sent on at `/portal/resume`: nothing that was typed is lost.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput, Unauthenticated
from cdp.portal.parts import (
    HELD,
    PORTAL,
    SESSION,
    Endpoint,
    cookie_of,
    has_gpc,
    in_words,
    platform_of,
    target_of,
    to,
)
from cdp.services.herself.honour import honour
from cdp.services.sign_in.keeping import Session, run_out
from cdp.services.sign_in.sessions import CUSTOMERS, find_session

PROVE: Final = "/portal/prove"

SignedIn = Callable[[Request, Session], Awaitable[Response]]


def signed_in(endpoint: SignedIn) -> Endpoint:
    """Return the endpoint for whoever is signed in; others are sent to sign in, whatever they asked for."""
    return _guarded(endpoint, fresh=False)


def fresh(endpoint: SignedIn) -> Endpoint:
    """Return the endpoint for whoever proved within ten minutes who she is; others are sent to prove it first."""
    return _guarded(endpoint, fresh=True)


def _guarded(endpoint: SignedIn, *, fresh: bool) -> Endpoint:
    async def guarded(request: Request) -> Response:
        platform, cookie = platform_of(request), cookie_of(request, SESSION)
        try:
            session = await run_in_threadpool(find_session, platform, cookie)
        except Unauthenticated:
            return await PORTAL.to_sign_in(request, await run_in_threadpool(run_out, platform, CUSTOMERS, cookie))
        if has_gpc(request):
            await run_in_threadpool(honour, platform, session.customer_id, request_id=request.state.request_id)
        if fresh and not session.is_fresh(datetime.now(UTC)):
            answer = await _to_prove(request, session)
        else:
            answer = await endpoint(request, session)
            if _sends_on(request) and answer.status_code < 400:
                PORTAL.set_cookie(request, answer, HELD, "")
        PORTAL.renew(request, answer, session)
        return answer

    return in_words(guarded)


async def _to_prove(request: Request, session: Session) -> Response:
    if request.method != "POST":
        return to(f"{PROVE}?next={quote(target_of(request), safe='/')}")
    answer = to(f"{PROVE}?next={PORTAL.resume}")
    try:
        await PORTAL.hold(request, answer, session)
    except BadInput:  # too large to be held, or with a file
        return to(PROVE)
    return answer


def _sends_on(request: Request) -> bool:
    """Return whether a form is sent by which what was held is either done now, or not wanted any more."""
    proving = request.url.path.startswith(PROVE)
    return request.method == "POST" and not proving and bool(cookie_of(request, HELD))
