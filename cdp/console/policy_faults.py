"""What is wrong with a draft of the policy, in the reader's language.

English says what `views.check` and `cdp.catalogue.document` say. In other languages each code has its sentence, with
the names that stand between backticks in the message; what has none is said in English rather than not at all.
"""

import re
from typing import Final

from cdp.pages.language import translations
from cdp.terms import ENGLISH

_NAMES: Final = re.compile(r"`([^`]*)`")
_NEAR: Final = re.compile(r"did you mean `([^`]*)`\?")


def fault_words(code: str, message: str, hint: str, language: str) -> tuple[str, str]:
    """Return what is wrong, and what to do about it."""
    _ = translations(language).gettext
    near = _NEAR.fullmatch(hint)
    advice = _("Did you mean “%(name)s”?") % {"name": near[1]} if near else _sentence(hint)
    if language == ENGLISH:
        return _sentence(message), advice
    name, other = [*_NAMES.findall(message), "", ""][:2]
    text = sentences(language).get(code)
    return (text % {"name": name, "other": other} if text else _sentence(message)), advice


def _sentence(text: str) -> str:
    """Return what a program says as people write it."""
    text = _NAMES.sub(r"“\1”", text)
    return (text[:1].upper() + text[1:] + ("" if text.endswith("?") else ".")) if text else ""


def sentences(language: str) -> dict[str, str]:
    """Return the sentence for each code."""
    _ = translations(language).gettext
    return {
        "bad_yaml": _("This cannot be read as YAML from this line on, or nothing stands here."),
        "yaml_alias": _("Anchors and aliases are not allowed: write it out."),
        "yaml_tag": _("Tags are not allowed."),
        "yaml_merge": _("Merge keys are not allowed."),
        "yaml_depth": _("This is nested too deeply."),
        "duplicate_name": _("“%(name)s” stands twice."),
        "unknown_key": _("There is no key “%(name)s”."),
        "missing_key": _("“%(name)s” is missing."),
        "bad_choice": _("This key does not take this word."),
        "bad_key": _("The value is not of the kind that this key takes."),
        "bad_name": _("A name has small letters, digits and “_”, and begins with a letter."),
        "bad_view": _("A key does not go with the kind of this view, or the kind needs one more."),
        "bad_label": _("The labels name a role or a recipient that there is not."),
        "bad_two_officers": _("“two_officers” names each kind of request once, and no corrections."),
        "bad_regime": _("A regime has a default, or a field with a regime for each value."),
        "opt_out_needed": _("A purpose that people can end by law has to name the opt-out that ends it."),
        "unknown_opt_out": _("There is no opt-out “%(name)s”."),
        "unknown_role": _("There is no role “%(name)s”."),
        "unknown_purpose": _("There is no purpose “%(name)s”."),
        "unknown_entity": _("There is no entity “%(name)s” in the catalogue."),
        "unknown_field": _("There is no field “%(name)s” in the catalogue."),
        "regime_field": _("“%(name)s” chooses a regime: it has to be a text or a choice that is kept in the clear."),
        "not_a_column": _("“%(name)s” is not among the fields of the view."),
        "full_view_purpose": _("A full view serves only purposes that nobody can refuse."),
        "no_columns": _("The view has no column."),
        "identifying_column": _("“%(name)s” shows who somebody is, and may not be a column of this kind of view."),
        "sensitive_column": _("“%(name)s” is sensitive, and the purpose does not allow that."),
        "sensitive_clear": _("“%(name)s” is sensitive, and may not stand under “clear”."),
        "write_unseen": _("“%(name)s” may not be written: the view does not show it to everyone in full."),
        "stronger_shape": _("“%(name)s” may not be shown so fully in this kind of view."),
        "no_such_shape": _("“%(name)s” has no such shape."),
        "break_glass_role": _("“%(name)s” may not ask for it: who reads the view anyway needs no grant."),
        "locks_out": _("This would lock out everybody, the privacy officer, or customers from their own data."),
        "basis_differs": _("“%(name)s” rests on another legal basis than the privacy statement says."),
        "field_unnamed": _("“%(name)s” is collected, and the privacy statement does not say so."),
        "purpose_unnamed": _("The privacy statement does not name the purpose “%(name)s”."),
        "recipient_unnamed": _("The privacy statement does not name the recipient “%(name)s”."),
        "view_wider": _("The view “%(name)s” shows more of “%(other)s” than the privacy statement promises."),
        "no_objection": _("People may object to a public task, and no opt-out stops this purpose."),
        "idle_role": _("No view is for the role “%(name)s”."),
        "idle_purpose": _("No view serves the purpose “%(name)s”."),
        "no_title": _("Others have a title or description in this language, and this one has none."),
        "hold_unread": _("“%(name)s” is held for a purpose that no view serves: nobody may read it."),
        "regime_sensitive": _("“%(name)s” is sensitive by the regime, and not by the catalogue."),
        "no_quasi_identifier": _("No column is a quasi-identifier, so that “k” bounds nothing but the whole."),
        "no_reason": _("A full view shows everything and asks for no reason."),
        "never_returned": _("“%(name)s” is listed, and can never be shown."),
    }  # fmt: skip
