"""Every shape of a row, computed once, when it is written.

Design section 2, line 1: a view never computes; it picks one stored shape per field, or none. A shaper is made once
per entity and catalogue and is pure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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

Cells = tuple[Any, ...]
"""The cells of a row, one for each column that holds a shape."""

Segments = dict[str, list[dict[str, Value]]]
"""The fields of each sealed segment, by row."""

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
        self._coerce = {
            name: coercer(field.type, field.choices, field.longest) for name, field in entity.fields.items()
        }
        self._plain: list[tuple[str, str, _Shape | None]] = []
        self._sealed: dict[str, list[tuple[str, str, _Shape | None]]] = {segment: [] for segment in self.segments}
        for name, where, function in _steps(entity):
            if where.segment is not None:
                self._sealed[where.segment].append((name, where.key, function))
            else:  # JSON is kept as text in a column, and as itself in a segment
                self._plain.append((name, where.key, _as_text if where.type is Type.JSON else function))

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
        """Compute every stored shape of a row; for many rows, `shape_rows` is several times faster."""
        cells, segments = self.shape_rows([record])
        sealed = {segment: values for segment, (values,) in segments.items() if values}
        return Shaped(dict(zip(self.columns, cells[0], strict=True)), sealed)

    def shape_rows(self, records: Sequence[Record]) -> tuple[list[Cells], Segments]:
        """Compute every stored shape of many rows, a field at a time.

        Returns:
            By row the cells of the columns in their order; and by segment, by row its fields, none when it is empty.
        """
        given = {name: [record.get(name) for record in records] for name in self.entity.fields}
        shaped = {key: _shaped(given[name], function) for name, key, function in self._plain}
        cells = list(zip(*(shaped[key] for key in self.columns), strict=True)) or [()] * len(records)
        segments: Segments = {}
        for segment, steps in self._sealed.items():
            keys = [key for _, key, _ in steps]
            columns = zip(*(_shaped(given[name], function) for name, _, function in steps), strict=True)
            segments[segment] = [
                {key: value for key, value in zip(keys, values, strict=True) if value is not None} for values in columns
            ]
        return cells, segments


@lru_cache(maxsize=256)
def shaper(catalogue: Catalogue, entity: str) -> Shaper:
    """Return the shaper of an entity."""
    return Shaper(catalogue.entities[entity])


def _steps(entity: Entity) -> Iterator[tuple[str, Place, _Shape | None]]:
    for field in entity.fields.values():
        for shape in Shape:
            where = place(field, shape)
            if where is not None:
                yield field.name, where, shaping(field, shape)


def _shaped(values: list[Value], function: _Shape | None) -> list[Any]:
    """Return a shape of each value; nothing has no shape, and without a function a value is its own."""
    return values if function is None else [None if value is None else function(value) for value in values]


def _as_text(value: Value) -> str:
    return orjson.dumps(value).decode()


def shaping(field: Field, shape: Shape) -> _Shape | None:
    """Return what makes a shape of a field's values; None for the value itself."""
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
    return None


def _nothing(_value: Value) -> Value:
    return None
