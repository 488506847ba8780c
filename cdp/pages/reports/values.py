"""What words of the platform are called in the cells of a report, by the column in which they stand."""

from collections.abc import Mapping

from cdp.pages.language import translations

Values = Mapping[str, Mapping[str, str]]


def value_words(language: str) -> Values:
    """Return by column what its words are called; what is not here is shown as it is."""
    _ = translations(language).gettext
    shapes = {
        "clear": _("in full"), "masked": _("masked"), "general": _("only roughly"), "hidden": _("not at all"),
    }  # fmt: skip
    said = {"refused": _("refused"), "allowed": _("allowed")}
    states = {"in_use": _("in use"), "over": _("over"), "invited": _("invited")}
    return {
        **_of_data(language),
        "shape": shapes, "otherwise": shapes, "counted_by": shapes, "choice_state": said, "state": states,
        "reader_kind": {
            "app": _("app"), "staff": _("staff"), "herself": _("the customer herself"), "nobody_yet": _("nobody yet"),
            "break_glass": _("by break-glass, for a short time"),
        },
        "request_kind": {
            "access": _("access"), "portability": _("portability"), "erasure": _("erasure"),
            "restriction": _("restriction"), "objection": _("objection"), "human_review": _("review by a person"),
            "question": _("question"), "correction": _("correction"),
        },
        "request_state": {
            "received": _("received"), "taken": _("taken up"), "paused": _("paused"), "done": _("done"),
            "refused": _("refused"), "withdrawn": _("withdrawn"), "lifted": _("lifted"),
        },
        "source": {
            "portal": _("portal"), "staff": _("staff"), "import": _("import"), "ingest": _("app or event"),
            "regime": _("law"), "signal": _("browser signal"), "merge": _("merge"), "restore": _("restored"),
        },
        "standing": {
            "holds": _("holds"), "to_come": _("to come"), "run_out": _("has run out"), "ended": _("ended"),
            "not_agreed": _("nothing was agreed"),
        },
        "measure": _measures(language),
    }  # fmt: skip


def _of_data(language: str) -> Values:
    _ = translations(language).gettext
    return {
        "tag": {
            "identifying": _("identifying"), "sensitive": _("sensitive"), "personal": _("personal"),
            "none": _("not about a person"),
        },
        "kind": {
            "standard": _("standard"), "full": _("full"), "anonymized": _("anonymised"), "opt_out": _("opt-out"),
            "selective": _("selective"),
        },
        "legal_basis": {
            "consent": _("consent"), "contract": _("contract"), "legal_obligation": _("legal obligation"),
            "vital_interests": _("vital interests"), "public_task": _("public task"),
            "legitimate_interest": _("legitimate interest"),
        },
        "type": {
            "text": _("text"), "integer": _("whole number"), "decimal": _("decimal number"), "boolean": _("yes or no"),
            "date": _("date"), "datetime": _("date and time"), "json": "JSON", "choice": _("choice"),
        },
        "mask": {
            "email": _("e-mail"), "phone": _("telephone"), "initials": _("initials"), "last4": _("last four"),
            "generic": _("first letter"), "hidden": _("withheld"),
        },
        "general": {
            "year": _("year"), "year_band": _("band of years"), "band": _("band"), "prefix": _("beginning"),
            "round": _("rounded"), "table": _("table"),
        },
        "age": {
            "under_1_year": _("under a year"), "1_to_2_years": _("1 to 2 years"), "2_to_3_years": _("2 to 3 years"),
            "over_3_years": _("over 3 years"), "age_unknown": _("not known"),
        },
        "people": {"customers": _("customers")},
    }  # fmt: skip


def _measures(language: str) -> Mapping[str, str]:
    _ = translations(language).gettext
    return {
        "sealed_fields": _("Fields that are kept sealed, of all"),
        "key_per_customer": _("A key for each customer, in a store of its own"),
        "views_only": _("Data is read through views alone; how many"),
        "log_before_rows": _("Every read is on the log before its first row leaves"),
        "log_signed": _("The log is signed by this key"),
        "witnesses": _("Witnesses who cosign the log"),
        "erasure_by_key": _("Erasure destroys the key, deletes the rows, and is certified"),
        "staff_two_factors": _("Staff sign in with two factors or a passkey"),
    }
