"""The only evaluator: what becomes of one field in one view.

Design section 4, "What each kind does", cell for cell. Silence suppresses: a pair that `RULES` does not name, a shape
that the field does not have, a field that is not known, all come out as no shape at all. The explanation is this
decision, printed.
"""

from dataclasses import dataclass
from typing import Final

from cdp.catalogue.field import Field
from cdp.catalogue.model import Entity
from cdp.terms import SENSITIVE_DATA, Kind, Sensitivity, Shape, Type
from views.policy import Purpose, View


@dataclass(frozen=True, slots=True)
class Rule:
    """One cell of the table: the shape for everyone, and what a refusal turns it into.

    `by_purpose`: a refusal of an opt-out that the purpose is subject to acts on this cell (selective views only; in
    every other kind such a refusal takes the whole row). `by_tag`: a refusal of `sensitive_data` acts on it.
    """

    shape: Shape | None
    refused: Shape | None
    by_purpose: bool = False
    by_tag: bool = False
    why: str = ""


_CLEAR, _MASKED, _GENERAL = Shape.CLEAR, Shape.MASKED, Shape.GENERAL
_ID, _PERSONAL, _SENSITIVE, _NONE = (
    Sensitivity.IDENTIFYING,
    Sensitivity.PERSONAL,
    Sensitivity.SENSITIVE,
    Sensitivity.NONE,
)

RULES: Final[dict[tuple[Kind, Sensitivity], Rule]] = {
    (Kind.STANDARD, _ID): Rule(_MASKED, None, why="daily work sees who it is only masked"),
    (Kind.STANDARD, _PERSONAL): Rule(_GENERAL, None, why="daily work sees personal data only generalised"),
    (Kind.STANDARD, _SENSITIVE): Rule(None, None, why="daily work never sees sensitive data"),
    (Kind.STANDARD, _NONE): Rule(_CLEAR, None, why="the field says nothing about a person"),
    (Kind.FULL, _ID): Rule(_CLEAR, None, why="a full view shows everything, with a reason each time"),
    (Kind.FULL, _PERSONAL): Rule(_CLEAR, None, why="a full view shows everything, with a reason each time"),
    (Kind.FULL, _SENSITIVE): Rule(_CLEAR, None, why="a full view shows everything, with a reason each time"),
    (Kind.FULL, _NONE): Rule(_CLEAR, None, why="the field says nothing about a person"),
    (Kind.ANONYMIZED, _PERSONAL): Rule(_GENERAL, None, why="analysis sees personal data only generalised"),
    (Kind.ANONYMIZED, _SENSITIVE): Rule(
        _CLEAR, None, by_tag=True, why="the purpose allows sensitive data, in diverse groups"
    ),
    (Kind.ANONYMIZED, _NONE): Rule(_CLEAR, None, why="the field says nothing about a person"),
    (Kind.OPT_OUT, _ID): Rule(_CLEAR, None, why="the customer has not refused this purpose"),
    (Kind.OPT_OUT, _PERSONAL): Rule(_CLEAR, None, why="the customer has not refused this purpose"),
    (Kind.OPT_OUT, _SENSITIVE): Rule(_CLEAR, None, by_tag=True, why="the purpose allows sensitive data"),
    (Kind.OPT_OUT, _NONE): Rule(_CLEAR, None, why="the field says nothing about a person"),
    (Kind.SELECTIVE, _ID): Rule(_CLEAR, None, by_purpose=True, why="disclosed unless the customer refused"),
    (Kind.SELECTIVE, _PERSONAL): Rule(
        _CLEAR, _GENERAL, by_purpose=True, why="disclosed, generalised where the customer refused"
    ),
    (Kind.SELECTIVE, _SENSITIVE): Rule(
        _CLEAR, None, by_purpose=True, by_tag=True, why="the purpose allows sensitive data"
    ),
    (Kind.SELECTIVE, _NONE): Rule(_CLEAR, _CLEAR, why="the field says nothing about a person"),
}
"""An identifying field has no row for anonymized: it may not be a column there."""

