"""From the values of one catalogue to those of the next: what converts is converted, what does not is lost.

Design section 5. Only fields whose type or choices change are looked at: a canonical value may read otherwise the
second time (a text in a `json` field is read as JSON).
"""

from collections.abc import Callable, Mapping

import orjson

from cdp.catalogue.field import Field
from cdp.catalogue.model import Entity
from cdp.errors import BadInput
from cdp.shapes.values import coercer
from cdp.terms import Type, Value

_Convert = Callable[[Value], Value]


class Conversion:
    """Converts rows of one entity."""

    def __init__(self, old: Entity, new: Entity) -> None:
        self._kept = tuple(name for name in new.fields if name in old.fields)
        self._converts = {
            name: found for name in self._kept if (found := _conversion(old.fields[name], new.fields[name])) is not None
        }

    def convert(self, values: Mapping[str, Value]) -> tuple[dict[str, Value], list[str]]:
        """Return the values as they are from now on, and the fields whose value is lost."""
        found = {name: values[name] for name in self._kept if values.get(name) is not None}
        lost = []
        for name, convert in self._converts.items():
            if name in found:
                try:
                    found[name] = convert(found[name])
                except BadInput:
                    del found[name]
                    lost.append(name)
        return found, lost


def _conversion(old: Field, new: Field) -> _Convert | None:
    """Return how values of a field convert, None when they stay as they are."""
    if old.type is new.type and set(old.choices) <= set(new.choices):
        return None
    coerce = coercer(new.type, new.choices, new.longest)

    def converted(value: Value) -> Value:
        match old.type, new.type:
            case _, Type.TEXT | Type.CHOICE:
                return coerce(_text(value, old.type))
            case Type.TEXT, Type.JSON:
                return coerce(value)
            case _, Type.JSON:
                return value  # as answers give it: integers as numbers, decimals and dates as text
            case Type.DATETIME, Type.DATE:
                return coerce(str(value)[:10])
            case Type.DECIMAL, Type.INTEGER:
                return coerce(_whole(str(value)))
        return _coerced(coerce, value, old.type)

    return converted


def _coerced(coerce: _Convert, value: Value, type_: Type) -> Value:
    """Return a value by itself or, when it is not taken so, by its text."""
    try:
        return coerce(value)
    except BadInput:
        if isinstance(value, str):
            raise
    return coerce(_text(value, type_))


def _text(value: Value, type_: Type) -> str:
    if type_ is Type.JSON or not isinstance(value, str):
        return orjson.dumps(value).decode()
    return value


def _whole(plain: str) -> str:
    whole, _, fraction = plain.partition(".")
    return plain if fraction.strip("0") else whole
