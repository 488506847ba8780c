"""What every page of the console stands on: its cookies, its frame, and an error as a page."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from cdp.console.navigation import navigation
from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.pages.apology import apology
from cdp.pages.entrance import Entrance
from cdp.pages.forms import form_token
from cdp.pages.language import language_of, translations
from cdp.pages.serving import Endpoint, platform_of, speaking
from cdp.pages.template import page
from cdp.pages.titles import titles_of
from cdp.services.staff.sessions import LASTS, Staff

CONSOLE: Final = Entrance(
    kind="staff", home="/console", folder="console/", session="cdp-staff", browser="cdp-staff-browser",
    held="cdp-staff-held", lasts=LASTS,
)  # fmt: skip
SESSION, BROWSER, HELD, SIGN_IN, HOME = CONSOLE.session, CONSOLE.browser, CONSOLE.held, CONSOLE.sign_in, CONSOLE.home


def staff_page(request: Request, staff: Staff, name: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page in the console's frame."""
    language = language_of(request)
    places = [each for each in navigation(language) if staff.account.may(each.needs)]
    return page(
        request, f"console/{name}", status=status, token=form_token(staff.session.secret), account=staff.account,
        places=places, titles=titles_of(platform_of(request), language), **values,
    )  # fmt: skip


def in_words(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with every error as a page that says what to do, and never what was sent."""
    return speaking(endpoint, speak)


def speak(request: Request, error: CdpError, status: int) -> Response:
    """Return the page for an error."""
    language = language_of(request)
    words = translations(language).gettext
    title, message = apology(error, language)
    match error:
        case NotFound() | Refused(code="foreign_form"):
            pass
        case Refused(code="too_many_requests"):
            title, message = words("That was a bit much"), words("Please wait a quarter of an hour, and try again.")
        case Refused(code="no_permission"):
            title, message = words("This is not for your role"), words("Ask the privacy officer if you need it.")
        case Refused(code="access_unconfirmed"):
            title = words("Your access waits to be confirmed")
            message = words("Every quarter an officer confirms who may see what. Ask another officer to confirm yours.")
        case Refused(code="grant_needed"):
            title, message = words("Nothing to see any more"), words("What allowed this is over, or was never yours.")
        case Refused(code="own_act" | "own_request" | "own_access"):
            title, message = words("Somebody else has to decide"), words("Nobody decides on what she did herself.")
        case BadInput() | Refused():
            title, message = words("This was not done"), f"{error.message}. {error.hint}".strip()
    return CONSOLE.message(request, title, message, status=status, back=HOME)
