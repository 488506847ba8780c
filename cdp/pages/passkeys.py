"""In with a passkey: the browser's part is `passkey.js`, which sends the authenticator's answer in an ordinary form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.errors import Refused, Unavailable
from cdp.pages.devices import device_of
from cdp.pages.entrance import Entrance
from cdp.pages.language import language_of
from cdp.pages.limits import count_address
from cdp.pages.serving import cookie_of, form_of, platform_of
from cdp.services.sign_in.ceremony import Site, site_of
from cdp.services.sign_in.keeping import Session


class Ask(Protocol):
    """Returns what a browser needs, as JSON."""

    def __call__(self, platform: Platform, site: Site, /, *, browser: str) -> str:
        """Return the options."""
        ...


class Open(Protocol):
    """Begins a session by the answer of an authenticator."""

    def __call__(
        self, platform: Platform, site: Site, answer: str, /, *, browser: str, device: str, cookie: str
    ) -> Session:
        """Return the session."""
        ...


@dataclass(frozen=True, slots=True)
class PasskeyEntry:
    """The two steps by which a passkey lets somebody in.

    Attributes:
        said: title and sentence, in a language, for a passkey that lets nobody in.
    """

    entrance: Entrance
    ask: Ask
    open: Open
    said: Callable[[str], tuple[str, str]]

    async def ask_to_enter(self, request: Request) -> Response:
        """Give the browser what it needs to sign in with one: the same for everybody."""
        browser = cookie_of(request, self.entrance.browser)
        await form_of(request, browser, names=("credential", "next"))
        count_address(request)
        return as_json(await run_in_threadpool(self.ask, platform_of(request), site_in(request), browser=browser))

    async def enter(self, request: Request) -> Response:
        """Sign in with one."""
        browser = cookie_of(request, self.entrance.browser)
        form = await form_of(request, browser, names=("credential", "next"))
        count_address(request)
        try:
            session = await run_in_threadpool(
                self.open, platform_of(request), site_in(request), form.get("credential", ""), browser=browser,
                device=device_of(request), cookie=cookie_of(request, self.entrance.session),
            )  # fmt: skip
        except Refused as error:
            return self.refused(request, error, back=self.entrance.sign_in)
        return self.entrance.let_in(request, session, self.entrance.next_of(form))

    def refused(self, request: Request, error: Refused, *, back: str) -> Response:
        """Return the page for a passkey that lets nobody in; whatever else is amiss goes on its way."""
        if error.code != "passkey_invalid":
            raise error
        title, message = self.said(language_of(request))
        return self.entrance.message(request, title, message, status=403, back=back)


def has_passkeys(request: Request) -> bool:
    """Return whether passkeys can be for our own address."""
    return site_of(platform_of(request).settings) is not None


def site_in(request: Request) -> Site:
    """Return for which site passkeys are.

    Raises:
        Unavailable: `no_passkeys_here`.
    """
    site = site_of(platform_of(request).settings)
    if site is None:
        raise Unavailable("no_passkeys_here", "passkeys need a name as address, and HTTPS", path="CDP_ORIGIN")
    return site


def as_json(options: str) -> Response:
    """Return what a browser needs, as the script reads it."""
    return Response(options, media_type="application/json")
