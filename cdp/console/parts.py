"""What every page of the console stands on: its cookies, its frame, and an error as a page."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from cdp.console.navigation import navigation
from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.pages.forms import form_token
from cdp.pages.language import language_of, translations
from cdp.pages.own_path import own_path
from cdp.pages.serving import Endpoint, cookie_of, give_cookie, platform_of, speaking, to
from cdp.pages.template import page
from cdp.pages.titles import titles_of
from cdp.services.sign_in.keeping import Session
from cdp.services.staff.sessions import LASTS, Staff

SESSION: Final = "cdp-staff"
BROWSER: Final = "cdp-staff-browser"
HELD: Final = "cdp-staff-held"
SIGN_IN: Final = "/console/sign-in"
RESUME: Final = "/console/resume"
HOME: Final = "/console"


def set_cookie(request: Request, answer: Response, name: str, value: str) -> None:
    """Give the browser a cookie of ours; an empty one is taken away."""
    give_cookie(request, answer, name, value, lasts=LASTS)


def staff_page(request: Request, staff: Staff, name: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page in the console's frame."""
    language = language_of(request)
    places = [each for each in navigation(language) if staff.account.may(each.needs)]
    return page(
        request, f"console/{name}", status=status, token=form_token(staff.session.secret), account=staff.account,
        places=places, titles=titles_of(platform_of(request), language), **values,
    )  # fmt: skip


def let_in(request: Request, session: Session, target: str) -> Response:
    """Give the browser its session, and send it where it wanted to go: on with what was typed before all else."""
    answer = to(RESUME if cookie_of(request, HELD) else target or HOME)
    set_cookie(request, answer, SESSION, session.cookie)
    return answer


def next_of(given: Mapping[str, str]) -> str:
    """Return where somebody wants to go next: a page of the console, or empty."""
    return own_path(given.get("next", ""), under=HOME)


def in_words(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with every error as a page that says what to do, and never what was sent."""
    return speaking(endpoint, _error)


def _error(request: Request, error: CdpError, status: int) -> Response:
    words = translations(language_of(request)).gettext
    title, message = words("This did not work"), words("Please try again in a moment.")
    match error:
        case NotFound():
            title, message = words("There is no such page"), words("The address may be old or mistyped.")
        case Refused(code="foreign_form"):
            title, message = words("Please do that once more"), words("The page was too old, or not from here.")
        case Refused(code="too_many_requests"):
            title, message = words("That was a bit much"), words("Please wait a quarter of an hour, and try again.")
        case Refused(code="no_permission"):
            title, message = words("This is not for your role"), words("Ask the privacy officer if you need it.")
        case Refused(code="access_unconfirmed"):
            title = words("Your access waits to be confirmed")
            message = words("Every quarter an officer confirms who may see what. Ask another officer to confirm yours.")
        case Refused(code="own_act" | "own_request" | "own_access"):
            title, message = words("Somebody else has to decide"), words("Nobody decides on what she did herself.")
        case BadInput() | Refused():
            title, message = words("This was not done"), f"{error.message}. {error.hint}".strip()
    return page(request, "console/message.html", status=status, title=title, message=message, back=HOME)
