"""What the pages say of the policy in plain words: why a field looks as it does, and on what ground.

The rules of `views.decide` have stable names; here each has the sentence that she reads instead.
"""

from typing import Final

from cdp.pages.language import translations
from cdp.terms import Kind
from views.policy import LegalBasis


def reasons(language: str) -> dict[str, str]:
    """Return what is said of a rule; of one that is not here, `reason` finds the nearest."""
    _ = translations(language).gettext
    none = _("It says nothing about you as a person.")
    said = {
        "standard.identifying": _("Daily work sees only a masked form of what shows who you are."),
        "standard.personal": _("Daily work sees personal data only roughly."),
        "standard.sensitive": _("Daily work never sees sensitive data."),
        "anonymized.personal": _("Statistics see personal data only roughly."),
        "anonymized.sensitive": _("Statistics may count it, in groups that tell nothing of one person."),
        "selective.identifying": _("It is passed on, because you have not refused that."),
        "selective.personal": _("It is passed on, because you have not refused that."),
        "selective.sensitive": _("It is passed on, because you have not refused that."),
        "clear": _("They need it in full for this work."),
        "shapes": _("Here they are shown less than they might be."),
        "no_shape": _("It has no masked or rough form, so they get nothing."),
        "not_allowed": _("Sensitive data is not used for this."),
    }
    said |= {f"full.{each}": _("They see everything, and have to give a reason each time.") for each in _TAGS}
    said |= {f"opt_out.{each}": _("You have not refused this use.") for each in _TAGS}
    return said | {f"{kind}.none": none for kind in Kind}


_TAGS: Final = ("identifying", "personal", "sensitive")


def reason(rule: str, said: dict[str, str]) -> str:
    """Return what is said of a rule: by what was added to it, else by kind and tag."""
    base, _, added = rule.rpartition(".")
    return said.get(rule) or said.get(added) or said.get(base, "")


def kinds(language: str) -> dict[str, str]:
    """Return what is said of a kind of view."""
    _ = translations(language).gettext
    return {
        Kind.STANDARD: _("daily work"),
        Kind.FULL: _("everything, with a reason"),
        Kind.ANONYMIZED: _("statistics, nobody in particular"),
        Kind.OPT_OUT: _("one purpose, unless you refuse"),
        Kind.SELECTIVE: _("passed on, as far as you allow"),
    }


def grounds(language: str) -> dict[str, str]:
    """Return what is said of a legal basis."""
    _ = translations(language).gettext
    return {
        LegalBasis.CONSENT: _("because you agreed; you can take that back"),
        LegalBasis.CONTRACT: _("to do what you asked us to do"),
        LegalBasis.LEGAL_OBLIGATION: _("because the law demands it"),
        LegalBasis.VITAL_INTERESTS: _("to protect somebody's life"),
        LegalBasis.PUBLIC_TASK: _("for a task in the public interest"),
        LegalBasis.LEGITIMATE_INTEREST: _("because we have a fair interest in it; you can object"),
    }
