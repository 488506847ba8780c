"""What every page of the portal stands on: the cookies, forms, and an error as a page.

Cookies go to no other site and no script reads them; over HTTPS their names bind them to this host (`__Host-`, RFC
6265bis section 4.1.3). Whether it is HTTPS says `CDP_ORIGIN`, not the request, which a proxy may have changed.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several, Unauthenticated, Unavailable, place_of
from cdp.pages.forms import form_token, read_form
from cdp.pages.language import language_of, translations
from cdp.pages.template import HEADERS, page
from cdp.pages.titles import titles_of
from cdp.pages.uploads import Sent, is_multipart, read_form_with_file
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.sessions import LASTS

SESSION: Final = "cdp-session"
BROWSER: Final = "cdp-browser"
HELD: Final = "cdp-held"
SIGN_IN: Final = "/portal/sign-in"
HOME: Final = "/portal"

LOGGER: Final = logging.getLogger("cdp.portal")

STATUS: Final[dict[type[CdpError], int]] = {
    BadInput: 400,
    Several: 400,
    Unauthenticated: 401,
    Refused: 403,
    NotFound: 404,
    Unavailable: 503,
}
"""The one table error → status of this edge; what the page says of it is in `_error`."""

Endpoint = Callable[[Request], Awaitable[Response]]


def platform_of(request: Request) -> Platform:
    """Return the platform that the application serves."""
    return cast("Platform", request.app.state.platform)


def origin_of(request: Request) -> str:
    """Return our own origin, as the settings have it."""
    return platform_of(request).settings.origin.rstrip("/")


def has_gpc(request: Request) -> bool:
    """Return whether the browser asks by Global Privacy Control not to have her sold or shared: exactly `1`."""
    return "1" in request.headers.getlist("sec-gpc")


def cookie_of(request: Request, name: str) -> str:
    """Return what a cookie of ours holds, or nothing."""
    return request.cookies.get(_cookie(request, name), "")


def set_cookie(request: Request, answer: Response, name: str, value: str) -> None:
    """Give the browser a cookie of ours; an empty one is taken away."""
    life = int(LASTS.total_seconds()) if value else 0
    answer.set_cookie(
        _cookie(request, name), value, max_age=life, path="/", httponly=True, samesite="lax", secure=_secure(request)
    )


def in_words(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with every error as a page that says what to do, and never what was sent."""

    async def spoken(request: Request) -> Response:
        try:
            return await endpoint(request)
        except CdpError as error:
            return _error(request, error)
        except Exception as error:  # noqa: BLE001 -- a server further out would print its text, which may hold values
            LOGGER.error("internal error (code %s)", place_of(error))  # noqa: TRY400 -- as above
            return _error(request, Unavailable("internal", "internal error"), status=500)

    return spoken


async def form_of(request: Request, secret: str) -> dict[str, str]:
    """Return the form that was sent, which must come from a page with this secret's token; a file of it is left out."""
    if is_multipart(request):
        return (await form_with_file(request, secret, most=0))[0]
    return await read_form(request, secret=secret, origin=origin_of(request))


async def form_with_file(request: Request, secret: str, *, most: int) -> tuple[dict[str, str], Sent | None]:
    """Return a form as `form_of` does, with the file that came with it, if it is not too large."""
    if not is_multipart(request):
        return await form_of(request, secret), None
    return await read_form_with_file(request, secret=secret, origin=origin_of(request), most=most)


def own_page(request: Request, session: Session, name: str, **values: Any) -> Response:
    """Return a page for somebody who is signed in."""
    titles = titles_of(platform_of(request), language_of(request))
    return page(request, name, token=form_token(session.secret), titles=titles, **values)


def to(address: str) -> Response:
    """Send the browser on with GET (RFC 9110 section 15.4.4)."""
    return RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER, headers=dict(HEADERS))


def _error(request: Request, error: CdpError, *, status: int | None = None) -> Response:
    words = translations(language_of(request)).gettext
    title, message = words("This did not work"), words("Please try again in a moment.")
    match error:
        case NotFound():
            title, message = words("There is no such page"), words("The address may be old or mistyped.")
        case Refused(code="foreign_form"):
            title, message = words("Please do that once more"), words("The page was too old, or not from here.")
        case Refused(code="too_many_requests"):
            status = 429
            title, message = words("That was a bit much"), words("Please wait a minute, and try again.")
        case Refused(code="no_own_view"):
            title, message = words("There is nothing to see yet"), words("This organisation has not opened this page.")
    return page(
        request, "message.html", status=status or STATUS[type(error)], title=title, message=message, back="/portal"
    )


def _cookie(request: Request, name: str) -> str:
    return f"__Host-{name}" if _secure(request) else name


def _secure(request: Request) -> bool:
    return origin_of(request).startswith("https://")
