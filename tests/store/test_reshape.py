"""Values on their way to another type, each either one of that type or said to be lost; and the steps of the tables."""

from collections.abc import Mapping
from itertools import product

import pytest
from alembic.operations import ops
from hypothesis import given, strategies as st

from cdp.catalogue.field_changes import LOSSLESS
from cdp.errors import BadInput
from cdp.shapes.values import INTEGER_GREATEST, INTEGER_LEAST, TEXT_SIZE, coercer
from cdp.store.changes import plan_steps, sql
from cdp.store.conversion import Conversion
from cdp.store.structure import foreign, generated, in_the_way, missing
from cdp.store.tables import build_schema
from cdp.terms import Type, Value
from tests.changing import CASES, Case, add_entity, drop, edited, set_field

PAIRS = [(old, new) for old, new in product(Type, Type) if old is not new]
CHOICES = ("gold", "17", "2024-02-03", "true")

VALUES: Mapping[Type, st.SearchStrategy[Value]] = {
    Type.TEXT: st.sampled_from(["gold", "", "17", "1.50", "yes", "2024-02-03", "{}", '"a"', "x" * TEXT_SIZE])
    | st.text(max_size=20),
    Type.INTEGER: st.integers(INTEGER_LEAST, INTEGER_GREATEST) | st.sampled_from([0, 1, 17]),
    Type.DECIMAL: st.from_regex(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?", fullmatch=True) | st.just("17.00"),
    Type.BOOLEAN: st.booleans(),
    Type.DATE: st.dates().map(str),
    Type.DATETIME: st.datetimes().map(str),
    Type.JSON: st.recursive(st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=9), st.lists)
    | st.sampled_from(["2024-02-03", "gold", ["x" * (TEXT_SIZE - 9)] * 2, 1.5]),
    Type.CHOICE: st.sampled_from(CHOICES),
}


def conversion(old: Type, new: Type) -> Conversion:
    catalogues = [
        edited(
            set_field("customer.x", type=type_, sensitivity="none", choices=CHOICES if type_ is Type.CHOICE else None)
        )
        for type_ in (old, new)
    ]
    return Conversion(*(each.entities["customer"] for each in catalogues))


CONVERSIONS = {pair: conversion(*pair) for pair in PAIRS}


def canonical(type_: Type, value: Value) -> Value:
    """A value as it may be stored, None for none."""
    try:
        return coercer(type_, CHOICES if type_ is Type.CHOICE else ())(value)
    except BadInput:
        return None


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=[f"{old} to {new}" for old, new in PAIRS])
@given(data=st.data())
def test_what_comes_out_is_a_value_of_the_new_type_or_is_lost(old: Type, new: Type, data: st.DataObject) -> None:
    value = canonical(old, data.draw(VALUES[old]))
    if value is None:
        return
    values, lost = CONVERSIONS[old, new].convert({"x": value, "gone": 1})
    assert set(values) <= {"x"}
    assert lost == ([] if "x" in values else ["x"])
    if lost:
        assert (old, new) not in LOSSLESS
    elif new is not Type.JSON:
        assert canonical(new, values["x"]) == values["x"] != ""


LOST: Mapping[Type, tuple[Value, ...]] = {
    Type.TEXT: ("odd", "[" + "1," * 9),
    Type.INTEGER: (INTEGER_GREATEST, 5),
    Type.DECIMAL: ("1.5",),
    Type.BOOLEAN: (False,),
    Type.DATE: ("1999-01-01",),
    Type.DATETIME: ("1999-01-01T00:00:00+00:00",),
    Type.JSON: (["x" * TEXT_SIZE],),
    Type.CHOICE: ("gold",),
}


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair not in LOSSLESS], ids=" to ".join)
def test_what_is_said_to_lose_can_lose(pair: tuple[Type, Type]) -> None:
    """Datetime to date loses the time of day, and says so by being no lossless change; nothing is null of it."""
    found = [CONVERSIONS[pair].convert({"x": value}) for value in LOST[pair[0]]]
    assert any(lost for _, lost in found) or pair == (Type.DATETIME, Type.DATE)


