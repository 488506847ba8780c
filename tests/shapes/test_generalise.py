"""Generalisations: exact results, truth (the value lies in what is given), and what must hold for everything."""

import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given, strategies as st

from cdp.shapes.generalise import band, prefix, round_, table, year, year_band
from cdp.shapes.values import coerce
from cdp.terms import Type
from tests.shapes.texts import anything, canonical_text, dates, datetimes, decimals, integers

COUNTRY = {
    "Berlin": "Germany",
    "Bonn": "Germany",
    "Germany": "Europe",
    "true": "on",
    "5": "few",
    "a": "b",
    "b": "a",
    "c": "c",
}

EXAMPLES = [
    (year, "1987-03-02", "1987"),
    (year, "1987-12-31T23:59:59+00:00", "1987"),
    (year, "1987-12-31T23:59:59.999999+00:00", "1987"),
    (year, "0001-01-01", "0001"),
    (year, "1987", "1987"),
    (year, "0000", None),
    (year, "٠١٢٣", None),
    (year, 1987, None),
    (year_band(10), "1987-03-02", "1980-1989"),
    (year_band(10), "1980-01-01", "1980-1989"),
    (year_band(10), "1989-12-31T00:00:00+00:00", "1980-1989"),
    (year_band(10), "0007-01-01", "0000-0009"),
    (year_band(7), "9999-01-01", "9996-9999"),
    (year_band(1), "1987-03-02", "1987-1987"),
    (year_band(10**15), "1987-03-02", "0000-9999"),
    (year_band(10), "1980-1989", "1980-1989"),
    (year_band(10), "1981-1990", None),
    (year_band(10), "1980-1999", None),
    (year_band(10), "٠١٢٣-01-01", None),
    (year_band(10), "²²²²-1989", None),
    (band(10000), 52300, "50000-59999"),
    (band(10000), "52300", "50000-59999"),
    (band(10000), "52300.75", "50000-59999"),
    (band(10), -5, "-10--1"),
    (band(10), -10, "-10--1"),
    (band(10), "-10.5", "-20--11"),
    (band(10), "-10.00", "-10--1"),
    (band(10), "9.99", "0-9"),
    (band(10), 0, "0-9"),
    (band(1), 7, "7-7"),
    (band(10**15), 2**63 - 1, "9223000000000000000-9223999999999999999"),
    (band(10), "0-9", "0-9"),
    (band(10), "1-10", None),
    (band(10), "0-19", None),
    (band(10), "00-9", None),
    (band(10), True, None),
    (band(10), 1.5, None),
    (band(10), 2**63, None),
    (band(10), "1" * 5000, None),
    (prefix(2), "94107", "94*"),
    (prefix(2), "94", "94*"),
    (prefix(2), "9", "9*"),
    (prefix(2), "94*", "94*"),
    (prefix(2), "9*", "9*"),
    (prefix(2), "9**", "9**"),
    (prefix(2), "北京市朝阳区", "北京*"),
    (prefix(1), "e\u0301tude", "é*"),
    (prefix(1), "👨\u200d👩\u200d👧\u200d👦!", "👨\u200d👩\u200d👧\u200d👦*"),
    (prefix(2), "SW1A 1AA", "SW*"),
    (prefix(2), 94107, None),
    (round_(2), "51.4769", "51.48"),
    (round_(2), "51.4", "51.40"),
    (round_(0), "0.5", "0"),
    (round_(0), "1.5", "2"),
    (round_(1), "-0.04", "0.0"),
    (round_(-3), "52500", "52000"),
    (round_(2), "123456789012345", "123456789012345"),
    (round_(0), "99999999999999.9", "100000000000000"),
    (round_(-1), "999999999999999", None),
    (round_(-3), 52500, 52000),
    (round_(-3), -53500, -54000),
    (round_(0), 52300, 52300),
    (round_(5), 52300, 52300),
    (round_(-1), 2**63 - 1, None),
    (round_(-15), 5, 0),
    (round_(2), "text", None),
    (round_(2), "9" * 40, None),
    (round_(2), "1e3", None),
    (round_(2), True, None),
    (table(COUNTRY), "Bonn", "Europe"),
    (table(COUNTRY), "Europe", "Europe"),
    (table(COUNTRY), "Paris", None),
    (table(COUNTRY), True, "on"),
    (table(COUNTRY), False, None),
    (table(COUNTRY), 5, "few"),
    (table(COUNTRY), "a", None),
    (table(COUNTRY), "c", "c"),
    (table({}), "Paris", None),
]

