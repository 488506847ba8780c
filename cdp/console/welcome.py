"""Choosing how one signs in, by a one-time link. Looking at the page uses nothing up."""

from functools import partial

from anyio import to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.parts import BROWSER, CONSOLE, HOME, SESSION
from cdp.console.sign_in import HASHING
from cdp.errors import BadInput, Refused
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.limits import count_address
from cdp.pages.passkeys import has_passkeys
from cdp.pages.serving import cookie_of, form_of, origin_of, platform_of
from cdp.pages.template import page
from cdp.services.staff import proofs
from cdp.services.staff.welcome import Chosen, accept, find_invited, new_sealed_secret, opened_secret


async def show(request: Request) -> Response:
    """Show what is to be chosen."""
    count_address(request)
    link = request.query_params.get("link", "")
    try:
        return await run_in_threadpool(_asking, request, link, "", "")
    except Refused as error:
        return unusable(request, error)


async def use(request: Request) -> Response:
    """Keep what was chosen, sign in, and show the recovery codes, this once."""
    form = await form_of(request, cookie_of(request, BROWSER))
    count_address(request)
    link, sealed = form.get("link", ""), form.get("secret", "")
    chosen = Chosen(form.get("password", ""), sealed, form.get("code", ""))
    doing = partial(accept, platform_of(request), link, chosen, device=device_of(request))
    try:
        session, codes = await to_thread.run_sync(doing, limiter=HASHING)
    except BadInput as error:
        return await run_in_threadpool(_asking, request, link, sealed, _problem(request, error))
    except Refused as error:
        return unusable(request, error)
    answer = page(request, "console/recovery.html", codes=codes, home=HOME)
    CONSOLE.set_cookie(request, answer, SESSION, session.cookie)
    return answer


def unusable(request: Request, error: Refused) -> Response:
    """Return the page for a link that does not work."""
    if error.code != "link_invalid":
        raise error
    words = translations(language_of(request)).gettext
    message = words("It works once, for 24 hours. Ask whoever gave it to you for a new one.")
    title = words("This link does not work any more")
    return CONSOLE.message(request, title, message, status=403)


def _asking(request: Request, link: str, sealed: str, problem: str) -> Response:
    """Return the page: with a new secret for codes, or with the one that it had."""
    platform = platform_of(request)
    account = find_invited(platform, link)
    secret = opened_secret(platform, link, sealed) if sealed else ""
    if not secret:
        secret, sealed = new_sealed_secret(platform, link)
    issuer = origin_of(request).partition("://")[2].partition(":")[0]
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return CONSOLE.with_browser(
        request, "welcome.html", status=400 if problem else 200, called=account.name, link=link, sealed=sealed,
        secret=grouped, enrolment=proofs.enrolment(secret, name=account.name, issuer=issuer), problem=problem,
        possible=has_passkeys(request), shortest=proofs.SHORTEST, longest=proofs.LONGEST,
    )  # fmt: skip


def _problem(request: Request, error: BadInput) -> str:
    words = translations(language_of(request)).gettext
    if error.code == "wrong_code":
        return words("That is not the code that your authenticator shows now. Is the clock of the device right?")
    return words(
        "Please choose another password: at least 12 letters, several of them different, and without your name."
    )
