"""In through the organisation's own provider, as in the portal: there by a link, back by its redirect."""

import secrets
from typing import Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.parts import BROWSER, SESSION, SIGN_IN, let_in, next_of, set_cookie
from cdp.errors import CdpError, NotFound
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.limits import count_address
from cdp.pages.serving import cookie_of, origin_of, platform_of, to
from cdp.pages.template import page
from cdp.services.oidc.journeys import Journey, come_back, set_out
from cdp.services.oidc.provider import Provider
from cdp.services.staff.oidc import open_told

KIND: Final = "staff"


async def leave(request: Request) -> Response:
    """Send the browser to the provider."""
    count_address(request)
    browser = cookie_of(request, BROWSER) or secrets.token_urlsafe(32)
    query = request.query_params
    journey = Journey(KIND, _redirect(request), next_of(query), anew=query.get("anew") == "yes")
    try:
        address = await run_in_threadpool(
            set_out, platform_of(request), _provider(request), journey, browser=browser
        )  # fmt: skip
    except CdpError as error:
        return _told(request, error)
    answer = to(address)
    set_cookie(request, answer, BROWSER, browser)
    return answer


async def arrive(request: Request) -> Response:
    """Take the provider's answer, and let in of whom it speaks."""
    count_address(request)
    platform, browser = platform_of(request), cookie_of(request, BROWSER)
    try:
        told, journey = await run_in_threadpool(
            come_back, platform, _provider(request), Journey(KIND, _redirect(request)), request.query_params,
            browser=browser,
        )  # fmt: skip
        session = await run_in_threadpool(
            open_told, platform, told, device=device_of(request), cookie=cookie_of(request, SESSION)
        )  # fmt: skip
    except CdpError as error:
        return _told(request, error)
    return let_in(request, session, journey.target)


def provider_name(request: Request) -> str:
    """Return what people call the provider of staff; empty where there is none."""
    provider = request.app.state.providers.get(KIND)
    return str(provider.client.name) if provider else ""


def _provider(request: Request) -> Provider:
    provider = cast("Provider | None", request.app.state.providers.get(KIND))
    if provider is None:
        raise NotFound("not_found", "there is no such thing here")
    return provider


def _redirect(request: Request) -> str:
    return f"{origin_of(request)}/console/oidc/callback"


def _told(request: Request, error: CdpError) -> Response:
    """Return the page for a journey that ended elsewhere."""
    words = translations(language_of(request)).gettext
    known = {
        "oidc_unavailable": (
            503, words("The sign-in service does not answer"), words("Try again later, or sign in in another way."),
        ),
        "oidc_refused": (
            403, words("The sign-in service has not let you in"),
            words("It may have taken too long, or you have stopped it. Begin again."),
        ),
        "oidc_nobody": (
            403, words("There is no account for you here"),
            words("It names no address that is verified there and that an account has. Ask who looks after accounts."),
        ),
    }  # fmt: skip
    if error.code not in known:
        raise error
    status, title, message = known[error.code]
    return page(request, "console/message.html", status=status, title=title, message=message, back=SIGN_IN)
