"""What the console says of roles, in the reader's language."""

from cdp.pages.language import translations


def roles(language: str) -> dict[str, str]:
    """Return what is said of each role."""
    _ = translations(language).gettext
    return {
        "privacy_officer": _("privacy officer"),
        "second_officer": _("second officer"),
        "auditor": _("auditor"),
        "support": _("support"),
    }