def test_values_of_fields_that_stay_are_not_read_again() -> None:
    """The text `17` in a JSON field is a text; read once more it would be a number."""
    base = edited().entities["customer"]
    assert Conversion(base, base).convert({"extra": "17", "level": "gold"}) == ({"extra": "17", "level": "gold"}, [])


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_way_back_drops_what_the_way_there_adds(case: Case, dialect: str) -> None:
    new = edited(*case.edits)
    for old, after in ((edited(), new), (new, edited())):
        there, back = plan_steps(old, after, dialect), plan_steps(after, old, dialect)
        added = {(step.table, step.op.column.name) for step in there.grow if isinstance(step.op, ops.AddColumnOp)}
        aside = {(table, name) for table, names in there.meanwhile.items() for name in names}
        assert {(step.table, step.column) for step in back.shrink if step.column} == {
            *(added - aside),
            *((table, f"cdp_{name}") for table, name in aside),
        }
        assert set(there.altered) <= set(build_schema(old, dialect).metadata.tables)


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("sqlite", ["ALTER TABLE customer RENAME COLUMN income TO cdp_income",
                    "ALTER TABLE customer ADD COLUMN income TEXT",
                    "ALTER TABLE customer DROP COLUMN cdp_income"]),
        ("postgresql", ["ALTER TABLE customer RENAME income TO cdp_income",
                        'ALTER TABLE customer ADD COLUMN income TEXT COLLATE "C"',
                        'ALTER TABLE "customer" ALTER COLUMN "income" SET STATISTICS 0',
                        "ALTER TABLE customer DROP COLUMN cdp_income"]),
    ],
)  # fmt: skip
def test_a_column_of_another_type_is_made_beside_the_old_one(dialect: str, expected: list[str]) -> None:
    steps = plan_steps(edited(), edited(set_field("customer.income", type="text", general=None, width=None)), dialect)
    found = [
        *sql(steps.grow, dialect),
        *sql([step for step in steps.shrink if step.column.startswith("cdp_")], dialect),
    ]
    assert found == expected
    assert steps.meanwhile == {"customer": {"income": "cdp_income"}}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_an_index_is_there_while_something_belongs_to_the_entity(dialect: str) -> None:
    line = add_entity("line", "order", sku={"type": "text", "sensitivity": "none"})
    steps = plan_steps(edited(), edited(line), dialect)
    assert 'CREATE INDEX cdp_order_row ON "order" (order_id)' in sql(steps.grow, dialect)
    assert {step.entity for step in steps.grow} == {"line"}
    back = plan_steps(edited(line), edited(), dialect)
    assert sql(back.shrink, dialect) == ("DROP INDEX IF EXISTS cdp_order_row", "DROP TABLE line")


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_differences_are_told(dialect: str) -> None:
    there = generated(build_schema(edited(), dialect), dialect)
    less = generated(build_schema(edited(drop("order"), drop("customer.income")), dialect), dialect)
    assert not [*missing(there, there), *foreign(there, there), *in_the_way(there, there, there)]
    assert list(missing(less, there)) == [
        "the column `customer.income` is missing",
        "the column `customer.income__general` is missing",
        "the table `order` is missing",
        "the table `order_sealed` is missing",
    ]
    assert list(foreign(there, less)) == [
        "the column `customer.income` is of no field",
        "the column `customer.income__general` is of no field",
        "the table `order` is of no entity",
        "the table `order_sealed` is of no entity",
    ]
    assert len(list(in_the_way(there, less, there))) == 4
    other = {**there, "customer": {**there["customer"], "income": "TEXT"}}
    [words] = missing(other, there)
    assert words.startswith("the column `customer.income` is TEXT where it should be ")
