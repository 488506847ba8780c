"""Where each shape of a field is kept: a column of the entity's table, or a key of a sealed segment.

Design section 5. Shapes of personal data and the masks of identifying data stand in columns; every shape of a
sensitive field, generalised or not, stays inside its sealed segment.
"""

from dataclasses import dataclass

from cdp.catalogue.field import Field
from cdp.catalogue.model import Entity
from cdp.catalogue.names import GENERAL_SUFFIX, MASKED_SUFFIX, REFUSED_PREFIX
from cdp.terms import Sensitivity, Shape, Type

_SUFFIX = {Shape.CLEAR: "", Shape.MASKED: MASKED_SUFFIX, Shape.GENERAL: GENERAL_SUFFIX}


@dataclass(frozen=True, slots=True)
class Place:
    """One stored shape. `segment` is None for a column of the table; else `key` is a key of that sealed segment."""

    key: str
    type: Type
    segment: str | None = None


def place(field: Field, shape: Shape) -> Place | None:
    """Return where a shape of a field is kept, or None when the field has no such shape."""
    if not field.has(shape):
        return None
    sealed = field.sealed if shape is Shape.CLEAR else field.sensitivity is Sensitivity.SENSITIVE
    key = field.name + _SUFFIX[shape]
    return Place(key, field.shape_type(shape), field.segment if sealed else None)


def columns(entity: Entity) -> dict[str, Type]:
    """Return the columns of an entity's table that hold shapes, with their types, in the order of the catalogue."""
    places = (place(field, shape) for field in entity.fields.values() for shape in Shape)
    return {found.key: found.type for found in places if found is not None and found.segment is None}


def segments(entity: Entity) -> tuple[str, ...]:
    """Return the sealed segments that rows of this entity have, sorted."""
    places = (place(field, shape) for field in entity.fields.values() for shape in Shape)
    return tuple(sorted({found.segment for found in places if found is not None and found.segment is not None}))


def flag_column(opt_out: str) -> str:
    """Return the column of the customer's row that says whether she refused an opt-out."""
    return REFUSED_PREFIX + opt_out
