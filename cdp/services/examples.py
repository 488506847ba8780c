"""An example row of a view: invented values, in the shapes that the policy gives them. Nobody's data is looked at."""

from typing import Final

from cdp.bootstrap import InForce
from cdp.catalogue.field import Field
from cdp.store.shaper import shaping
from cdp.terms import Shape, Type, Value
from views.compile import view_columns
from views.policy import View

_VALUES: Final[dict[Type, Value]] = {
    Type.TEXT: "Example",
    Type.INTEGER: 52_300,
    Type.DECIMAL: "129.90",
    Type.BOOLEAN: True,
    Type.DATE: "1987-03-02",
    Type.DATETIME: "2026-03-02T09:30:00.000000Z",
    Type.JSON: {"example": True},
}
_IDENTIFIERS: Final = {"email": "ann@example.org", "phone": "+442079460018"}
_ID: Final = "00000000-0000-4000-8000-000000000000"


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
