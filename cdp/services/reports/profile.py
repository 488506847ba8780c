"""What is in the store: how well fields are filled, per field and per tag, and how old rows are.

Sealed values are not opened for a report. A field counts as filled where one of its shapes stands in a column and is
not null; of a field without such a shape it is not known.
"""

from collections import defaultdict
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, select

from cdp.catalogue.field import Field
from cdp.catalogue.places import place
from cdp.services.reports.figures import YEAR, Cell, Section, Source, Table, guarded, somebody
from cdp.store.origins import COLLECTED_COLUMN
from cdp.terms import Sensitivity, Shape

AGES: Final = ("under_1_year", "1_to_2_years", "2_to_3_years", "over_3_years", "age_unknown")


def profile(source: Source) -> Section:
    """Return the section."""
    filled = [row for entity in source.in_force.catalogue.entities for row in _filled(source, entity)]
    fill = [
        (entity, field, tag, by, guarded(count), _share(count, rows)) for entity, field, tag, by, count, rows in filled
    ]
    return Section(
        "profile",
        (
            Table("fill_by_tag", ("tag", "fields_counted", "filled", "share"), _by_tag(filled), chart="share"),
            Table("fill", ("entity", "field", "tag", "counted_by", "filled", "share"), fill, chart="share"),
            Table(
                "age",
                ("entity", "age", "customers_rows"),
                [row for entity in source.in_force.catalogue.entities for row in _ages(source, entity)],
                chart="customers_rows",
            ),
        ),
    )


Filled = tuple[str, str, str, str | None, int, int]


def _filled(source: Source, entity: str) -> list[Filled]:
    """Return for each field how many rows have it, of how many; zero of zero where that is not known."""
    fields = source.in_force.catalogue.entities[entity].fields
    table = source.schema.rows[entity]
    columns = {name: found for name, field in fields.items() if (found := _column(field))}
    counts = [func.count(table.c[key]).label(f"n{index}") for index, (_, key) in enumerate(columns.values())]
    rows, *numbers = source.conn.execute(
        select(func.count().label("rows"), *counts).select_from(table).where(somebody(source, table))
    ).one()
    known = dict(zip(columns, numbers, strict=True))
    return [
        (entity, name, str(field.sensitivity), columns[name][0] if name in known else None,
         int(known.get(name, 0)), int(rows) if name in known else 0)
        for name, field in fields.items()
    ]  # fmt: skip


def _column(field: Field) -> tuple[str, str] | None:
    """Return the shape of a field that stands in a column, and that column; a rougher one may lack of what is there."""
    for shape in (Shape.CLEAR, Shape.MASKED, Shape.GENERAL):
        found = place(field, shape)
        if found is not None and found.segment is None:
            return str(shape), found.key
    return None


def _by_tag(filled: list[Filled]) -> list[tuple[Cell, ...]]:
    found = defaultdict[str, list[int]](lambda: [0, 0, 0])
    for _, _, tag, by, count, rows in filled:
        if by is not None:
            found[tag] = [had + more for had, more in zip(found[tag], (1, count, rows), strict=True)]
    return [(str(tag), found[tag][0], guarded(found[tag][1]), _share(*found[tag][1:])) for tag in Sensitivity]


def _share(count: int, rows: int) -> int | None:
    """Return how many of a hundred, of what may be shown of both."""
    shown, of = guarded(count), guarded(rows)
    return min(100, 100 * shown // of) if shown and of else None


def _ages(source: Source, entity: str) -> list[tuple[Cell, ...]]:
    table = source.schema.rows[entity]
    at, now = table.c[COLLECTED_COLUMN], int(datetime.fromisoformat(source.now).timestamp())
    bucket = case(
        (at.is_(None), AGES[4]), (at > now - YEAR, AGES[0]), (at > now - 2 * YEAR, AGES[1]),
        (at > now - 3 * YEAR, AGES[2]), else_=AGES[3],
    ).label("age")  # fmt: skip
    aged = select(bucket).select_from(table).where(somebody(source, table)).subquery("aged")
    counted = source.conn.execute(select(aged.c.age, func.count()).group_by(aged.c.age))
    counts: dict[str, int] = {age: int(count) for age, count in counted}
    return [(entity, age, guarded(counts.get(age, 0))) for age in AGES]
