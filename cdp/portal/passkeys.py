"""Passkeys: in with one, adding, naming, removing.

The browser's part is `passkey.js`: it fetches options, has the authenticator answer, and sends the answer in an
ordinary form. Without scripts the pages say what is needed, and the link by e-mail goes on to let in.
"""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput, Refused, Unavailable
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.limits import count_address
from cdp.pages.template import page
from cdp.portal.parts import BROWSER, SESSION, SIGN_IN, cookie_of, form_of, origin_of, own_page, platform_of, to
from cdp.portal.sign_in import let_in, next_of
from cdp.services.sign_in import passkeys
from cdp.services.sign_in.ceremony import Site, site_of
from cdp.services.sign_in.keeping import Session

PAGE: Final = "/portal/passkeys"
ADD: Final = "/portal/passkeys/add"


async def show(request: Request, session: Session) -> Response:
    """Show her passkeys."""
    found = await run_in_threadpool(passkeys.list_passkeys, platform_of(request), session)
    done = request.query_params.get("done", "")
    possible = site_of(platform_of(request).settings) is not None
    return own_page(request, session, "passkeys.html", passkeys=found, done=done, possible=possible)


async def offer(request: Request, session: Session) -> Response:
    """Offer to add one."""
    site = site_of(platform_of(request).settings)
    name = device_of(request)
    return own_page(request, session, "passkey_add.html", possible=site is not None, called=name, problem="")


async def ask_to_add(request: Request, session: Session) -> Response:
    """Give the browser what it needs to make one."""
    form = await form_of(request, session.secret)
    host = origin_of(request).partition("://")[2]
    options = await run_in_threadpool(
        passkeys.ask_to_add, platform_of(request), _site(request), session, name=form.get("name", "") or host
    )
    return _json(options)


async def add(request: Request, session: Session) -> Response:
    """Keep the one that was made."""
    form, name = await form_of(request, session.secret), ""
    try:
        name = form.get("name", "")
        await run_in_threadpool(
            passkeys.add_passkey, platform_of(request), _site(request), session, form.get("credential", ""), name=name
        )
    except (BadInput, Refused) as error:
        if error.code not in _PROBLEMS:
            raise
        words = translations(language_of(request)).gettext
        problem = {
            "passkey_invalid": words("This passkey could not be added. Please try again."),
            "too_many_passkeys": words("There are too many passkeys. Remove one first."),
            "bad_passkey_name": words("Please give it a name of at most 60 letters."),
        }[error.code]
        return own_page(request, session, "passkey_add.html", possible=True, called=name, problem=problem)
    return to(f"{PAGE}?done=added")


_PROBLEMS: Final = ("passkey_invalid", "too_many_passkeys", "bad_passkey_name")


async def rename(request: Request, session: Session) -> Response:
    """Give one another name."""
    form = await form_of(request, session.secret)
    name, passkey = form.get("name", ""), form.get("passkey", "")
    await run_in_threadpool(passkeys.name_passkey, platform_of(request), session, passkey, name)
    return to(f"{PAGE}?done=named")


async def remove(request: Request, session: Session) -> Response:
    """Take one away."""
    form = await form_of(request, session.secret)
    await run_in_threadpool(passkeys.remove_passkey, platform_of(request), session, form.get("passkey", ""))
    return to(f"{PAGE}?done=removed")


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
        if error.code != "passkey_invalid":
            raise
        words = translations(language_of(request)).gettext
        message = words("Try again, or ask for a link by e-mail. If you have removed it here, remove it there, too.")
        title = words("This passkey does not open your data")
        return page(request, "message.html", status=403, title=title, message=message, back=SIGN_IN)
    return let_in(request, session, next_of(form))


def _site(request: Request) -> Site:
    site = site_of(platform_of(request).settings)
    if site is None:
        raise Unavailable("no_passkeys_here", "passkeys need a name as address, and HTTPS", path="CDP_ORIGIN")
    return site


def _json(options: str) -> Response:
    return Response(options, media_type="application/json")
