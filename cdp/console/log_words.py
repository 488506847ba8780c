"""What the console says of entries of the log and of the rules about them, in the reader's language."""

from cdp.pages.language import translations


def whats(language: str) -> dict[str, str]:
    """Return what is said of what an entry is."""
    _ = translations(language).gettext
    return {"disclosure": _("read"), "change": _("changed"), "refusal": _("refused")}


def acts(language: str) -> dict[str, str]:
    """Return what is said of the acts that are there most; the others show their names."""
    _ = translations(language).gettext
    return {
        "read": _("read a view"), "write": _("wrote values"), "import": _("took a file in"),
        "ingest": _("took events in"), "count": _("counted rows"), "release": _("built a release"),
        "build_release": _("read for a release"),
        "opt_out": _("recorded a refusal"), "opt_in": _("took a refusal back"),
        "own_choices": _("looked at her choices"), "see_as": _("looked with the eyes of others"),
        "who_saw": _("looked up who saw a person"), "log_search": _("searched the log"),
        "log_entry": _("looked at an entry"), "log_unusual": _("looked at what is unusual"),
        "log_export": _("exported the log"), "verify_log": _("had the log verified"),
        "measure_latency": _("measured how soon refusals hold"), "consent_counts": _("counted choices"),
        "find_person": _("looked up who is meant"), "read_known": _("looked up what is known"),
        "own_customer": _("looked whether it is about herself"), "report": _("made a report"),
        "export": _("made or fetched an export"), "request": _("took a step of a request"),
        "correction": _("took a step of a correction"), "erase": _("erased somebody"),
        "retention": _("deleted what is over its time"), "sign_in": _("signed in"),
        "staff_sign_in": _("signed in to the console"), "console": _("opened a page of the console"),
        "publish_policy": _("brought a policy into force"), "publish_statement": _("published a privacy statement"),
        "app_added": _("registered an app"), "app_revoked": _("revoked an app"), "merge": _("merged two profiles"),
    }  # fmt: skip


def rules(language: str) -> dict[str, str]:
    """Return what each rule says."""
    _ = translations(language).gettext
    return {
        "volume": _("Read many more customers than usual"),
        "newcomer": _("Read many customers, with no habit yet"),
        "outside": _("Read outside of working hours, more than usual"),
        "refusals": _("Was refused much more often than usual"),
    }
