"""What the parts of the privacy statement are called, in the reader's language."""

from cdp.pages.language import translations


def clause_words(language: str) -> dict[str, str]:
    """Return what the clauses are called."""
    _ = translations(language).gettext
    return {
        "summary": _("In short"),
        "collecting": _("What we collect"),
        "using": _("What we use it for"),
        "control": _("What you decide"),
        "access": _("Who gets to see it"),
        "security": _("How it is protected"),
        "enforcement": _("What holds us to it, and how it changes"),
    }