NEEDS_PERMISSION: Final = frozenset({Kind.ANONYMIZED, Kind.OPT_OUT, Kind.SELECTIVE})
"""Kinds in which a sensitive field is a column only when listed and when the purpose `allows_sensitive`."""

_SUPPRESSED: Final = Rule(None, None, why="no rule allows it")


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a field: `shape` for everyone but those who refused one of `unless`, who get `otherwise`.

    `shape` None means null for everyone. `rule` is a stable name, `reason` a sentence for people.
    """

    name: str
    type: Type
    shape: Shape | None
    otherwise: Shape | None
    unless: tuple[str, ...]
    rule: str
    reason: str


def decide(field: Field, view: View, purpose: Purpose) -> Decision:
    """Decide one field of one view. Total and pure; `views.check` reports what it had to suppress."""
    rule = RULES.get((view.kind, field.sensitivity), _SUPPRESSED)
    name, why, shape = f"{view.kind}.{field.sensitivity}", rule.why, rule.shape
    if view.kind is Kind.ANONYMIZED and field.sensitivity is _NONE and field.has(_GENERAL):
        shape, why = _GENERAL, "analysis sees the generalised form where there is one"
    if field.sensitivity is _SENSITIVE and view.kind in NEEDS_PERMISSION and not _permitted(field, view, purpose):
        shape, name, why = (
            None,
            f"{name}.not_allowed",
            "sensitive data needs to be listed, and a purpose that allows it",
        )
    if field.name in view.clear and view.kind is Kind.STANDARD and field.sensitivity in (_ID, _PERSONAL):
        shape, name, why = _CLEAR, f"{name}.clear", "the view lists the field under `clear`"
    asked = view.weaker(field.name)
    if asked != "kind" and is_weaker(asked, shape):
        shape, name, why = asked, f"{name}.shapes", "the view chooses a weaker shape for everyone"
    if shape is not None and not field.has(shape):
        shape, name, why = None, f"{name}.no_shape", f"the field has no {shape} shape"
    unless = _gates(rule, purpose)
    otherwise = _otherwise(field, rule, shape) if unless else shape
    type_ = field.shape_type(shape or _CLEAR)
    return Decision(field.name, type_, shape, otherwise, () if shape == otherwise else unless, name, why)


def decided(entity: Entity, view: View, purpose: Purpose) -> tuple[Decision, ...]:
    """Decide every column of a view, in its order: its `fields`, or all fields of the entity.

    Without `fields`, an anonymized view has no identifying and no sensitive column.
    """
    names = view.fields
    if names is None:
        hidden = (_ID, _SENSITIVE) if view.kind is Kind.ANONYMIZED else ()
        names = tuple(name for name, field in entity.fields.items() if field.sensitivity not in hidden)
    return tuple(decide(entity.fields[name], view, purpose) for name in names if name in entity.fields)


def is_weaker(asked: Shape | None, allowed: Shape | None) -> bool:
    """Return whether `asked` tells no more than `allowed`: hidden < masked, general < clear; the middle two differ."""
    return asked is None or asked == allowed or allowed is _CLEAR


def _permitted(field: Field, view: View, purpose: Purpose) -> bool:
    return purpose.allows_sensitive and view.fields is not None and field.name in view.fields


def _gates(rule: Rule, purpose: Purpose) -> tuple[str, ...]:
    gates = (*(purpose.subject_to if rule.by_purpose else ()), *((SENSITIVE_DATA,) if rule.by_tag else ()))
    return tuple(dict.fromkeys(gates))


def _otherwise(field: Field, rule: Rule, shape: Shape | None) -> Shape | None:
    """Return the shape of a refused cell: never stronger than the column's, and of the column's type, or null."""
    refused = rule.refused
    if shape is None or refused is None or not field.has(refused):
        return None
    if shape is not _CLEAR and refused != shape:
        return None
    return refused if _base(field.shape_type(refused)) == _base(field.shape_type(shape)) else None


def _base(type_: Type) -> Type:
    """Return the type of an answer's column: a choice is text."""
    return Type.TEXT if type_ is Type.CHOICE else type_
