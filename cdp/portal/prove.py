"""Proving anew who she is, before what cannot be taken back, and going on with what she had typed.

Whose link it is decides (`cdp.services.sign_in.sessions.let_in`): one of somebody else's signs that person in, and what
was held before is not shown to her.
"""

from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.pages.forms import form_token
from cdp.pages.language import language_of
from cdp.pages.passkeys import has_passkeys
from cdp.portal import asked
from cdp.portal.guard import PROVE
from cdp.portal.parts import BROWSER, HELD, HOME, PORTAL, cookie_of, form_of, own_page, platform_of, to
from cdp.portal.sign_in import is_address, problem_of, send_link
from cdp.services.sign_in.held import held_form
from cdp.services.sign_in.keeping import Session

_TYPED: Final = ("value", "text", "reason")
"""What she may have written, as she is shown it again."""

_GRAVE: Final = ("/portal/erase", "/portal/requests/new/erasure")


async def show(request: Request, session: Session) -> Response:
    """Say why, and offer what proves it."""
    target = PORTAL.next_of(request.query_params)
    if session.is_fresh(datetime.now(UTC)):
        return to(target or HOME)
    return _asking(request, session, target, "")


async def ask(request: Request, session: Session) -> Response:
    """Send a link to an address, if it is known."""
    form = await form_of(request, session.secret, names=("address", "next"))
    if not is_address(form.get("address", "")):
        return _asking(request, session, PORTAL.next_of(form), problem_of(request))
    browser = PORTAL.browser_of(request)
    answer = await send_link(request, form, browser=browser, back=PROVE)
    PORTAL.set_cookie(request, answer, BROWSER, browser)
    return answer


async def resume(request: Request, session: Session) -> Response:
    """Show what she had sent before, to be sent on with one press."""
    held = await run_in_threadpool(held_form, platform_of(request), session, cookie_of(request, HELD))
    if held is None:
        answer = to(HOME)
        PORTAL.set_cookie(request, answer, HELD, "")
        return answer
    typed = [held.fields[name] for name in _TYPED if held.fields.get(name)]
    what, grave = asked.sent_to(held.path, language_of(request)), held.path in _GRAVE
    return own_page(request, session, "resume.html", held=held, what=what, typed=typed, grave=grave)


def _asking(request: Request, session: Session, target: str, problem: str) -> Response:
    """Return the page; a passkey is asked for as in signing in, by a form that is bound to the browser."""
    browser = PORTAL.browser_of(request)
    answer = own_page(
        request, session, "prove.html", problem=problem, next=target, possible=has_passkeys(request),
        browser_token=form_token(browser), provider=PORTAL.provider_name(request),
    )  # fmt: skip
    PORTAL.set_cookie(request, answer, BROWSER, browser)
    return answer
