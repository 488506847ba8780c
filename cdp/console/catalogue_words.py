"""What the console says of changes of the catalogue and of states of proposals, in the reader's language.

The kinds are those of `cdp.catalogue.changes` and `views.effects`; a test holds that each has its words here. The
sentence with the names and what becomes of stored values stands beside them, in the words of `cdp model plan`.
"""

from cdp.pages.language import translations


def change_words(language: str) -> dict[str, str]:
    """Return what is said of a kind of change."""
    _ = translations(language).gettext
    return {
        "view_widens": _("A view shows more"),
        "view_narrows": _("A view shows less"),
        "view_changes": _("A view shows something else"),
        "opt_out_added": _("An opt-out comes"),
        "opt_out_dropped": _("An opt-out goes"),
        "opt_out_moved": _("An opt-out has another place"),
        "labels": _("Other labels"),
        "order": _("Another order"),
        "entity_added": _("An entity comes"),
        "entity_dropped": _("An entity goes"),
        "event": _("Other events become rows"),
        "field_added": _("A field comes"),
        "field_dropped": _("A field goes"),
        "type": _("Another type"),
        "sensitivity": _("Another tag"),
        "at_rest": _("Kept otherwise"),
        "mask": _("Masked otherwise"),
        "general": _("Generalised otherwise"),
        "choices": _("Other choices"),
        "max_length": _("A text may be longer, or less long"),
        "identifier": _("Identifies otherwise"),
        "search": _("Searched otherwise"),
        "required": _("Required, or no longer"),
        "quasi_identifier": _("A quasi-identifier, or no longer"),
        "category": _("Another category"),
        "retention": _("Kept for another time"),
        "when_outdated": _("Handled otherwise when its time is over"),
        "self_service": _("Corrected otherwise by customers"),
        "sent_as": _("Sent under another name"),
        "title": _("Another title"),
        "description": _("Another description"),
        "hold": _("Held otherwise by law"),
    }


def state_words(language: str) -> dict[str, str]:
    """Return what is said of a state of a proposal."""
    _ = translations(language).gettext
    return {
        "draft": _("draft"),
        "waiting": _("waits for a second person"),
        "published": _("decided"),
        "withdrawn": _("taken back"),
        "refused": _("refused"),
    }


def problem_words(language: str) -> dict[str, str]:
    """Return why something was not done, by code."""
    _ = translations(language).gettext
    moved = _("Not done: somebody changed it meanwhile. This is how it is now.")
    return {
        "proposal_moved": moved,
        "proposal_state": moved,
        "superseded": moved,
        "stale_base": _("Not done: another version came into force since it was drafted. Save it over that one first."),
        "second_needed": _("Not done: a view would show more, so somebody else has to agree. Ask for that."),
        "own_act": _("Not done: nobody decides on what she did herself."),
        "not_yours": _("Not done: only its author changes a draft."),
        "not_asked": _("Not done: nobody was asked about this draft yet."),
        "nothing_new": _("Not done: this is in force already."),
        "answer_needed": _("Not done: a refusal says why."),
        "destructive_change": _("Not done: stored values would be lost. Type the word if that is meant."),
        "apply_unfinished": _("Not done: another catalogue is being applied."),
        "catalogue_applying": _("Not done: another catalogue is being applied."),
        "catalogue_drift": _(
            "Not done: the database is not as the catalogue in force says. `cdp model plan` lists what differs."
        ),
        "faults": _("Not done: what stands below keeps it from coming into force."),
    }


def self_service_words(language: str) -> dict[str, str]:
    """Return what is said of how customers correct a field."""
    _ = translations(language).gettext
    return {
        "direct": _("at once, by herself"),
        "review": _("proposed, and decided by an officer"),
        "locked": _("not in the portal"),
    }
