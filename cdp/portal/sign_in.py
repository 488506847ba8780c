"""In by a link that is sent to her.

The answer is the same whether an address is known or not, and it is given before anything is sent; the letter is queued
with the link, and waits while the mail is down.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.errors import Refused, Unavailable
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.limits import count_address
from cdp.pages.passkeys import has_passkeys
from cdp.pages.template import page
from cdp.portal.letters import sign_in_letter
from cdp.portal.parts import (
    BROWSER,
    PORTAL,
    SESSION,
    SIGN_IN,
    cookie_of,
    form_of,
    origin_of,
    platform_of,
)
from cdp.services.letters.write import Letter
from cdp.services.sign_in.links import ask_link, open_link
from cdp.services.sign_in.post import send_links

MOST: Final = 254
"""The longest address that mail knows (RFC 5321, erratum 1690)."""


async def show(request: Request) -> Response:
    """Ask for the address."""
    return _asking(request, PORTAL.next_of(request.query_params), "")


async def ask(request: Request) -> Response:
    """Send a link to an address, if it is known."""
    browser = cookie_of(request, BROWSER)
    form = await form_of(request, browser, names=("address", "next"))
    if not is_address(form.get("address", "")):
        return _asking(request, PORTAL.next_of(form), problem_of(request))
    return await send_link(request, form, browser=browser, back=SIGN_IN)


async def send_link(request: Request, form: Mapping[str, str], *, browser: str, back: str) -> Response:
    """Answer that a link is on its way, whoever asks, and send one if there is anybody to send it to."""
    count_address(request)
    platform, address = platform_of(request), form["address"].strip()
    target, language = PORTAL.next_of(form), language_of(request)

    def write(secret: str) -> Letter:
        link = f"{origin_of(request)}/portal/link?link={secret}" + (f"&next={quote(target)}" if target else "")
        return sign_in_letter(link, language)

    await run_in_threadpool(ask_link, platform, address, kind="email", browser=browser, write=write)
    answer = page(request, "sent.html", back=back)
    answer.background = BackgroundTask(_send, platform)
    return answer


def _send(platform: Platform) -> None:
    """Send what is due at once; what goes wrong is the chores' to do again."""
    with suppress(Unavailable):
        send_links(platform)


def is_address(text: str) -> bool:
    """Return whether a text can be an address of mail."""
    return 3 <= len(text.strip()) <= MOST and "@" in text.strip()[1:-1]


def problem_of(request: Request) -> str:
    """Return what is said of a text that cannot be one."""
    return translations(language_of(request)).gettext("That is no e-mail address. Please look again.")


async def confirm(request: Request) -> Response:
    """Show the button that uses the link: mail scanners follow links, and press no buttons."""
    query = request.query_params
    return PORTAL.with_browser(request, "link.html", link=query.get("link", ""), next=PORTAL.next_of(query))


async def use(request: Request) -> Response:
    """Use the link up: a new session, or the one that she has goes on under a new secret."""
    browser = cookie_of(request, BROWSER)
    form = await form_of(request, browser, names=("link", "next"))
    count_address(request)
    try:
        session = await run_in_threadpool(
            open_link, platform_of(request), form.get("link", ""), browser=browser, device=device_of(request),
            cookie=cookie_of(request, SESSION),
        )  # fmt: skip
    except Refused as error:
        if error.code != "link_invalid":
            raise
        return _unusable(request)
    answer = PORTAL.let_in(request, session, PORTAL.next_of(form))
    PORTAL.set_cookie(request, answer, BROWSER, "")
    return answer


def _asking(request: Request, target: str, problem: str) -> Response:
    return PORTAL.with_browser(
        request, "sign_in.html", problem=problem, next=target, possible=has_passkeys(request),
        provider=PORTAL.provider_name(request),
    )  # fmt: skip


def _unusable(request: Request) -> Response:
    words = translations(language_of(request)).gettext
    message = words(
        "It works once, for 20 minutes, and only in the browser in which you asked for it. Ask for a new one here."
    )
    title = words("This link does not work any more")
    return PORTAL.message(request, title, message, status=403)
