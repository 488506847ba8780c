"""What the pages say of requests: kinds, states, steps, clocks and faults, in the reader's language."""

from datetime import UTC, datetime

from cdp.errors import CdpError, Several
from cdp.pages.language import translations, written_date
from cdp.services.letters.write import word
from cdp.services.requests.records import Request
from cdp.services.requests.states import OPEN, Kind, State
from cdp.terms import Type


def kinds(language: str) -> dict[str, tuple[str, str]]:
    """Return the title of each kind, and what it is for."""
    _ = translations(language).gettext
    return {
        Kind.CORRECTION: (_("Correct my data"), _("Something that we keep about you is wrong or missing.")),
        Kind.ACCESS: (_("Tell me what you keep"), _("You want to know more than the page “My data” says.")),
        Kind.PORTABILITY: (_("Give me my data"), _("You get it as a file that people and programs can read.")),
        Kind.RESTRICTION: (
            _("Only store my data"),
            _("From now on nobody uses it for what you could refuse; you end that whenever you like."),
        ),
        Kind.OBJECTION: (
            _("Stop using my data for something"),
            _("You say for what. What can be stopped stops at once."),
        ),
        Kind.HUMAN_REVIEW: (
            _("Have a person look at a decision"),
            _("A computer decided something about you, and you want somebody to look at it."),
        ),
        Kind.QUESTION: (_("Ask the privacy officer"), _("Anything about your data that you do not find here.")),
        Kind.ERASURE: (
            _("Erase my data"),
            _("Everything that we need not keep goes for good, and your sign-in with it."),
        ),
    }  # fmt: skip


def sent_to(path: str, language: str) -> str:
    """Return what a form that goes to a path is for, as its page is called; empty for one that says it by itself."""
    _ = translations(language).gettext
    first, *rest = path.removeprefix("/portal/").split("/")
    if first == "requests" and rest[:1] == ["new"]:
        return kinds(language).get(rest[-1], ("", ""))[0]
    titles = {
        "erase": _("Erase everything about me"),
        "export": _("Take my data along"),
        "correct": _("Correct my data"),
        "choices": _("My choices"),
        "passkeys": _("Passkeys"),
        "renew": _("Is this still right?"),
    }
    return titles.get(first, "")


def steps(language: str) -> dict[str, str]:
    """Return what is said of each step that was taken."""
    _ = translations(language).gettext
    return {
        "file": _("You asked"),
        "amend": _("You changed what you propose"),
        "take": _("Somebody took it on"),
        "assign": _("Somebody took it on"),
        "propose": _("Somebody looked at it; somebody else decides with her"),
        "send_back": _("Two people talk about it"),
        "pause": _("We asked who you are"),
        "resume": _("We know that it is you, and go on"),
        "extend": _("We need more time"),
        "approve": _("Done"),
        "approve_field": _("A field was approved"),
        "reject_field": _("A field was not changed"),
        "refuse": _("Refused"),
        "withdraw": _("Taken back"),
        "lift": _("Restriction lifted"),
    }


def states(language: str) -> dict[str, str]:
    """Return what is said of each state, and of the fields of a correction."""
    _ = translations(language).gettext
    return {
        State.RECEIVED: _("received"),
        State.TAKEN: _("being worked on"),
        State.PAUSED: _("waiting for you"),
        State.DONE: _("done"),
        State.REFUSED: _("refused"),
        State.WITHDRAWN: _("taken back"),
        State.LIFTED: _("lifted"),
        "proposed": _("waiting for a decision"),
        "applied": _("changed"),
        "rejected": _("not changed"),
    }


def clock(request: Request, language: str, now: datetime | None = None) -> str:
    """Say in words how the clock of a request stands."""
    _, ngettext = translations(language).gettext, translations(language).ngettext
    course, now = request.course, now or datetime.now(UTC)
    if course.state not in OPEN:
        return _("Closed on %(day)s.") % {"day": written_date(request.closed_at or now.isoformat(), language)}
    if course.stands:
        return _("The time for our answer stands still until we know that it is you.")
    day = written_date(course.due_at.isoformat(), language)
    if course.late(now):
        complain = word("complain", request.regime.partition("/")[0], language)
        late = _("We are late: you should have had an answer by %(day)s. You may complain: %(where)s.")
        return late % {"day": day, "where": complain}
    days = (course.due_at - now).days
    left = ngettext("%(num)d day left", "%(num)d days left", days) % {"num": days}
    return _("You will have an answer by %(day)s (%(left)s).") % {"day": day, "left": left}


def fault(error: CdpError, language: str, *, type_: str = "") -> str:
    """Say in words what is wrong with what she sent; `type_` is that of the field that she filled in."""
    first = error.faults[0] if isinstance(error, Several) and error.faults else error
    known, other = _faults(language), translations(language).gettext("That does not fit here. Please look again.")
    return known.get(first.code) or known.get(type_, other)


def _faults(language: str) -> dict[str, str]:
    _ = translations(language).gettext
    return {
        "bad_text": _("That is too long, or holds signs that are no text."),
        "text_needed": _("Please write a few words."),
        "purpose_needed": _("Please choose at least one."),
        "too_many_open": _("You have many open requests. Please wait for an answer, or take one back."),
        "same_value": _("That is what stands here already."),
        "missing_value": _("This cannot be empty."),
        "bad_email": _("That is no e-mail address. Please look again."),
        "bad_phone": _("That is no telephone number. Please look again."),
        "future_birth": _("This day has not come yet."),
        Type.TEXT: _("That is too long, or holds signs that are no text."),
        Type.CHOICE: _("Please choose one of the words that are offered."),
        Type.BOOLEAN: _("Please choose one of the words that are offered."),
        Type.INTEGER: _("Please write a whole number."),
        Type.DECIMAL: _("Please write a number."),
        Type.DATE: _("Please write a day as 2026-03-31."),
        Type.DATETIME: _("Please write a time as 2026-03-31T14:00:00Z."),
        "attachment_too_large": _("The file is too large: at most 20 MB. What you wrote is still here."),
        "attachments_full": _("There are files enough already."),
        "attachment_empty": _("The file is empty."),
        "attachment_type": _("The file has to be a PDF, a picture (JPEG or PNG), or plain text."),
    }
