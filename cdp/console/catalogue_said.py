"""What another catalogue changes, in the reader's words: of fields and entities, and of what views show.

English says what `cdp model plan` says. In other languages the kind of change stands in the list already; here is what
it is about, what was written and what is written now, and each effect on a view as a sentence. A test holds that none
lacks.
"""

from cdp.catalogue.changes import Change
from cdp.catalogue.field_changes import Moves
from cdp.console.fault_words import as_sentence
from cdp.console.policy_said import shape_word
from cdp.pages.language import translations
from cdp.terms import ENGLISH
from views.effects import Effect, What


def change_said(change: Change, language: str) -> str:
    """Return what a change is about, after its kind."""
    if language == ENGLISH:
        return as_sentence(change.words)
    _ = translations(language).gettext
    name = ".".join(filter(None, (change.entity, change.field)))
    if change.before or change.after:
        nothing = _("nothing")
        name = _("%(name)s: %(before)s, then %(after)s.") % {
            "name": name, "before": change.before or nothing, "after": change.after or nothing,
        }  # fmt: skip
    return " ".join(filter(None, (name, move_words(language)[change.moves])))


def effect_said(effect: Effect, language: str) -> str:
    """Return what becomes of a column of a view."""
    if language == ENGLISH:
        return as_sentence(effect.words)
    return seen_words(language)[effect.what] % {
        "view": effect.view, "field": effect.field,
        "before": shape_word(effect.before, language), "after": shape_word(effect.after, language),
    }  # fmt: skip


def move_words(language: str) -> dict[Moves, str]:
    """Return what is said of where values move."""
    _ = translations(language).gettext
    return {
        "": "",
        "out": _("Its values leave their sealed segments and stand in the clear."),
        "in": _("Its values move into sealed segments."),
        "across": _("Its values move to other sealed segments."),
    }


def seen_words(language: str) -> dict[What, str]:
    """Return the sentence for each thing that may become of a column."""
    _ = translations(language).gettext
    return {
        "column_new": _("The view %(view)s has %(field)s besides: %(after)s."),
        "column_gone": _("The view %(view)s does not have %(field)s any more."),
        "column": _("The view %(view)s shows %(field)s %(after)s; now %(before)s."),
        "gates": _("The view %(view)s shows %(field)s to those who refused otherwise than now, or in another form."),
        "type": _("The view %(view)s gives %(field)s as another type."),
        "masked": _("The view %(view)s shows %(field)s masked in another way."),
        "finer": _("The view %(view)s shows %(field)s generalised more finely."),
        "coarser": _("The view %(view)s shows %(field)s generalised more coarsely."),
        "generalised": _("The view %(view)s shows %(field)s generalised in another way."),
        "release": _("The view %(view)s has to be released anew before it can be read."),
    }
