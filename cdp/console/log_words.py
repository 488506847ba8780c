"""What the console says of entries of the log and of the rules about them, in the reader's language."""

from cdp.pages.language import translations


def whats(language: str) -> dict[str, str]:
    """Return what is said of what an entry is."""
    _ = translations(language).gettext
    return {"disclosure": _("read"), "change": _("changed"), "refusal": _("refused")}


def rules(language: str) -> dict[str, str]:
    """Return what each rule says."""
    _ = translations(language).gettext
    return {
        "volume": _("Read many more customers than usual"),
        "newcomer": _("Read many customers, with no habit yet"),
        "outside": _("Read outside of working hours, more than usual"),
        "refusals": _("Was refused much more often than usual"),
    }
