"""An example row of a view: invented values, in the shapes that the policy gives them. Nobody's data is looked at."""

from dataclasses import dataclass
from typing import Final

from cdp.bootstrap import InForce
from cdp.catalogue.field import Field
from cdp.store.shaper import shaping
from cdp.terms import Generalisation, Shape, Type, Value
from views.compile import view_columns
from views.policy import View

_VALUES: Final[dict[Type, Value]] = {
    Type.TEXT: "Example",
    Type.INTEGER: 52_300,
    Type.DECIMAL: "129.90",
    Type.BOOLEAN: True,
    Type.DATE: "1987-03-02",
    Type.DATETIME: "2026-03-02T09:30:00+00:00",
    Type.JSON: {"example": True},
}
_IDENTIFIERS: Final = {"email": "ann@example.org", "phone": "+442079460018"}
_ID: Final = "00000000-0000-4000-8000-000000000000"


_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "user.name": ("Ann Example", "王小明"),
    "user.contact.email": ("ann@example.org", "wang@example.cn"),
    "user.contact.phone_number": ("+442079460018", "+8613812345678"),
    "user.contact.address.street": ("7 Example Gardens", "示例路 8 号"),
    "user.contact.address.city": ("London", "上海"),
    "user.contact.address.postal_code": ("94107", "200040"),
    "user.contact.address": ("7 Example Gardens, London", "上海市示例路 8 号"),
    "user.financial.bank_account": ("GB33BUKB20201555555555", "DE75512108001245126199"),
    "user.financial.credit_card": ("4111 1111 1111 1111", "5500 0055 5555 5559"),
}
"""Texts by the beginning of a category; the longest that fits."""

_MORE: Final[dict[Type, tuple[Value, ...]]] = {
    Type.INTEGER: (52_300, 7),
    Type.DECIMAL: ("129.90", "7.05"),
    Type.DATE: ("1987-03-02", "2004-11-30"),
    Type.DATETIME: ("2026-03-02T09:30:00+00:00", "2025-12-31T23:59:59+00:00"),
    Type.BOOLEAN: (True, False),
}


@dataclass(frozen=True, slots=True)
class Example:
    """An invented value, and its shapes; None where the field has none of a kind."""

    clear: Value
    masked: Value
    general: Value


def examples_of(field: Field) -> list[Example]:
    """Return invented values of a field in each of its shapes, computed as those of a customer are."""
    return [
        Example(value, *(_as(field, shape, value) for shape in (Shape.MASKED, Shape.GENERAL)))
        for value in _values(field)
    ]


def _as(field: Field, shape: Shape, value: Value) -> Value:
    shaped = shaping(field, shape) if field.has(shape) else None
    return shaped(value) if shaped else None


def _values(field: Field) -> tuple[Value, ...]:
    if field.type is Type.CHOICE:
        return field.choices[:2]
    if field.general is Generalisation.TABLE and field.table and field.type is Type.TEXT:
        return tuple(field.table)[:2]
    if field.type is not Type.TEXT:
        return _MORE.get(field.type, (_value(field),))
    named = {"email": "user.contact.email", "phone": "user.contact.phone_number"}
    category = named.get(field.identifier or str(field.mask), field.category or "")
    fitting = [each for each in _TEXTS if category.startswith(each)]
    return _TEXTS[max(fitting, key=len)] if fitting else ("Example", "示例")


def example_row(in_force: InForce, view: View) -> dict[str, Value]:
    """Return a row as the view would show it of an invented customer who has refused nothing."""
    entity = in_force.catalogue.entities[view.entity]
    row: dict[str, Value] = {}
    for column in view_columns(in_force.catalogue, in_force.policy, view):
        shape = column.decision.shape if column.decision else None
        row[column.name] = _ID if column.decision is None else _shaped(entity.fields[column.name], shape)
    return row


def _shaped(field: Field, shape: Shape | None) -> Value:
    if shape is None:
        return None
    shaped = shaping(field, shape)
    return shaped(_value(field)) if shaped else _value(field)


def _value(field: Field) -> Value:
    if field.type is Type.CHOICE and field.choices:
        return field.choices[0]
    if field.identifier in _IDENTIFIERS:
        return _IDENTIFIERS[field.identifier]
    return _VALUES.get(field.type, "Example")
