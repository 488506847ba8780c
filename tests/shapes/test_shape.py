"""From the catalogue's words to functions: the tables say what is taken, and everything that they allow works."""

import doctest
import importlib

import pytest
from hypothesis import given, strategies as st

from cdp.catalogue.types import GENERAL_TYPES, MASK_TYPES, PARAMETERS, general_type
from cdp.errors import BadInput
from cdp.shapes.shape import Generaliser, generaliser, masker
from cdp.shapes.values import coerce
from cdp.terms import Generalisation, Mask, Type
from tests.shapes.texts import anything, canonical_text, dates, datetimes, decimals, integers, json_values

CANONICAL = {
    Type.TEXT: canonical_text,
    Type.CHOICE: st.sampled_from(["gold", "silver"]),
    Type.INTEGER: integers,
    Type.DECIMAL: decimals.map(lambda text: coerce(Type.DECIMAL, text)),
    Type.BOOLEAN: st.booleans(),
    Type.DATE: dates,
    Type.DATETIME: datetimes,
    Type.JSON: json_values,
}
TABLE = {"gold": "metal", "true": "yes", "0": "none"}


def spec_of(kind, type_, number):
    if kind is Generalisation.TABLE:
        return Generaliser(kind=kind, type=type_, table=TABLE)
    return Generaliser(kind=kind, type=type_, **({PARAMETERS[kind][0]: number} if kind in PARAMETERS else {}))


@pytest.mark.parametrize(
    "name",
    ["catalogue.types", "shapes.graphemes", "shapes.masks", "shapes.generalise", "shapes.values", "shapes.shape"],
)
def test_doctests(name):
    failed, attempted = doctest.testmod(importlib.import_module(f"cdp.{name}"))
    assert attempted > 0
    assert failed == 0


def test_the_tables_name_every_mask_and_every_generalisation():
    assert set(MASK_TYPES) == set(Mask)
    assert set(GENERAL_TYPES) == set(Generalisation)
    assert MASK_TYPES[Mask.HIDDEN] == set(Type)


@pytest.mark.parametrize("type_", [Type.CHOICE, Type.BOOLEAN, Type.JSON])
def test_a_type_of_few_known_values_or_without_text_can_only_be_hidden(type_):
    assert [mask for mask in Mask if type_ in MASK_TYPES[mask]] == [Mask.HIDDEN]


@pytest.mark.parametrize(("mask", "type_"), [(mask, type_) for mask in Mask for type_ in sorted(MASK_TYPES[mask])])
@given(data=st.data())
def test_what_the_tables_allow_is_masked_text(mask, type_, data):
    masked = masker(mask)
    if mask is Mask.HIDDEN:
        assert masked is None
        return
    value = data.draw(CANONICAL[type_])
    result = masked(value)
    assert coerce(Type.TEXT, result) == result
    assert result is not None
    assert result == masked(str(value))
    assert masked(None) is None


@pytest.mark.parametrize("mask", [mask for mask in Mask if mask is not Mask.HIDDEN])
@given(value=anything)
def test_what_is_no_text_and_no_number_is_hidden(mask, value):
    expected = isinstance(value, str) or (type(value) is int and -(2**63) <= value < 2**63)
    assert (masker(mask)(value) is not None) is expected


@pytest.mark.parametrize(
    ("kind", "type_"), [(kind, type_) for kind in Generalisation for type_ in sorted(GENERAL_TYPES[kind])]
)
@given(data=st.data())
def test_what_the_tables_allow_is_generalised_to_the_type_that_they_say(kind, type_, data):
    _, least, greatest = PARAMETERS.get(kind, ("", 1, 1))
    function = generaliser(spec_of(kind, type_, data.draw(st.integers(least, greatest))))
    result = function(data.draw(CANONICAL[type_]))
    assert coerce(general_type(kind, type_), result) == result
    assert function(result) == result
    assert function(None) is None


@pytest.mark.parametrize(
    ("kind", "type_"), [(kind, type_) for kind in Generalisation for type_ in sorted(set(Type) - GENERAL_TYPES[kind])]
)
def test_what_the_tables_do_not_allow_is_refused(kind, type_):
    with pytest.raises(BadInput) as caught:
        generaliser(spec_of(kind, type_, 1))
    assert caught.value.code == "bad_generalisation"


@pytest.mark.parametrize("kind", [*PARAMETERS, Generalisation.TABLE])
def test_a_missing_or_impossible_parameter_is_refused(kind):
    type_ = min(GENERAL_TYPES[kind])
    numbers = [None] if kind is Generalisation.TABLE else [None, PARAMETERS[kind][1] - 1, PARAMETERS[kind][2] + 1]
    for number in numbers:
        with pytest.raises(BadInput) as caught:
            generaliser(Generaliser(kind=kind, type=type_, width=number, keep=number, digits=number))
        assert caught.value.code == "bad_generalisation"


@pytest.mark.parametrize(
    ("spec", "value", "general"),
    [
        (Generaliser(kind=Generalisation.YEAR, type=Type.DATE), "1987-03-02", "1987"),
        (Generaliser(kind=Generalisation.YEAR_BAND, type=Type.DATE, width=10), "1987-03-02", "1980-1989"),
        (Generaliser(kind=Generalisation.BAND, type=Type.INTEGER, width=10000), 52300, "50000-59999"),
        (Generaliser(kind=Generalisation.PREFIX, type=Type.TEXT, keep=2), "94107", "94*"),
        (Generaliser(kind=Generalisation.ROUND, type=Type.DECIMAL, digits=1), "51.4769", "51.5"),
        (Generaliser(kind=Generalisation.TABLE, type=Type.CHOICE, table=TABLE), "gold", "metal"),
    ],
)
def test_each_parameter_reaches_its_function(spec, value, general):
    assert generaliser(spec)(value) == general
