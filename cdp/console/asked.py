"""What the console says of requests: kinds, states, steps, clocks and faults, in the officer's language."""

from dataclasses import dataclass
from datetime import datetime

from cdp.errors import CdpError, Several
from cdp.pages.language import translations, written_date
from cdp.services.requests.states import OPEN, PROPOSE, SEND_BACK, Course, Kind, State, Step


def kinds(language: str) -> dict[str, str]:
    """Return what is asked for, by kind."""
    _ = translations(language).gettext
    return {
        Kind.ACCESS: _("See what is kept"),
        Kind.CORRECTION: _("Correct a value"),
        Kind.ERASURE: _("Be erased"),
        Kind.RESTRICTION: _("Only be stored"),
        Kind.PORTABILITY: _("Get a copy"),
        Kind.OBJECTION: _("Stop a use"),
        Kind.HUMAN_REVIEW: _("A person looks at a decision"),
        Kind.QUESTION: _("A question"),
    }


def states(language: str) -> dict[str, str]:
    """Return what is said of each state."""
    _ = translations(language).gettext
    return {
        State.RECEIVED: _("nobody has it yet"),
        State.TAKEN: _("being worked on"),
        State.PAUSED: _("paused: who asks?"),
        State.DONE: _("granted"),
        State.REFUSED: _("refused"),
        State.WITHDRAWN: _("taken back"),
        State.LIFTED: _("lifted"),
    }


def steps(language: str) -> dict[str, str]:
    """Return what is said of each step that was taken."""
    _ = translations(language).gettext
    return {
        "file": _("Asked for"),
        "amend": _("The proposal was changed"),
        Step.TAKE: _("Taken on"),
        Step.ASSIGN: _("Given to somebody"),
        Step.PAUSE: _("Paused, until it is known who asks"),
        Step.RESUME: _("Gone on with: it is known who asks"),
        Step.EXTEND: _("Extended"),
        PROPOSE: _("Granted by the first of two"),
        SEND_BACK: _("Sent back by the second"),
        Step.APPROVE: _("Granted"),
        "approve_field": _("A field was approved"),
        "reject_field": _("A field was not changed"),
        Step.REFUSE: _("Refused"),
        Step.WITHDRAW: _("Taken back"),
        Step.LIFT: _("Restriction lifted"),
    }


def field_states(language: str) -> dict[str, str]:
    """Return what is said of each state of a field that is corrected."""
    _ = translations(language).gettext
    return {
        "proposed": _("waits for a decision"),
        "applied": _("changed"),
        "rejected": _("not changed"),
        "withdrawn": _("taken back"),
    }


def choices(language: str) -> dict[Step, tuple[str, str, str]]:
    """Return the steps of which a letter tells: what to choose, what the text is for, and what the button does."""
    _ = translations(language).gettext
    why = _("Why; she is told.")
    return {
        Step.APPROVE: (_("Grant it"), _("The answer; she is told."), _("Grant it, and send this letter")),
        Step.REFUSE: (_("Refuse it"), why, _("Refuse it, and send this letter")),
        Step.PAUSE: (_("Ask who it is, and pause"), why, _("Pause it, and send this letter")),
        Step.RESUME: (_("I know who asks; go on"), why, _("Go on, and send this letter")),
        Step.EXTEND: (_("Take the longer period"), why, _("Take the longer period, and send this letter")),
    }


@dataclass(frozen=True, slots=True)
class Told:
    """How a clock stands: in words, and whether that is bad."""

    text: str
    sign: str


def clock(course: Course, language: str, now: datetime) -> Told:
    """Say how the clock of a request stands."""
    ngettext, _ = translations(language).ngettext, translations(language).gettext
    if course.state not in OPEN:
        return Told(_("answered"), "")
    if course.stands:
        return Told(_("stands still"), "")
    days = abs((course.due_at - now).days)
    if course.late(now):
        late = days - 1 if course.due_at < now else days
        return Told(ngettext("%(num)d day late", "%(num)d days late", late) % {"num": late}, "bad")
    left = ngettext("%(num)d day left", "%(num)d days left", days) % {"num": days}
    return Told(left, "warn" if days <= 7 else "")


def due(course: Course, language: str) -> str:
    """Write the day by which it is due."""
    return written_date(course.due_at.isoformat(), language)


def fault(error: CdpError, language: str) -> str:
    """Say in words why a step was not taken; what was typed is still there."""
    _ = translations(language).gettext
    first = error.faults[0] if isinstance(error, Several) and error.faults else error
    known = {
        "stale_request": _("Somebody else was quicker: it has changed since you opened it."),
        "request_state": _("That cannot be done any more: look how it stands now."),
        "own_request": _("Somebody else has to decide: it was filed by, or is about, you or whom you give it to."),
        "own_act": _("You granted it first; somebody else has to be the second."),
        "identity_changed": _(
            "What names her has changed since she asked. Pause it, make sure who asks, and go on; then grant it."
        ),
        "request_reason_needed": _("Please write why, or the answer: she is told."),
        "word_needed": _("Please write what she said, when and how."),
        "letter_incomplete": _("The letter has to say where she can complain. This has to be in it:"),
        "no_extension": _("The law has no longer period for this, or it is taken already."),
        "extension_too_late": _("The period is over; it cannot be extended any more."),
        "nothing_proposed": _("Nobody has granted it first."),
        "stale_approval": _("What you decided on is not what there is now: look at both values again."),
        "unknown_correction": _("She does not propose this any more."),
        "no_such_field": _("There is no such field or row any more."),
        "field_locked": _("The catalogue has this field locked by now."),
        "identifier_taken": _("Another customer bears this already: find out who is who first."),
        "not_safe": _("It is not one of those that are approved together by now."),
        "unknown_request": _("There is no such request any more."),
        "not_confirmed": _("Please type the word, so that nobody is erased by a slip."),
        "bad_text": _("That is too long, or holds signs that are no text."),
        "unknown_staff": _("There is nobody of that name who decides about requests."),
    }  # fmt: skip
    said = known.get(first.code, _("This was not done."))
    return f"{said} {first.hint.partition(': ')[2]}" if first.code == "letter_incomplete" else said
