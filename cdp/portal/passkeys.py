"""Passkeys: in with one, adding, naming, removing.

The browser's part is `passkey.js`: it fetches options, has the authenticator answer, and sends the answer in an
ordinary form. Without scripts the pages say what is needed, and the link by e-mail goes on to let in.
"""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput, Refused
from cdp.pages.devices import device_of
from cdp.pages.language import language_of, translations
from cdp.pages.passkeys import PasskeyEntry, as_json, has_passkeys, site_in
from cdp.portal.parts import PORTAL, form_of, origin_of, own_page, platform_of, to
from cdp.services.sign_in import passkeys
from cdp.services.sign_in.keeping import Session

PAGE: Final = "/portal/passkeys"
ADD: Final = "/portal/passkeys/add"


async def show(request: Request, session: Session) -> Response:
    """Show her passkeys."""
    found = await run_in_threadpool(passkeys.list_passkeys, platform_of(request), session)
    done = request.query_params.get("done", "")
    return own_page(request, session, "passkeys.html", passkeys=found, done=done, possible=has_passkeys(request))


async def offer(request: Request, session: Session) -> Response:
    """Offer to add one."""
    called = device_of(request)
    return own_page(request, session, "passkey_add.html", possible=has_passkeys(request), called=called, problem="")


async def ask_to_add(request: Request, session: Session) -> Response:
    """Give the browser what it needs to make one."""
    form = await form_of(request, session.secret, names=("name", "credential"))
    host = origin_of(request).partition("://")[2]
    options = await run_in_threadpool(
        passkeys.ask_to_add, platform_of(request), site_in(request), session, name=form.get("name", "") or host
    )
    return as_json(options)


async def add(request: Request, session: Session) -> Response:
    """Keep the one that was made."""
    form, name = await form_of(request, session.secret, names=("name", "credential")), ""
    try:
        name = form.get("name", "")
        await run_in_threadpool(
            passkeys.add_passkey, platform_of(request), site_in(request), session, form.get("credential", ""), name=name
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
    form = await form_of(request, session.secret, names=("name", "passkey"))
    name, passkey = form.get("name", ""), form.get("passkey", "")
    await run_in_threadpool(passkeys.name_passkey, platform_of(request), session, passkey, name)
    return to(f"{PAGE}?done=named")


async def remove(request: Request, session: Session) -> Response:
    """Take one away."""
    form = await form_of(request, session.secret, names=("passkey",))
    await run_in_threadpool(passkeys.remove_passkey, platform_of(request), session, form.get("passkey", ""))
    return to(f"{PAGE}?done=removed")


def _said(language: str) -> tuple[str, str]:
    words = translations(language).gettext
    message = words("Try again, or ask for a link by e-mail. If you have removed it here, remove it there, too.")
    return words("This passkey does not open your data"), message


ENTRY: Final = PasskeyEntry(PORTAL, passkeys.ask_to_enter, passkeys.open_passkey, _said)
