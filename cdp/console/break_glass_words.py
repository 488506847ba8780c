"""What the console says of break-glass, in the reader's language."""

from cdp.pages.language import translations
from cdp.services.breakglass.states import State


def states(language: str) -> dict[str, str]:
    """Return what is said of where a grant stands."""
    _ = translations(language).gettext
    return {
        State.ASKED: _("waits for a second person"),
        State.LAPSED: _("lapsed: nobody granted it within a day"),
        State.WITHDRAWN: _("withdrawn"),
        State.DECLINED: _("declined"),
        State.GRANTED: _("granted, and running"),
        State.ENDED: _("over"),
        State.REVIEWED: _("reviewed"),
    }


def faults(language: str) -> dict[str, str]:
    """Return what is said of what somebody can put right on the page that she sent."""
    _ = translations(language).gettext
    return {
        "unknown_customer": _("There is no such customer. Name each by her id, or as email:… with her address."),
        "bad_customers": _("Name one customer, or a few, each on a line of her own."),
        "bad_duration": _("Choose how long you need it."),
        "text_needed": _("This takes a few words: they are kept, and read by whoever reviews it."),
        "bad_text": _("That is too long, or has characters in it that are no text."),
        "bad_delay": _("A delay needs a last day that is to come, and not too far away."),
        "bad_verdict": _("Say whether it was justified."),
        "break_glass_moved": _("Something has happened since you opened this page. Look at it again, then decide."),
        "break_glass_state": _("That is not possible any more. This is how it stands now."),
        "break_glass_told": _("The customer has been told already. That cannot be put off any more."),
    }
