"""A way in, the portal's or the console's: its cookies and addresses, and what both do alike with them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import CdpError
from cdp.pages.forms import MAX_FORM, form_token
from cdp.pages.own_path import own_path
from cdp.pages.serving import cookie_of, form_of, give_cookie, origin_of, platform_of, target_of, to
from cdp.pages.template import page
from cdp.services.sign_in.held import Held, hold_form
from cdp.services.sign_in.keeping import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Where people of one kind come in.

    Attributes:
        kind: whom it is for, as providers and journeys name them.
        home: the address that all of its pages are under.
        folder: where its templates are, with a slash; empty for those that need no other folder.
        session: the cookie with the secret of a session.
        browser: the cookie with the secret of a browser in which nobody is signed in yet.
        held: the cookie of a form that waits for somebody to sign in.
        lasts: how long a browser keeps them.
    """

    kind: str
    home: str
    folder: str
    session: str
    browser: str
    held: str
    lasts: timedelta

    @property
    def sign_in(self) -> str:
        """Return the address at which one signs in."""
        return f"{self.home}/sign-in"

    @property
    def resume(self) -> str:
        """Return the address at which one goes on with what one had typed."""
        return f"{self.home}/resume"

    def redirect(self, request: Request) -> str:
        """Return the address to which a provider sends a browser back."""
        return f"{origin_of(request)}{self.home}/oidc/callback"

    def set_cookie(self, request: Request, answer: Response, name: str, value: str) -> None:
        """Give the browser a cookie of ours; an empty one is taken away."""
        give_cookie(request, answer, name, value, lasts=self.lasts)

    def let_in(self, request: Request, session: Session, target: str) -> Response:
        """Give the browser its session, and send it where it wanted to go: on with what was typed before all else."""
        answer = to(self.resume if cookie_of(request, self.held) else target or self.home)
        self.set_cookie(request, answer, self.session, session.cookie)
        return answer

    def next_of(self, given: Mapping[str, str]) -> str:
        """Return where somebody wants to go next: a page of our own, or empty."""
        return own_path(given.get("next", ""), under=self.home)

    def browser_of(self, request: Request) -> str:
        """Return the secret of the browser, or a new one for it."""
        return cookie_of(request, self.browser) or secrets.token_urlsafe(32)

    def with_browser(self, request: Request, name: str, **values: Any) -> Response:
        """Return a page with a form, for a browser that from now on has a secret of its own."""
        browser = self.browser_of(request)
        answer = page(request, f"{self.folder}{name}", token=form_token(browser), **values)
        self.set_cookie(request, answer, self.browser, browser)
        return answer

    def message(self, request: Request, title: str, message: str, *, status: int, back: str = "") -> Response:
        """Return a page that says one thing, with a way back: to signing in if to nothing else."""
        return page(
            request, f"{self.folder}message.html", status=status, title=title, message=message,
            back=back or self.sign_in,
        )  # fmt: skip

    def provider_name(self, request: Request) -> str:
        """Return what people call the provider here; empty where there is none."""
        provider = request.app.state.providers.get(self.kind)
        return str(provider.client.name) if provider else ""

    def renew(self, request: Request, answer: Response, session: Session) -> None:
        """Give the browser the new secret of a session that has one, unless the answer sets that cookie by itself."""
        given = (SimpleCookie(value) for value in answer.headers.getlist("set-cookie"))
        if session.cookie and not any(name.endswith(self.session) for each in given for name in each):
            self.set_cookie(request, answer, self.session, session.cookie)

    async def to_sign_in(self, request: Request, before: Session | None, *, most: int = MAX_FORM) -> Response:
        """Send to sign in, and keep meanwhile what was typed, if it came from a page of the session that was before."""
        if request.method != "POST":
            target = target_of(request)
            return to(self.sign_in if target == self.home else f"{self.sign_in}?next={quote(target, safe='/')}")
        answer = to(self.sign_in)
        if before is not None:
            try:
                await self.hold(request, answer, before, most=most)
            except CdpError:  # not from a page of ours, or no form: nobody's words are lost
                return answer
        return answer

    async def hold(self, request: Request, answer: Response, session: Session, *, most: int = MAX_FORM) -> None:
        """Keep a form that came from a page of the session.

        Args:
            most: the longest that is kept, in bytes.

        Raises:
            Refused: `foreign_form`.
            BadInput: `bad_page_form`.
        """
        held = Held(request.url.path, await form_of(request, session.secret, most=most))
        sealed = await run_in_threadpool(hold_form, platform_of(request), session, held)
        self.set_cookie(request, answer, self.held, sealed)
