"""Where she is signed in; out here, there or everywhere."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput
from cdp.portal.parts import HELD, PORTAL, SESSION, SIGN_IN, form_of, own_page, platform_of, to
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.sessions import end_place, end_sessions, list_places

PLACES = "/portal/sessions"


async def show(request: Request, session: Session) -> Response:
    """Show where she is signed in."""
    places = await run_in_threadpool(list_places, platform_of(request), session)
    ended = request.query_params.get("done") == "ended"
    return own_page(request, session, "sessions.html", places=places, here=session.session, ended=ended)


async def end(request: Request, session: Session) -> Response:
    """Sign out in one other place of hers."""
    which = (await form_of(request, session.secret, names=("session",))).get("session", "")
    if which == session.session:
        raise BadInput("bad_page_form", "this is no form")
    await run_in_threadpool(end_place, platform_of(request), session, which)
    return to(f"{PLACES}?done=ended")


async def leave(request: Request, session: Session) -> Response:
    """Sign out, here or everywhere."""
    form = await form_of(request, session.secret, names=("everywhere",))
    if form.get("everywhere", "yes") != "yes":
        raise BadInput("bad_page_form", "this is no form")
    await run_in_threadpool(end_sessions, platform_of(request), session, everywhere="everywhere" in form)
    answer = to(SIGN_IN)
    for name in (SESSION, HELD):
        PORTAL.set_cookie(request, answer, name, "")
    return answer
