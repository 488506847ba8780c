"""Reading what forms of the console have in them, and saying in words what is wrong with it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from starlette.requests import Request

from cdp.errors import BadInput, CdpError
from cdp.pages.language import language_of, translations


def day_in(form: Mapping[str, str], name: str) -> date | None:
    """Return a day that a form has, None where it has none.

    Raises:
        BadInput: `bad_day`.
    """
    given = form.get(name, "").strip()
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise BadInput("bad_day", "this is no day", path=name, hint="write it as 2027-03-31") from None


def moment_in(form: Mapping[str, str], name: str) -> datetime | None:
    """Return the moment at which a day begins that a form has, in UTC.

    Raises:
        BadInput: `bad_day`.
    """
    day = day_in(form, name)
    return None if day is None else datetime.combine(day, time(), UTC)


def a_year_on() -> str:
    """Return the first day of this month in a year: what a form proposes as a last day."""
    today = datetime.now(UTC).date()
    return date(today.year + 1, today.month, 1).isoformat()


def ticked(form: Mapping[str, str], name: str) -> list[str]:
    """Return what was ticked of several things: the boxes are called `<name>_<thing>`."""
    return [key.removeprefix(f"{name}_") for key in form if key.startswith(f"{name}_")]


def require_typed(form: Mapping[str, str], name: str) -> None:
    """Do nothing if a name was typed as it is: what cannot be taken back asks for that.

    Raises:
        BadInput: `not_typed`.
    """
    if form.get("typed", "").strip() != name:
        raise BadInput("not_typed", "the name was not typed as it is", path="typed", hint="nothing was changed")


def in_words(request: Request, fault: CdpError | None) -> str:
    """Return what to say of a fault of a form, in the reader's language."""
    if fault is None:
        return ""
    _ = translations(language_of(request)).gettext
    said = {
        "agreement_ended": _("It was ended before."),
        "app_exists": _("There is an app of this name. Revoke it first, or take another name."),
        "app_expired": _("That day is over already."),
        "app_role_unclear": _("These views have no role in common, or several: choose one that all of them are for."),
        "app_views_differ": _("An app reads views of one purpose. Choose at least one, and none of another purpose."),
        "bad_agreement": _("Choose at least one field and one purpose."),
        "bad_app_name": _("A name begins with a small letter, and has small letters, digits, “-” and “_”."),
        "bad_contact": _("Say whom to reach, in one line."),
        "bad_day": _("This is no day."),
        "bad_term": _("It would end before it begins."),
        "bad_recipient": _("A recipient is named in small letters, digits and “_”, as the policy names it."),
        "bad_source_name": _("A name begins with a small letter, and has small letters, digits, “-” and “_”."),
        "bad_staff_address": _("This is no e-mail address."),
        "bad_staff_name": _("A name begins with a small letter, and has small letters, digits, “.”, “-” and “_”."),
        "bad_staff_role": _("Choose a role."),
        "last_officer": _("The last privacy officer cannot be disabled. Add another one first, who opens her link."),
        "not_typed": _("The name was not typed as it is. Nothing was changed."),
        "source_exists": _("There is, or was, a source of this name. Take another one."),
        "staff_exists": _("There is, or was, an account of this name or address."),
    }
    return said.get(fault.code, f"{fault.message}. {fault.hint}".strip())
