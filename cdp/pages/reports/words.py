"""What sections, tables and columns of a report are called."""

from collections.abc import Mapping
from typing import NamedTuple

from cdp.pages.language import translations


class Said(NamedTuple):
    """A title, and a sentence of what it is."""

    title: str
    about: str = ""


def section_words(language: str) -> Mapping[str, Said]:
    """Return what sections are called."""
    _ = translations(language).gettext
    return {
        "model": Said(
            _("Data model and tags"),
            _("What may be kept of a customer, and how much each field says about a person."),
        ),
        "profile": Said(
            _("What is in the store"),
            _(
                "How well fields are filled, and how old rows are. Sealed values were not opened for it; where "
                "no shape of a field stands outside, its fill is not known."
            ),
        ),
        "views": Said(
            _("Views and their privileges"),
            _(
                "Everything is read through these views. The first of them shows most of what is sensitive and "
                "of who somebody is."
            ),
        ),
        "reach": Said(
            _("Who can reach data"),
            _(
                "Which staff and which apps may read through each view, by the role they act in. Who may use the "
                "command line of the machine can act in any role."
            ),
        ),
        "accesses": Said(
            _("Accesses granted and refused"),
            _("As the log has them. What it no longer keeps is not counted."),
        ),
        "opt_outs": Said(_("Opt-outs"), _("How many customers refuse what, now and by month.")),
        "requests": Said(
            _("Requests and their clocks"),
            _("What customers asked for, and whether they were answered in time."),
        ),
        "disclosures": Said(_("Disclosures"), _("To whom data was passed on, and what may be.")),
        "record": Said(
            _("Record of processing"),
            _("As GDPR Art. 30 asks for it. Name and contact of the organisation are to be put in front of it."),
        ),
    }  # fmt: skip


def table_words(language: str) -> Mapping[str, str]:
    """Return what tables are called."""
    _ = translations(language).gettext
    return {
        "tags": _("Fields by tag"),
        "entities": _("Entities"),
        "fields": _("Every field"),
        "opt_outs_known": _("What can be refused"),
        "fill_by_tag": _("Fill by tag"),
        "fill": _("Fill of each field"),
        "age": _("Age of rows"),
        "views": _("Views, the widest first"),
        "privileges": _("What each view may"),
        "columns": _("What each view shows"),
        "reach_counts": _("Readers of each view"),
        "reach": _("Who reads through which view"),
        "staff": _("Staff"),
        "apps": _("Apps"),
        "by_month": _("By month"),
        "by_view": _("By view"),
        "by_reader": _("By reader"),
        "refusals": _("What was refused"),
        "log_kept": _("What the log keeps"),
        "standing": _("Refused now"),
        "choices": _("Refused and allowed, by month"),
        "request_states": _("Requests"),
        "clocks": _("Clocks"),
        "disclosed": _("Passed on"),
        "may_leave": _("What may be passed on"),
        "agreements": _("What was agreed with recipients"),
        "notices": _("Corrections that recipients are told of"),
        "releases": _("Anonymised releases"),
        "processing": _("Processing by purpose"),
        "categories": _("Categories of data"),
        "declared": _("What was declared when data was collected"),
        "measures": _("Technical and organisational measures"),
    }


def column_words(language: str) -> Mapping[str, str]:
    """Return what columns are called."""
    _ = translations(language).gettext
    return {
        **_columns_of_data(language),
        "account": _("Account"),
        "act": _("Act"), "added": _("Added"), "added_by": _("Added by"),
        "answered_late": _("Answered late"), "app": _("App"), "changes": _("Changes"), "code": _("Reason"),
        "entries": _("Entries"), "first_entry": _("First entry"), "granted": _("Granted"),
        "in_console": _("In the console"),
        "in_time": _("Answered in time"), "last": _("Last"), "last_entry": _("Last entry"), "late": _("Open and late"),
        "made": _("Made"), "measure": _("Measure"), "measured": _("Figure"), "median_days": _("Median days to answer"),
        "month": _("Month"), "next_due": _("Next due"), "notices": _("Notices"), "open": _("Open"),
        "reader": _("Reader"), "reader_kind": _("What it is"), "readers": _("Readers"), "refused": _("Refused"),
        "regime": _("Law"), "release": _("Release"), "request_kind": _("Kind of request"), "request_state": _("State"),
        "requests": _("Requests"), "source": _("Said by"), "state": _("State"), "tiles_dropped": _("Parts dropped"),
        "until": _("Until"), "since": _("From"), "standing": _("State"), "contact": _("Contact"),
        "beyond": _("Not agreed"), "last_used": _("Last use"), "confirmed": _("Last confirmed"),
        "last_sign_in": _("Last sign-in"),
    }  # fmt: skip


def _columns_of_data(language: str) -> Mapping[str, str]:
    _ = translations(language).gettext
    return {
        "age": _("Age"), "belongs_to": _("Belongs to"), "categories": _("Categories of data"),
        "category": _("Category"),
        "choice": _("Choice"), "choice_state": _("State"), "columns": _("Columns"), "counted_by": _("Counted by"),
        "customers": _("Customers"), "data": _("Data"),
        "customers_rows": _("Rows"), "entity": _("Entity"), "field": _("Field"),
        "fields": _("Fields"), "fields_counted": _("Fields counted"), "filled": _("Filled rows"),
        "general": _("Generalised by"), "identifier": _("Identifier"), "in_full": _("In full"), "k": "k",
        "kind": _("Kind"),
        "l": "l", "legal_basis": _("Legal basis"), "mask": _("Masked by"), "names": _("Fields"),
        "needs_reason": _("Asks for a reason"), "opt_out": _("Opt-out"), "origin": _("Source"),
        "otherwise": _("After a refusal"), "part_of": _("Part of"), "people": _("Of whom"), "priority": _("Priority"),
        "purpose": _("Purpose"), "purposes": _("Purposes"), "recipient": _("Recipient"), "recipients": _("Recipients"),
        "retention": _("Kept for"), "retention_periods": _("Kept for"), "role": _("Role"), "roles": _("Roles"),
        "rough": _("Masked or roughly"), "rows": _("Rows"), "rows_go_with": _("Rows go with a refusal of"),
        "sealed": _("Sealed"), "set": _("Set"), "shape": _("Shape"), "share": _("Share in %"),
        "special": _("Sensitive data"), "statement": _("Statement"), "tag": _("Tag"), "type": _("Type"),
        "unless": _("Refusal of"), "view": _("View"), "views": _("Views"), "withheld": _("Withheld"),
        "writes": _("May change"),
    }  # fmt: skip