FUNCTIONS = st.one_of(
    st.just(year),
    st.integers(1, 20).map(year_band),
    st.integers(1, 10**15).map(year_band),
    st.integers(1, 20).map(band),
    st.integers(1, 10**15).map(band),
    st.integers(1, 5).map(prefix),
    st.integers(-15, 15).map(round_),
    st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefgXYZ")).map(table),
)


@pytest.mark.parametrize(("function", "value", "general"), EXAMPLES)
def test_examples(function, value, general):
    result = function(value)
    assert result == general
    assert type(result) is type(general)


@given(function=FUNCTIONS, value=anything | st.sampled_from("abcdefgXYZ"))
def test_is_total_and_gives_itself_back(function, value):
    general = function(value)
    assert general is None or type(general) in {str, int}
    assert function(general) == general
    assert function(None) is None


@given(text=dates | datetimes, width=st.integers(1, 10_000))
def test_the_year_lies_in_its_band(text, width):
    assert year(text) == text[:4]
    general = year_band(width)(text)
    low, high = general.split("-")
    assert len(low) == len(high) == 4
    assert int(low) <= int(text[:4]) <= int(high) <= 9999
    assert int(low) % width == 0
    assert int(high) == min(int(low) + width - 1, 9999)


@given(value=integers | decimals, width=st.integers(1, 10**15))
def test_the_number_lies_in_its_band(value, width):
    low, _, high = (
        band(width)(value).partition("-") if (exact := Decimal(value)) >= 0 else _negative(band(width)(value))
    )
    with localcontext(prec=60):
        assert int(low) <= exact < int(low) + width
    assert int(low) % width == 0
    assert int(high) == int(low) + width - 1


def _negative(text):
    low, dash, high = text[1:].partition("-")
    return f"-{low}", dash, high


@given(value=st.integers(-(2**62), 2**62), step=st.integers(0, 2_000), width=st.integers(1, 1_000))
def test_numbers_of_one_band_and_only_those_look_alike(value, step, width):
    same = value // width == (value + step) // width
    assert (band(width)(value) == band(width)(value + step)) is same
    assert band(width)(value) == band(width)(f"{value // width * width}.00")


@given(value=decimals, digits=st.integers(-15, 15))
def test_rounding_is_exact_and_stays_a_decimal(value, digits):
    general = round_(digits)(value)
    with localcontext(prec=60):
        nearest = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    if general is None:
        assert len(str(abs(int(nearest)))) > 15
        return
    assert Decimal(general) == nearest
    assert "-0" not in general or nearest
    if Decimal(value) or value[0] != "-":
        assert coerce(Type.DECIMAL, general) == general
        assert general == value or len(general.partition(".")[2]) == max(digits, 0)


@given(value=integers, digits=st.integers(-15, 15))
def test_rounding_an_integer_keeps_an_integer(value, digits):
    general = round_(digits)(value)
    if general is None:
        assert abs(value) > 2**63 - 10**15
    else:
        assert coerce(Type.INTEGER, general) == general
        assert abs(general - value) * 2 <= 10 ** max(-digits, 0)
        assert general % 10 ** max(-digits, 0) == 0


@given(text=canonical_text, more=st.tuples(st.text("abc"), st.text("xyz")), keep=st.integers(1, 5))
def test_a_prefix_tells_the_first_characters_only(text, more, keep):
    assert prefix(keep)("abcde"[:keep] + more[0]) == prefix(keep)("abcde"[:keep] + more[1])
    general = prefix(keep)(text)
    assert general.endswith("*")
    assert unicodedata.is_normalized("NFC", general)
    assert unicodedata.normalize("NFC", text + "*").startswith(general[:-1]) or len(text) > keep
    assert coerce(Type.TEXT, general) == general


@given(
    mapping=st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefgXYZ")), key=st.sampled_from("abcdefg")
)
def test_a_table_gives_the_most_general_or_nothing(mapping, key):
    seen = [key]
    while (above := mapping.get(seen[-1])) is not None and above not in seen:
        seen.append(above)
    circle = above is not None and above != seen[-1]
    named = key in mapping or key in mapping.values()
    assert table(mapping)(key) == (seen[-1] if named and not circle else None)
