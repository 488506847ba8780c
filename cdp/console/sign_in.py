"""In by name, password and one-time code; out here or everywhere."""

from functools import partial
from typing import Final

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import BROWSER, CONSOLE, SESSION, SIGN_IN
from cdp.errors import Refused
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.limits import count_attempt
from cdp.pages.passkeys import has_passkeys
from cdp.pages.serving import cookie_of, form_of, platform_of, to
from cdp.services.staff.enter import Attempt, enter
from cdp.services.staff.sessions import Staff, end_staff

HASHING: Final = CapacityLimiter(2)
"""A password costs 64 MiB while it is compared; no more than two are at once, however many are sent."""


async def show(request: Request) -> Response:
    """Ask for name, password and code."""
    return asking(request, CONSOLE.next_of(request.query_params), "")


async def use(request: Request) -> Response:
    """Sign in."""
    form = await form_of(request, cookie_of(request, BROWSER))
    attempt = Attempt(form.get("name", "").strip().lower(), form.get("password", ""), form.get("code", ""))
    count_attempt(request, attempt.name)
    doing = partial(
        enter, platform_of(request), attempt, device=device_of(request), cookie=cookie_of(request, SESSION)
    )  # fmt: skip
    try:
        session = await to_thread.run_sync(doing, limiter=HASHING)
    except Refused as error:
        if error.code != "staff_refused":
            raise
        words = translations(language_of(request)).gettext
        return asking(request, CONSOLE.next_of(form), words("Name, password or code is not right. Please look again."))
    return CONSOLE.let_in(request, session, CONSOLE.next_of(form))


async def leave(request: Request, staff: Staff) -> Response:
    """Sign out, here or everywhere."""
    everywhere = form_in(request).get("everywhere") == "yes"
    await run_in_threadpool(end_staff, platform_of(request), staff, everywhere=everywhere)
    answer = to(SIGN_IN)
    CONSOLE.set_cookie(request, answer, SESSION, "")
    return answer


def asking(request: Request, target: str, problem: str) -> Response:
    """Return the page that asks."""
    return CONSOLE.with_browser(
        request, "sign_in.html", problem=problem, next=target, status=403 if problem else 200,
        possible=has_passkeys(request), provider=CONSOLE.provider_name(request),
    )  # fmt: skip
