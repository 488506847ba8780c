"""Passkeys of staff: in with one, choosing one by a one-time link, adding and removing. `passkey.js` does the rest."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import BROWSER, HOME, SESSION, SIGN_IN, let_in, next_of, set_cookie, staff_page
from cdp.console.welcome import unusable
from cdp.errors import BadInput, Refused, Unavailable
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.limits import count_address
from cdp.pages.serving import cookie_of, form_of, platform_of, to
from cdp.pages.template import page
from cdp.services.sign_in.ceremony import Site, site_of
from cdp.services.staff import passkeys
from cdp.services.staff.sessions import Staff
from cdp.services.staff.welcome import find_invited

ACCOUNT: Final = "/console/account"


async def show(request: Request, staff: Staff) -> Response:
    """Show one's own account."""
    return await _account(request, staff, "")


async def ask_to_add(request: Request, staff: Staff) -> Response:
    """Give the browser what it needs to make one."""
    options = await run_in_threadpool(
        passkeys.ask_to_add, platform_of(request), _site(request), staff.account, browser=staff.session.secret
    )
    return _json(options)


async def add(request: Request, staff: Staff) -> Response:
    """Keep the one that was made."""
    form = form_in(request)
    try:
        await run_in_threadpool(
            passkeys.add_passkey, platform_of(request), _site(request), staff, form.get("credential", ""),
            name=form.get("name", ""),
        )  # fmt: skip
    except (BadInput, Refused):
        words = translations(language_of(request)).gettext
        return await _account(request, staff, words("This passkey could not be added. Please try again."))
    return to(f"{ACCOUNT}?done=added")


async def remove(request: Request, staff: Staff) -> Response:
    """Take one away."""
    passkey = form_in(request).get("passkey", "")
    await run_in_threadpool(passkeys.remove_passkey, platform_of(request), staff, passkey)
    return to(f"{ACCOUNT}?done=removed")


async def ask_to_enter(request: Request) -> Response:
    """Give the browser what it needs to sign in with one: the same for everybody."""
    browser = cookie_of(request, BROWSER)
    await form_of(request, browser)
    count_address(request)
    options = await run_in_threadpool(
        passkeys.ask_to_enter, platform_of(request), _site(request), browser=browser
    )  # fmt: skip
    return _json(options)


async def enter(request: Request) -> Response:
    """Sign in with one."""
    browser = cookie_of(request, BROWSER)
    form = await form_of(request, browser)
    count_address(request)
    try:
        session = await run_in_threadpool(
            passkeys.open_passkey, platform_of(request), _site(request), form.get("credential", ""), browser=browser,
            device=device_of(request), cookie=cookie_of(request, SESSION),
        )  # fmt: skip
    except Refused as error:
        return _refused(request, error, SIGN_IN)
    return let_in(request, session, next_of(form))


async def ask_to_accept(request: Request) -> Response:
    """Give the browser of somebody with a one-time link what it needs to make one."""
    browser = cookie_of(request, BROWSER)
    form = await form_of(request, browser)
    count_address(request)
    account = await run_in_threadpool(find_invited, platform_of(request), form.get("link", ""))
    options = await run_in_threadpool(
        passkeys.ask_to_add, platform_of(request), _site(request), account, browser=browser
    )  # fmt: skip
    return _json(options)


async def accept(request: Request) -> Response:
    """Choose the passkey that was made as the way to sign in."""
    browser = cookie_of(request, BROWSER)
    form = await form_of(request, browser)
    count_address(request)
    device, link = device_of(request), form.get("link", "")
    try:
        session = await run_in_threadpool(
            passkeys.accept_passkey, platform_of(request), _site(request), link, form.get("credential", ""),
            browser=browser, name=device or "1", device=device,
        )  # fmt: skip
    except Refused as error:
        if error.code == "passkey_invalid":
            return _refused(request, error, HOME)
        return unusable(request, error)
    answer = to(HOME)
    set_cookie(request, answer, SESSION, session.cookie)
    return answer


async def _account(request: Request, staff: Staff, problem: str) -> Response:
    found = await run_in_threadpool(passkeys.list_passkeys, platform_of(request), staff.account)
    return staff_page(
        request, staff, "account.html", status=400 if problem else 200, passkeys=found, problem=problem,
        possible=site_of(platform_of(request).settings) is not None, called=device_of(request),
        done=request.query_params.get("done", ""),
    )  # fmt: skip


def _refused(request: Request, error: Refused, back: str) -> Response:
    if error.code != "passkey_invalid":
        raise error
    words = translations(language_of(request)).gettext
    title, message = words("This passkey does not open the console"), words("Try again, or sign in in another way.")
    return page(request, "console/message.html", status=403, title=title, message=message, back=back)


def _site(request: Request) -> Site:
    site = site_of(platform_of(request).settings)
    if site is None:
        raise Unavailable("no_passkeys_here", "passkeys need a name as address, and HTTPS", path="CDP_ORIGIN")
    return site


def _json(options: str) -> Response:
    return Response(options, media_type="application/json")
