"""Every shape of a row, computed once, when it is written.

Design section 2, line 1: a view never computes; it picks one stored shape per field, or none. A shaper is made once
per entity and catalogue and is pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from cdp.catalogue.field import Field
from cdp.catalogue.model import Catalogue, Entity
from cdp.catalogue.places import Place, columns, place, segments
from cdp.errors import BadInput, CdpError
from cdp.shapes.shape import Generaliser, generaliser, masker
from cdp.shapes.values import coercer
from cdp.terms import Shape, Type, Value

Record = Mapping[str, Value]
"""The canonical values of a row by field name; a missing field is null."""

_Shape = Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class Shaped:
    """A row as it is stored.

    `columns` holds a value for every shape column, `segments` the fields of every sealed segment that is not empty.
    """

    columns: dict[str, Any]
    segments: dict[str, dict[str, Value]]


class Shaper:
    """Shapes rows of one entity."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.columns = tuple(columns(entity))
        self.segments = segments(entity)
        self.identifiers = tuple((name, field.identifier) for name, field in entity.fields.items() if field.identifier)
        self.searched = tuple(name for name, field in entity.fields.items() if field.search)
        self._required = tuple(name for name, field in entity.fields.items() if field.required)
        self._coerce = {name: coercer(field.type, field.choices) for name, field in entity.fields.items()}
        self._plain = [steps for field in entity.fields.values() for steps in _steps(field, sealed=False)]
        self._sealed = [steps for field in entity.fields.values() for steps in _steps(field, sealed=True)]

    def coerce(self, raw: Mapping[str, object]) -> tuple[dict[str, Value], list[CdpError]]:
        """Return the canonical values of what was given, and the faults by field; keys must be fields."""
        values: dict[str, Value] = {}
        faults: list[CdpError] = []
        for name, given in raw.items():
            try:
                values[name] = self._coerce[name](given)
            except BadInput as error:
                faults.append(BadInput(error.code, error.message, path=name))
        return values, faults

    def missing(self, record: Record) -> list[CdpError]:
        """Return a fault for each required field that is null."""
        return [
            BadInput("missing_value", "a required value is missing", path=name)
            for name in self._required
            if record.get(name) is None
        ]

    def shape(self, record: Record) -> Shaped:
        """Compute every stored shape of a row."""
        stored: dict[str, Any] = dict.fromkeys(self.columns)
        for name, found, function in self._plain:
            value = record.get(name)
            if value is not None:
                shaped = function(value)
                stored[found.key] = orjson.dumps(shaped).decode() if found.type is Type.JSON else shaped
        sealed: dict[str, dict[str, Value]] = {}
        for name, found, function in self._sealed:
            value = record.get(name)
            if value is not None and (shaped := function(value)) is not None and found.segment:
                sealed.setdefault(found.segment, {})[found.key] = shaped
        return Shaped(stored, sealed)


@lru_cache(maxsize=256)
def shaper(catalogue: Catalogue, entity: str) -> Shaper:
    """Return the shaper of an entity."""
    return Shaper(catalogue.entities[entity])


def _steps(field: Field, *, sealed: bool) -> list[tuple[str, Place, _Shape]]:
    found = []
    for shape in Shape:
        where = place(field, shape)
        if where is not None and (where.segment is not None) == sealed:
            found.append((field.name, where, _function(field, shape)))
    return found


def _function(field: Field, shape: Shape) -> _Shape:
    if shape is Shape.MASKED:
        return masker(field.mask) or _nothing
    if shape is Shape.GENERAL and field.general is not None:
        return generaliser(
            Generaliser(
                kind=field.general,
                type=field.type,
                width=field.width,
                keep=field.keep,
                digits=field.digits,
                table=field.table,
            )
        )
    return _itself


def _itself(value: Value) -> Value:
    return value


def _nothing(_value: Value) -> Value:
    return None
