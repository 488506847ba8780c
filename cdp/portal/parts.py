"""What every page of the portal stands on: its cookies, who sees it, and an error as a page.

What it shares with the console is in `cdp.pages.serving`, and named from here.
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import CdpError, Refused
from cdp.pages.apology import apology
from cdp.pages.entrance import Entrance
from cdp.pages.forms import form_token
from cdp.pages.language import language_of, translations
from cdp.pages.serving import (
    Endpoint,
    cookie_of,
    form_of,
    form_with_file,
    origin_of,
    platform_of,
    speaking,
    target_of,
    to,
)
from cdp.pages.template import page
from cdp.pages.titles import titles_of
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.sessions import LASTS

__all__ = ["Endpoint", "cookie_of", "form_of", "form_with_file", "origin_of", "platform_of", "target_of", "to"]

PORTAL: Final = Entrance(
    kind="customer", home="/portal", folder="", session="cdp-session", browser="cdp-browser", held="cdp-held",
    lasts=LASTS,
)  # fmt: skip
SESSION, BROWSER, HELD, SIGN_IN, HOME = PORTAL.session, PORTAL.browser, PORTAL.held, PORTAL.sign_in, PORTAL.home


def has_gpc(request: Request) -> bool:
    """Return whether the browser asks by Global Privacy Control not to have her sold or shared: exactly `1`."""
    return "1" in request.headers.getlist("sec-gpc")


def in_words(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with every error as a page that says what to do, and never what was sent."""
    return speaking(endpoint, speak)


def own_page(request: Request, session: Session, name: str, **values: Any) -> Response:
    """Return a page for somebody who is signed in."""
    titles = titles_of(platform_of(request), language_of(request))
    return page(request, name, token=form_token(session.secret), titles=titles, **values)


def speak(request: Request, error: CdpError, status: int) -> Response:
    """Return the page for an error."""
    language = language_of(request)
    words = translations(language).gettext
    title, message = apology(error, language)
    match error:
        case Refused(code="too_many_requests"):
            title, message = words("That was a bit much"), words("Please wait a minute, and try again.")
        case Refused(code="no_own_view"):
            title, message = words("There is nothing to see yet"), words("This organisation has not opened this page.")
    return PORTAL.message(request, title, message, status=status, back=HOME)
