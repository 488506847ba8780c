"""What every page of the portal stands on: its cookies, who sees it, and an error as a page.

What it shares with the console is in `cdp.pages.serving`, and named from here.
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import CdpError, NotFound, Refused
from cdp.pages.forms import form_token
from cdp.pages.language import language_of, translations
from cdp.pages.serving import (
    Endpoint,
    cookie_of,
    form_of,
    form_with_file,
    give_cookie,
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

SESSION: Final = "cdp-session"
BROWSER: Final = "cdp-browser"
HELD: Final = "cdp-held"
SIGN_IN: Final = "/portal/sign-in"
HOME: Final = "/portal"


def has_gpc(request: Request) -> bool:
    """Return whether the browser asks by Global Privacy Control not to have her sold or shared: exactly `1`."""
    return "1" in request.headers.getlist("sec-gpc")


def set_cookie(request: Request, answer: Response, name: str, value: str) -> None:
    """Give the browser a cookie of ours; an empty one is taken away."""
    give_cookie(request, answer, name, value, lasts=LASTS)


def in_words(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with every error as a page that says what to do, and never what was sent."""
    return speaking(endpoint, _error)


def own_page(request: Request, session: Session, name: str, **values: Any) -> Response:
    """Return a page for somebody who is signed in."""
    titles = titles_of(platform_of(request), language_of(request))
    return page(request, name, token=form_token(session.secret), titles=titles, **values)


def _error(request: Request, error: CdpError, status: int) -> Response:
    words = translations(language_of(request)).gettext
    title, message = words("This did not work"), words("Please try again in a moment.")
    match error:
        case NotFound():
            title, message = words("There is no such page"), words("The address may be old or mistyped.")
        case Refused(code="foreign_form"):
            title, message = words("Please do that once more"), words("The page was too old, or not from here.")
        case Refused(code="too_many_requests"):
            title, message = words("That was a bit much"), words("Please wait a minute, and try again.")
        case Refused(code="no_own_view"):
            title, message = words("There is nothing to see yet"), words("This organisation has not opened this page.")
    return page(request, "message.html", status=status, title=title, message=message, back=HOME)
