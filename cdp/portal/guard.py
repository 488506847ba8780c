"""Who may see a page: whoever is signed in; and, for what cannot be taken back, has proved a moment ago who she is.

    Route("/portal/data", signed_in(pages.data), methods=["GET"])
    Route("/portal/erasure", fresh(erasure.begin), methods=["POST"])

Others are sent to `/portal/sign-in` or `/portal/prove` and come back from there. A form that they had sent is held for
them meanwhile, and can be sent on at `/portal/resume`: nothing that was typed is lost.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput, CdpError, Unauthenticated
from cdp.portal.parts import (
    HELD,
    HOME,
    SESSION,
    SIGN_IN,
    Endpoint,
    cookie_of,
    form_of,
    has_gpc,
    in_words,
    platform_of,
    set_cookie,
    target_of,
    to,
)
from cdp.services.herself.honour import honour
from cdp.services.sign_in.held import Held, hold_form
from cdp.services.sign_in.keeping import Session, run_out
from cdp.services.sign_in.sessions import CUSTOMERS, find_session

PROVE: Final = "/portal/prove"
RESUME: Final = "/portal/resume"

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
            return await _to_sign_in(request, await run_in_threadpool(run_out, platform, CUSTOMERS, cookie))
        if has_gpc(request):
            await run_in_threadpool(honour, platform, session.customer_id, request_id=request.state.request_id)
        if fresh and not session.is_fresh(datetime.now(UTC)):
            answer = await _to_prove(request, session)
        else:
            answer = await endpoint(request, session)
            if _sends_on(request) and answer.status_code < 400:
                set_cookie(request, answer, HELD, "")
        if session.cookie and not _sets_session(answer):
            set_cookie(request, answer, SESSION, session.cookie)
        return answer

    return in_words(guarded)


async def _to_sign_in(request: Request, before: Session | None) -> Response:
    if request.method != "POST":
        return to(SIGN_IN if target_of(request) == HOME else f"{SIGN_IN}?next={quote(target_of(request), safe='/')}")
    answer = to(SIGN_IN)
    if before is not None:
        try:
            await _hold(request, answer, before)
        except CdpError:  # not from a page of ours, or no form: nobody's words are lost
            return answer
    return answer


async def _to_prove(request: Request, session: Session) -> Response:
    if request.method != "POST":
        return to(f"{PROVE}?next={quote(target_of(request), safe='/')}")
    answer = to(f"{PROVE}?next={RESUME}")
    try:
        await _hold(request, answer, session)
    except BadInput:  # too large to be held, or with a file
        return to(PROVE)
    return answer


async def _hold(request: Request, answer: Response, session: Session) -> None:
    """Keep a form that came from one of our own pages.

    Raises:
        Refused: `foreign_form`.
        BadInput: `bad_page_form`.
    """
    fields = await form_of(request, session.secret)
    held = Held(request.url.path, fields)
    set_cookie(request, answer, HELD, await run_in_threadpool(hold_form, platform_of(request), session, held))


def _sends_on(request: Request) -> bool:
    """Return whether a form is sent by which what was held is either done now, or not wanted any more."""
    proving = request.url.path.startswith(PROVE)
    return request.method == "POST" and not proving and bool(cookie_of(request, HELD))


def _sets_session(answer: Response) -> bool:
    given = (SimpleCookie(value) for value in answer.headers.getlist("set-cookie"))
    return any(name.endswith(SESSION) for each in given for name in each)
