"""In by a link that is sent to her, out here or everywhere.

The answer is the same whether an address is known or not, and it is given before anything is sent.
"""

import secrets
from typing import Any, Final

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput, Refused
from cdp.pages.forms import form_token
from cdp.pages.language import language_of, translations
from cdp.pages.template import page
from cdp.portal.letters import sign_in_letter
from cdp.portal.parts import BROWSER, SESSION, cookie_of, form_of, origin_of, platform_of, set_cookie, to
from cdp.services.mail import send_mail
from cdp.services.sign_in.links import ask_link, open_link
from cdp.services.sign_in.sessions import Session, end_sessions

MOST: Final = 254
"""The longest address that mail knows (RFC 5321, erratum 1690)."""


async def show(request: Request) -> Response:
    """Ask for the address."""
    return _with_browser(request, "sign_in.html", problem="")


async def ask(request: Request) -> Response:
    """Send a link to an address, if it is known."""
    browser = cookie_of(request, BROWSER)
    address = (await form_of(request, browser)).get("address", "").strip()
    if not 3 <= len(address) <= MOST or "@" not in address[1:-1]:
        words = translations(language_of(request)).gettext
        return _with_browser(request, "sign_in.html", problem=words("That is no e-mail address. Please look again."))
    platform = platform_of(request)
    sent = await run_in_threadpool(ask_link, platform, address, kind="email", browser=browser)
    answer = page(request, "sent.html")
    if sent is not None:
        letter = sign_in_letter(f"{origin_of(request)}/portal/link?link={sent.secret}", language_of(request))
        answer.background = BackgroundTask(send_mail, platform.settings, sent.address, letter)
    return answer


async def confirm(request: Request) -> Response:
    """Show the button that uses the link: mail scanners follow links, and press no buttons."""
    return _with_browser(request, "link.html", link=request.query_params.get("link", ""))


async def use(request: Request) -> Response:
    """Use the link up; a new session, whatever this browser held before."""
    browser = cookie_of(request, BROWSER)
    link = (await form_of(request, browser)).get("link", "")
    try:
        session = await run_in_threadpool(open_link, platform_of(request), link, browser=browser)
    except Refused as error:
        if error.code != "link_invalid":
            raise
        return _unusable(request)
    answer = to("/portal")
    set_cookie(request, answer, SESSION, session.secret)
    set_cookie(request, answer, BROWSER, "")
    return answer


async def leave(request: Request, session: Session) -> Response:
    """Sign out, here or everywhere."""
    form = await form_of(request, session.secret)
    if form.get("everywhere", "yes") != "yes":
        raise BadInput("bad_page_form", "this is no form")
    await run_in_threadpool(end_sessions, platform_of(request), session, everywhere="everywhere" in form)
    answer = to("/portal/sign-in")
    set_cookie(request, answer, SESSION, "")
    return answer


def _with_browser(request: Request, name: str, **values: Any) -> Response:
    """Return a page with a form, for a browser that from now on has a secret of its own."""
    browser = cookie_of(request, BROWSER) or secrets.token_urlsafe(32)
    answer = page(request, name, token=form_token(browser), **values)
    set_cookie(request, answer, BROWSER, browser)
    return answer


def _unusable(request: Request) -> Response:
    words = translations(language_of(request)).gettext
    message = words(
        "It works once, for 20 minutes, and only in the browser in which you asked for it. Ask for a new one here."
    )
    title = words("This link does not work any more")
    return page(request, "message.html", status=403, title=title, message=message, back="/portal/sign-in")
