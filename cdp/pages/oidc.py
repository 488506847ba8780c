"""In through a provider: there by a link, back by its redirect.

There by GET, since a form may not lead to another site (Content Security Policy, `form-action`). It does nothing but
begin a journey that is bound to this browser.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.errors import CdpError, NotFound
from cdp.pages.devices import device_of
from cdp.pages.entrance import Entrance
from cdp.pages.language import language_of
from cdp.pages.limits import count_address
from cdp.pages.serving import cookie_of, platform_of, to
from cdp.services.oidc.journeys import Journey, come_back, set_out
from cdp.services.oidc.provider import Provider
from cdp.services.oidc.tokens import Told
from cdp.services.sign_in.keeping import Session
from cdp.statuses import status_of


class OpenTold(Protocol):
    """Begins a session for the person of whom a provider speaks."""

    def __call__(self, platform: Platform, told: Told, /, *, device: str, cookie: str) -> Session:
        """Return the session."""
        ...


@dataclass(frozen=True, slots=True)
class Journeys:
    """The pages of an entrance that lead to its provider and back.

    Attributes:
        said: a title and a sentence in a language, for each code with which a journey may end elsewhere.
    """

    entrance: Entrance
    open_told: OpenTold
    said: Callable[[str], dict[str, tuple[str, str]]]

    async def leave(self, request: Request) -> Response:
        """Send the browser to the provider."""
        count_address(request)
        entrance, query = self.entrance, request.query_params
        browser = entrance.browser_of(request)
        journey = Journey(
            entrance.kind, entrance.redirect(request), entrance.next_of(query), anew=query.get("anew") == "yes"
        )
        try:
            address = await run_in_threadpool(
                set_out, platform_of(request), self._provider(request), journey, browser=browser
            )  # fmt: skip
        except CdpError as error:
            return self._told(request, error)
        answer = to(address)
        entrance.set_cookie(request, answer, entrance.browser, browser)
        return answer

    async def arrive(self, request: Request) -> Response:
        """Take the provider's answer, and let in of whom it speaks."""
        count_address(request)
        platform, entrance = platform_of(request), self.entrance
        try:
            told, journey = await run_in_threadpool(
                come_back, platform, self._provider(request), Journey(entrance.kind, entrance.redirect(request)),
                request.query_params, browser=cookie_of(request, entrance.browser),
            )  # fmt: skip
            session = await run_in_threadpool(
                self.open_told, platform, told, device=device_of(request), cookie=cookie_of(request, entrance.session)
            )  # fmt: skip
        except CdpError as error:
            return self._told(request, error)
        return entrance.let_in(request, session, journey.target)

    def _provider(self, request: Request) -> Provider:
        provider = cast("Provider | None", request.app.state.providers.get(self.entrance.kind))
        if provider is None:
            raise NotFound("not_found", "there is no such thing here")
        return provider

    def _told(self, request: Request, error: CdpError) -> Response:
        """Return the page for a journey that ended elsewhere."""
        said = self.said(language_of(request))
        if error.code not in said:
            raise error
        return self.entrance.message(request, *said[error.code], status=status_of(error))
