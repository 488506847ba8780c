"""What is wrong with a draft of the policy or the catalogue, in the reader's language.

English says what `views.check` and `cdp.catalogue.document` say. In other languages each code has its sentence, with
the names that stand between backticks in the message, and of hints the nearest right name alone; what has none is said
in English rather than not at all.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cdp.errors import CdpError
from cdp.pages.language import translations
from cdp.terms import ENGLISH
from views.check import Finding

_NAMES: Final = re.compile(r"`([^`]*)`")
_NEAR: Final = re.compile(r"did you mean `([^`]*)`\?")
_LINE: Final = re.compile(r"^[^ :]*:([0-9]+)(?: (.*))?$")


@dataclass(frozen=True, slots=True)
class Remark:
    """A fault or something odd: its line, 0 where it has none, the key that it is about, and what to do."""

    line: int
    place: str
    text: str
    hint: str


def remarks(found: Iterable[CdpError | Finding], language: str) -> list[Remark]:
    """Return what is said of faults and findings."""
    return [_remark(each, language) for each in found]


def _remark(found: CdpError | Finding, language: str) -> Remark:
    at = _LINE.match(found.path)
    line, place = (int(at[1]), at[2] or "") if at else (0, found.path)
    hint = found.hint if isinstance(found, CdpError) else ""
    text, advice = fault_words(found.code, found.message, hint, language)
    return Remark(line, place, text, advice)


def fault_words(code: str, message: str, hint: str, language: str) -> tuple[str, str]:
    """Return what is wrong, and what to do about it."""
    _ = translations(language).gettext
    near = _NEAR.fullmatch(hint)
    advice = _("Did you mean “%(name)s”?") % {"name": near[1]} if near else ""
    if language == ENGLISH:
        return as_sentence(message), advice or as_sentence(hint)
    name, other = [*_NAMES.findall(message), "", ""][:2]
    text = sentences(language).get(code)
    return (text % {"name": name, "other": other} if text else as_sentence(message)), advice


def as_sentence(text: str) -> str:
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
        "untagged_field": _("The field says neither a sensitivity nor a category from which one follows."),
        "unknown_category": _("This category is no Fideslang key."),
        "bad_mask": _("This mask does not go with a field of this type."),
        "bad_general": _("How it is generalised does not go with the type, or lacks a number that is in range."),
        "bad_choices": _("“choices” lists the different words of a choice, and belongs to nothing else."),
        "bad_length": _("“max_length” belongs to texts only."),
        "clear_at_rest": _("What is identifying or sensitive is kept sealed only."),
        "bad_index": _("“identifier” and “search” belong to texts only."),
        "bad_opt_outs": _("“opt_outs” lists each name once, with the four that always exist."),
        "bad_narrower": _("An opt-out that is narrower than another has one place under it, and no circle leads back."),
        "no_customer": _("The entity “customer” is missing."),
        "bad_event": _("An event becomes rows of one entity, which belongs to the customer; a property is one field."),
        "cyclic": _("“belongs_to” leads in a circle, or stands at the customer."),
        "orphan": _("“belongs_to” is missing, or names no entity."),
        "reserved_name": _("This name is taken, by the platform, by SQL, or by something else here."),
        "bad_hold": _("A hold counts from a date: it names a field that is one."),
        "bad_outdated": _("“when_outdated” needs a “retention”."),
        "bad_table": _("The table of a generalisation does not go with the field."),
        "parent_changed": _("Rows cannot come to belong to something else: nothing says to which of its rows."),
        "file_too_large": _("The text is too long."),
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
