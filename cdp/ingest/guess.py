"""Which column of a file is which field: a guess for somebody to confirm.

By name first, then by the nearest name, then by the category that the title's words suggest, then by what most of some
cells look like. A field is given once. What nothing suggests is left out. No cell leaves this module, and a title only
where it is the name of a field: where a file has no header, its first row is somebody's data.
"""

import difflib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cdp.bootstrap import Platform
from cdp.catalogue.model import Entity
from cdp.events.looks import look_of, suggested
from cdp.events.normalise import field_name
from cdp.services.imports.load import entity_of
from cdp.services.imports.sample import take_sample
from cdp.services.imports.source import open_source, reading
from cdp.services.imports.targets import LEFT_OUT, OTHERS, find_targets

_NEAR: Final = 0.8
_MOST: Final = 0.8
"""Which part of the cells has to look like something."""

GIVEN, NAME, NEAREST, CATEGORY, SHAPE = "as you said", "its name", "a name like it", "its words", "its cells"


@dataclass(frozen=True)
class Guessed:
    """What a column is taken for.

    Attributes:
        position: from 1.
        shown: its title, where that may be shown.
        target: what it is; `+` for what is kept sealed, nothing for what is left out.
        why: what suggests it.
    """

    position: int
    shown: str
    target: str
    why: str


@dataclass(frozen=True)
class Guess:
    """What every column is taken for, and the mapping that it makes."""

    columns: list[Guessed]
    mapping: dict[str, str]


@dataclass
class _Column:
    title: str
    by_name: str
    by_shape: str
    target: str = ""
    why: str = ""


def guess_mapping(
    platform: Platform, path: Path, *, entity: str, given: Mapping[str, str] | None = None, format_: str | None = None
) -> Guess:
    """Guess what the columns of a file are; what is given is not guessed.

    Raises:
        NotFound, BadInput, Unavailable: as `import_file`.
    """
    given = given or {}
    in_force = platform.in_force(fresh=True)
    found = entity_of(in_force, entity)
    targets = find_targets(in_force.catalogue, found)
    with open_source(path, format_) as source, reading(path):
        sample = take_sample(source)
    columns = [_Column(title, suggested(title, {})[0], _shape(cells)) for title, cells in sample.columns.items()]
    for column in columns:
        if column.title in given:
            column.target, column.why = given[column.title], GIVEN
    _by_name(columns, list(targets))
    _by_nearest(columns, found)
    _by_category(columns, found, lambda column: column.by_name, CATEGORY)
    _by_category(columns, found, lambda column: column.by_shape, SHAPE)
    others = given.get(OTHERS, LEFT_OUT)
    shown = [
        Guessed(position, _shown(column), (column.target or others).replace(LEFT_OUT, ""), column.why)
        for position, column in enumerate(columns, 1)
    ]
    mapping = {each.title: each.target or others for each in columns if each.target != each.title}
    return Guess(shown, {**given, **mapping})


def _open(columns: list[_Column]) -> list[_Column]:
    return [column for column in columns if not column.target]


def _taken(columns: list[_Column]) -> set[str]:
    return {column.target for column in columns}


def _by_name(columns: list[_Column], targets: list[str]) -> None:
    for spelt in (lambda title: title, field_name):
        for column in _open(columns):
            name = spelt(column.title)
            if name in targets and name not in _taken(columns):
                column.target, column.why = name, NAME


def _by_nearest(columns: list[_Column], entity: Entity) -> None:
    for column in _open(columns):
        free = [name for name in entity.fields if name not in _taken(columns)]
        for name in difflib.get_close_matches(field_name(column.title[:60]), free, n=1, cutoff=_NEAR):
            # A column whose cells are plainly something else is not what it is nearly called.
            if column.by_shape in ("", entity.fields[name].category):
                column.target, column.why = name, NEAREST


def _by_category(columns: list[_Column], entity: Entity, category_of: Callable[[_Column], str], why: str) -> None:
    for column in _open(columns):
        category = category_of(column)
        free = [
            name for name, field in entity.fields.items()
            if category and field.category == category and name not in _taken(columns)
        ]  # fmt: skip
        if len(free) == 1 and (why == SHAPE or column.by_shape in ("", category)):
            column.target, column.why = free[0], why


def _shape(cells: list[object]) -> str:
    """Return the category of what most cells look like."""
    looks = Counter(look_of(cell) for cell in cells)
    for look, number in looks.most_common(1):
        if look and number >= _MOST * len(cells):
            return suggested("", {look: number})[0]
    return ""


def _shown(column: _Column) -> str:
    return column.title if column.why in (GIVEN, NAME) and not look_of(column.title) else ""
