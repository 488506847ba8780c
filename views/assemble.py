"""From what a statement gives to the cells of the answer: unseal, fall back, convert.

A statement gives, after its hidden columns, the cells that stand in columns, then one sealed segment each, then what
refused rows get in place of a sealed cell. A segment that the statement withheld is null here and stays closed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from cdp.catalogue.names import SEALED_SUFFIX
from cdp.terms import Type
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault
from views.plan import HIDDEN, OWNER, ROW, Column, Template

Row = tuple[Any, ...]
Opened = dict[str, Any] | None
"""A segment's values, or None when it was withheld, is empty, or its key is destroyed."""

_Cell = Callable[[Row, Sequence[Opened]], Any]
_OWNER, _ROW, _FIRST = HIDDEN.index(OWNER), HIDDEN.index(ROW), len(HIDDEN)


class Assembler:
    """Makes the needed cells of one template's rows."""

    def __init__(self, template: Template, *, vault: Vault, dialect: str) -> None:
        plain = [each for each in template.needed if not each.segment]
        first_segment = _FIRST + len(plain)
        self._vault = vault
        self._end = first_segment
        self._segments = [
            (first_segment + number, Sealer(template.view.entity + SEALED_SUFFIX, segment))
            for number, segment in enumerate(template.segments)
        ]
        self._straight = not template.segments and not any(_converter(each, dialect) for each in plain)
        self._cells = _cell_makers(template, dialect)

    def __call__(self, found: Sequence[Row]) -> list[Row]:
        """Return the needed cells of each row, in the order of `needed`."""
        if self._straight:
            return [row[_FIRST : self._end] for row in found]
        opened = self._open(found)
        return [
            tuple([make(row, segments) for make in self._cells]) for row, segments in zip(found, opened, strict=True)
        ]

    def _open(self, found: Sequence[Row]) -> Sequence[Sequence[Opened]]:
        """Unseal every segment that the statement gave."""
        if not self._segments:
            return [()] * len(found)
        owners = {row[_OWNER] for row in found if any(row[place] is not None for place, _ in self._segments)}
        keys = self._vault.keys(sorted(owners)) if owners else {}
        opened = [
            sealer.unseal_rows(keys, [(row[_OWNER], row[_ROW], row[place]) for row in found])
            for place, sealer in self._segments
        ]
        return list(zip(*opened, strict=True))


def _cell_makers(template: Template, dialect: str) -> list[_Cell]:
    makers: list[_Cell] = []
    numbers = {segment: number for number, segment in enumerate(template.segments)}
    plain = _FIRST
    fallback = _FIRST + sum(1 for each in template.needed if not each.segment) + len(template.segments)
    for column in template.needed:
        if column.segment:
            makers.append(_from_segment(numbers[column.segment], column.key, fallback if column.fallback else None))
            fallback += column.fallback
        else:
            makers.append(_from_row(plain, _converter(column, dialect)))
            plain += 1
    return makers


def _from_segment(number: int, key: str, fallback: int | None) -> _Cell:
    def make(row: Row, opened: Sequence[Opened]) -> Any:
        values = opened[number]
        if values is not None:
            return values.get(key)
        return None if fallback is None else row[fallback]

    return make


def _from_row(place: int, convert: Callable[[Any], Any] | None) -> _Cell:
    if convert is None:
        return lambda row, _opened: row[place]
    return lambda row, _opened: convert(row[place])


def _converter(column: Column, dialect: str) -> Callable[[Any], Any] | None:
    if column.type is Type.JSON:
        return lambda value: None if value is None else orjson.loads(value)
    if column.type is Type.BOOLEAN and dialect == "sqlite":
        return lambda value: None if value is None else bool(value)
    return None
