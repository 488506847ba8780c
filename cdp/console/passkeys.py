"""Passkeys of staff: in with one, choosing one by a one-time link, adding and removing. `passkey.js` does the rest."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import BROWSER, CONSOLE, HOME, SESSION, staff_page
from cdp.console.welcome import unusable
from cdp.errors import BadInput, Refused
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.limits import count_address
from cdp.pages.passkeys import PasskeyEntry, as_json, has_passkeys, site_in
from cdp.pages.serving import cookie_of, form_of, platform_of, to
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
        passkeys.ask_to_add, platform_of(request), site_in(request), staff.account, browser=staff.session.secret
    )
    return as_json(options)


async def add(request: Request, staff: Staff) -> Response:
    """Keep the one that was made."""
    form = form_in(request)
    try:
        await run_in_threadpool(
            passkeys.add_passkey, platform_of(request), site_in(request), staff, form.get("credential", ""),
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


async def ask_to_accept(request: Request) -> Response:
    """Give the browser of somebody with a one-time link what it needs to make one."""
    browser = cookie_of(request, BROWSER)
    form = await form_of(request, browser)
    count_address(request)
    account = await run_in_threadpool(find_invited, platform_of(request), form.get("link", ""))
    options = await run_in_threadpool(
        passkeys.ask_to_add, platform_of(request), site_in(request), account, browser=browser
    )  # fmt: skip
    return as_json(options)


async def accept(request: Request) -> Response:
    """Choose the passkey that was made as the way to sign in."""
    browser = cookie_of(request, BROWSER)
    form = await form_of(request, browser)
    count_address(request)
    device, link = device_of(request), form.get("link", "")
    try:
        session = await run_in_threadpool(
            passkeys.accept_passkey, platform_of(request), site_in(request), link, form.get("credential", ""),
            browser=browser, name=device or "1", device=device,
        )  # fmt: skip
    except Refused as error:
        if error.code == "link_invalid":
            return unusable(request, error)
        return ENTRY.refused(request, error, back=HOME)
    answer = to(HOME)
    CONSOLE.set_cookie(request, answer, SESSION, session.cookie)
    return answer


async def _account(request: Request, staff: Staff, problem: str) -> Response:
    found = await run_in_threadpool(passkeys.list_passkeys, platform_of(request), staff.account)
    return staff_page(
        request, staff, "account.html", status=400 if problem else 200, passkeys=found, problem=problem,
        possible=has_passkeys(request), called=device_of(request),
        done=request.query_params.get("done", ""),
    )  # fmt: skip


def _said(language: str) -> tuple[str, str]:
    words = translations(language).gettext
    return words("This passkey does not open the console"), words("Try again, or sign in in another way.")


ENTRY: Final = PasskeyEntry(CONSOLE, passkeys.ask_to_enter, passkeys.open_passkey, _said)
