"""What the console says of the policy, in the reader's language: kinds, tags, and the reason of each rule.

The reasons are those of `views.decide`; a test holds that every one of them has its sentence here.
"""

from cdp.pages.language import translations
from cdp.terms import Kind, Sensitivity


def kinds(language: str) -> dict[str, str]:
    """Return what is said of a kind of view."""
    _ = translations(language).gettext
    return {
        Kind.STANDARD: _("standard: daily work"),
        Kind.FULL: _("full: everything, with a reason"),
        Kind.ANONYMIZED: _("anonymized: groups, nobody in particular"),
        Kind.OPT_OUT: _("opt-out: one purpose, without those who refused"),
        Kind.SELECTIVE: _("selective: disclosed, less of those who refused"),
    }


def tags(language: str) -> dict[str, str]:
    """Return what is said of a tag."""
    _ = translations(language).gettext
    return {
        Sensitivity.IDENTIFYING: _("identifying"),
        Sensitivity.SENSITIVE: _("sensitive"),
        Sensitivity.PERSONAL: _("personal"),
        Sensitivity.NONE: _("not personal"),
    }


def reasons(language: str) -> dict[str, str]:
    """Return the sentence for each reason that a decision gives."""
    _ = translations(language).gettext
    return {
        "daily work sees who it is only masked": _("Daily work sees who it is only masked."),
        "daily work sees personal data only generalised": _("Daily work sees personal data only generalised."),
        "daily work never sees sensitive data": _("Daily work never sees sensitive data."),
        "the field says nothing about a person": _("The field says nothing about a person."),
        "a full view shows everything, with a reason each time": _(
            "A full view shows everything, with a reason each time."
        ),
        "analysis sees personal data only generalised": _("Analysis sees personal data only generalised."),
        "analysis sees the generalised form where there is one": _(
            "Analysis sees the generalised form where there is one."
        ),
        "the purpose allows sensitive data, in diverse groups": _(
            "The purpose allows sensitive data, in diverse groups."
        ),
        "the purpose allows sensitive data": _("The purpose allows sensitive data."),
        "the customer has not refused this purpose": _("The customer has not refused this purpose."),
        "disclosed unless the customer refused": _("Disclosed, unless the customer refused."),
        "disclosed, generalised where the customer refused": _("Disclosed, generalised where the customer refused."),
        "sensitive data needs to be listed, and a purpose that allows it": _(
            "Sensitive data needs to be listed, and a purpose that allows it."
        ),
        "the view lists the field under `clear`": _("The view lists the field under “clear”."),
        "the view chooses a weaker shape for everyone": _("The view chooses a weaker shape for everyone."),
        "the field has no masked shape": _("The field has no masked shape, so nothing is shown."),
        "the field has no general shape": _("The field has no generalised shape, so nothing is shown."),
        "no rule allows it": _("No rule allows it."),
    }
