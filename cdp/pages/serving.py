"""What every page of portal and console stands on: the platform, cookies, forms, and errors as pages.

Cookies go to no other site and no script reads them; over HTTPS their names bind them to this host (`__Host-`, RFC
6265bis section 4.1.3). Whether it is HTTPS says `CDP_ORIGIN`, not the request, which a proxy may have changed.
"""

import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from http import HTTPStatus
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, Unavailable, place_of
from cdp.pages.forms import MAX_FORM, read_form
from cdp.pages.template import HEADERS
from cdp.pages.uploads import Sent, is_multipart, read_form_with_file
from cdp.statuses import status_of

LOGGER: Final = logging.getLogger("cdp.pages")

Endpoint = Callable[[Request], Awaitable[Response]]
Spoken = Callable[[Request, CdpError, int], Response]
"""Makes the page for an error, with its status."""


def platform_of(request: Request) -> Platform:
    """Return the platform that the application serves."""
    return cast("Platform", request.app.state.platform)


def origin_of(request: Request) -> str:
    """Return our own origin, as the settings have it."""
    return platform_of(request).settings.origin.rstrip("/")


def cookie_of(request: Request, name: str) -> str:
    """Return what a cookie of ours holds, or nothing."""
    return request.cookies.get(_cookie(request, name), "")


def give_cookie(request: Request, answer: Response, name: str, value: str, *, lasts: timedelta) -> None:
    """Give the browser a cookie of ours; an empty one is taken away."""
    life = int(lasts.total_seconds()) if value else 0
    answer.set_cookie(
        _cookie(request, name), value, max_age=life, path="/", httponly=True, samesite="lax", secure=_secure(request)
    )


def speaking(endpoint: Endpoint, speak: Spoken) -> Endpoint:
    """Return the endpoint with every error as a page that says what to do, and never what was sent."""

    async def spoken(request: Request) -> Response:
        try:
            return await endpoint(request)
        except CdpError as error:
            return speak(request, error, status_of(error))
        except Exception as error:  # noqa: BLE001 -- a server further out would print its text, which may hold values
            LOGGER.error("internal error (code %s)", place_of(error))  # noqa: TRY400 -- as above
            fault = Unavailable("internal", "internal error")
            return speak(request, fault, status_of(fault))

    return spoken


async def form_of(
    request: Request, secret: str, *, names: Collection[str] | None = None, most: int = MAX_FORM
) -> dict[str, str]:  # fmt: skip
    """Return the form that was sent, which must come from a page with this secret's token; a file of it is left out.

    Args:
        names: what it may have; without, the caller looks.

    Raises:
        Refused: `foreign_form`.
        BadInput: `bad_page_form`.
    """
    if is_multipart(request):
        form = (await form_with_file(request, secret, most=0))[0]
    else:
        form = await read_form(request, secret=secret, origin=origin_of(request), most=most)
    if names is not None and not form.keys() <= {*names}:
        raise BadInput("bad_page_form", "this is no form")
    return form


async def form_with_file(request: Request, secret: str, *, most: int) -> tuple[dict[str, str], Sent | None]:
    """Return a form as `form_of` does, with the file that came with it, if it is not too large."""
    if not is_multipart(request):
        return await form_of(request, secret), None
    return await read_form_with_file(request, secret=secret, origin=origin_of(request), most=most)


def to(address: str) -> Response:
    """Send the browser on with GET (RFC 9110 section 15.4.4)."""
    return RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER, headers=dict(HEADERS))


def target_of(request: Request) -> str:
    """Return the path that was asked for, with its query."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _cookie(request: Request, name: str) -> str:
    return f"__Host-{name}" if _secure(request) else name


def _secure(request: Request) -> bool:
    return origin_of(request).startswith("https://")
