"""Canonical values: what is taken, what is refused, and that a refusal never says what was entered."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from cdp.errors import BadInput
from cdp.shapes.values import DECIMAL_DIGITS, JSON_DEPTH, TEXT_SIZE, coerce, coercer, significant
from cdp.terms import Type
from tests.shapes.texts import any_text, anything, canonical_text, dates, datetimes, decimals, integers, json_values

CHOICES = ("gold", "silver", "none")

TAKEN = [
    (Type.TEXT, " a ", " a "),
    (Type.TEXT, "王\u200d👩", "王\u200d👩"),
    (Type.TEXT, "x" * TEXT_SIZE, "x" * TEXT_SIZE),
    (Type.INTEGER, "42", 42),
    (Type.INTEGER, 42, 42),
    (Type.INTEGER, "+007", 7),
    (Type.INTEGER, "-9223372036854775808", -(2**63)),
    (Type.INTEGER, 2**63 - 1, 2**63 - 1),
    (Type.INTEGER, "-0", 0),
    (Type.DECIMAL, "129.90", "129.90"),
    (Type.DECIMAL, "-129.90", "-129.90"),
    (Type.DECIMAL, 129, "129"),
    (Type.DECIMAL, -129, "-129"),
    (Type.DECIMAL, 129.9, "129.9"),
    (Type.DECIMAL, 1e-7, "0.0000001"),
    (Type.DECIMAL, -0.0, "0.0"),
    (Type.DECIMAL, "1E3", "1000"),
    (Type.DECIMAL, "1.50e1", "15.0"),
    (Type.DECIMAL, "-0", "0"),
    (Type.DECIMAL, "-0.00", "0.00"),
    (Type.DECIMAL, "+007.50", "7.50"),
    (Type.DECIMAL, ".5", "0.5"),
    (Type.DECIMAL, "5.", "5"),
    (Type.DECIMAL, "123456789012345", "123456789012345"),
    (Type.DECIMAL, "0.000000000012345", "0.000000000012345"),
    (Type.BOOLEAN, True, True),
    (Type.BOOLEAN, "TRUE", True),
    (Type.BOOLEAN, "yes", True),
    (Type.BOOLEAN, "1", True),
    (Type.BOOLEAN, False, False),
    (Type.BOOLEAN, "False", False),
    (Type.BOOLEAN, "No", False),
    (Type.BOOLEAN, "0", False),
    (Type.DATE, "0001-01-01", "0001-01-01"),
    (Type.DATE, "2024-02-29", "2024-02-29"),
    (Type.DATE, "9999-12-31", "9999-12-31"),
    (Type.DATETIME, "2024-05-01T10:00:00+00:00", "2024-05-01T10:00:00+00:00"),
    (Type.DATETIME, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00+00:00"),
    (Type.DATETIME, "2024-05-01 10:00", "2024-05-01T10:00:00+00:00"),
    (Type.DATETIME, "2024-05-01", "2024-05-01T00:00:00+00:00"),
    (Type.DATETIME, "2024-05-01T10:00:00.5-0130", "2024-05-01T11:30:00.500000+00:00"),
    (Type.DATETIME, "2024-05-01T00:30:00+02", "2024-04-30T22:30:00+00:00"),
    (Type.DATETIME, "2024-05-01T10:00:00,123456789Z", "2024-05-01T10:00:00.123456+00:00"),
    (Type.DATETIME, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
    (Type.JSON, '{"a": [1, 2.5, null, true, "x"]}', {"a": [1, 2.5, None, True, "x"]}),
    (Type.JSON, '"42"', "42"),
    (Type.JSON, "null", None),
    (Type.JSON, [1, {"a": "b"}], [1, {"a": "b"}]),
    (Type.JSON, False, False),
    (Type.JSON, "[" * JSON_DEPTH + "]" * JSON_DEPTH, json.loads("[" * JSON_DEPTH + "]" * JSON_DEPTH)),
    (Type.CHOICE, "gold", "gold"),
]

REFUSED = [
    *((Type.TEXT, raw) for raw in (1, True, 1.5, b"x", ["x"], "a\0", "\ud800", "é\udfff", "x" * (TEXT_SIZE + 1))),
    *(
        (Type.INTEGER, raw)
        for raw in (42.0, True, "4 2", " 42", "42\n", "1_000", "４２", "²", "4.0", "1e3", "0x2a", "--1", "+")
    ),
    *((Type.INTEGER, raw) for raw in (2**63, "9223372036854775808", "1" * 5000, -(10**5000), [], {})),
    *((Type.DECIMAL, raw) for raw in ("NaN", "Infinity", "-inf", float("nan"), float("inf"), 0.1 + 0.2, 1e300, True)),
    *(
        (Type.DECIMAL, raw)
        for raw in ("1234567890123456", "1.000000000000000", "1e999", "1e-999", "0." + "0" * 31, "1" * 5000)
    ),
    *(
        (Type.DECIMAL, raw)
        for raw in (10**15, -(10**5000), "1,5", "1_0", "１", " 1", "1\n", ".", "e5", "-", "", [])[:-2]
    ),
    *((Type.BOOLEAN, raw) for raw in (1, 0, 1.0, "t", "on", "true ", "oui", [])),
    *((Type.DATE, raw) for raw in ("2024-5-1", "20240501", "2024-W18-3", "2023-02-29", "0000-01-01", "10000-01-01")),
    *((Type.DATE, raw) for raw in ("2024-05-01T00:00:00", "01.05.2024", "２０２４-05-01", "2024-05-01\n", 20240501)),
    *(
        (Type.DATETIME, raw)
        for raw in ("2024-05-01x10:00:00", "2024-05-01T10", "2024-05-01T24:00:00", "2024-05-01T10:00:60")
    ),
    *(
        (Type.DATETIME, raw)
        for raw in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:30:00-01:00", "2024-02-30T10:00:00Z")
    ),
    *(
        (Type.DATETIME, raw)
        for raw in ("2024-05-01T10:00:00+25:00", "2024-05-01T10:00:00 Europe/Paris", 1714557600, "now")
    ),
    *(
        (Type.JSON, raw)
        for raw in ('{"a": 1, "a": 2}', "NaN", "[Infinity]", "1e999", "{", "'x'", "text", '"\\ud800"', '"\\u0000"')
    ),
    *(
        (Type.JSON, raw)
        for raw in (float("nan"), [float("inf")], {1: 2}, {"a": (1,)}, {"a": {1}}, b"{}", 2**63, "1" * 5000)
    ),
    *(
        (Type.JSON, raw)
        for raw in ("[" * (JSON_DEPTH + 1) + "]" * (JSON_DEPTH + 1), "[" * 99_000, " " * TEXT_SIZE + "1")
    ),
    *((Type.JSON, raw) for raw in ([1] * TEXT_SIZE, {"a": "\0"}, {"\ud800": 1}, ["x" * TEXT_SIZE, "x"])),
    *((Type.CHOICE, raw) for raw in ("Gold", " gold", 1, True, ["gold"], {"gold": 1})),
]


@pytest.mark.parametrize(("type_", "raw", "value"), TAKEN, ids=map(str, range(len(TAKEN))))
def test_takes(type_, raw, value):
    taken = coerce(type_, raw, choices=CHOICES)
    assert taken == value
    assert type(taken) is type(value)


@pytest.mark.parametrize(("type_", "raw"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_refuses(type_, raw):
    with pytest.raises(BadInput) as caught:
        coerce(type_, raw, choices=CHOICES)
    assert caught.value.code == "bad_value"


@pytest.mark.parametrize("type_", Type)
@pytest.mark.parametrize("raw", [None, ""])
def test_nothing_is_a_missing_value(type_, raw):
    assert coerce(type_, raw, choices=CHOICES) is None


def test_a_list_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(BadInput):
        coerce(Type.JSON, endless)


def refusal(type_, raw):
    """The refusal of a value, or None where it is taken."""
    try:
        coerce(type_, raw, choices=CHOICES)
    except BadInput as refused:
        return refused
    return None


@pytest.mark.parametrize("type_", Type)
@given(raw=anything)
def test_gives_a_canonical_value_or_says_what_is_expected(type_, raw):
    if error := refusal(type_, raw):
        assert str(error) == str(refusal(type_, b"another bad value"))  # the same for every value, so it tells of none
        assert error.__context__ is None
        return
    value = coercer(type_, CHOICES)(raw)
    if not (type_ is Type.JSON and isinstance(value, str)):
        assert coerce(type_, value, choices=CHOICES) == value


@pytest.mark.parametrize(
    "raw", ["secret-4711", "4711-99-99", "4711-99-99T99:99:99", '{"secret-4711": NaN}', '{"4711": 1, "4711": 2}']
)
@pytest.mark.parametrize("type_", [type_ for type_ in Type if type_ is not Type.TEXT])
def test_a_refusal_holds_no_value_not_even_in_what_caused_it(type_, raw):
    with pytest.raises(BadInput) as caught:
        coerce(type_, raw, choices=CHOICES)
    error = caught.value
    assert "4711" not in f"{error} {error.args} {error.path} {error.hint}"
    assert error.__context__ is None
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (Type.TEXT, canonical_text),
        (Type.INTEGER, integers),
        (Type.BOOLEAN, st.booleans()),
        (Type.DATE, dates),
        (Type.DATETIME, datetimes),
        (Type.DECIMAL, decimals.filter(lambda text: Decimal(text) or text[0] != "-")),
        (Type.JSON, json_values.filter(lambda value: not isinstance(value, str))),
    ],
)
@given(data=st.data())
def test_a_canonical_value_gives_itself_back(type_, values, data):
    value = data.draw(values)
    assert coerce(type_, value) == value


@given(raw=st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.floats(-1e14, 1e14))
def test_a_decimal_is_the_same_number_in_plain_notation(raw):
    try:
        value = coerce(Type.DECIMAL, str(raw))
    except BadInput:
        assert significant(format(Decimal(str(raw)), "f")) > DECIMAL_DIGITS or abs(raw) < 1e-14
    else:
        assert Decimal(value) == Decimal(str(raw))
        assert set(value) <= set("-.0123456789")
        assert float(value) == float(str(raw))


@given(moments=st.lists(st.datetimes(timezones=st.timezones() | st.just(UTC)), min_size=2))
def test_moments_are_in_utc_and_sorted_as_text_they_are_sorted_in_time(moments):
    known = []
    for moment in moments:
        try:
            known.append((coerce(Type.DATETIME, moment.isoformat(sep=" ")), moment.timestamp()))
        except BadInput:  # out of range in UTC, or an offset with seconds, as before 1900
            assert moment.year in {1, 9999} or moment.utcoffset().seconds % 60
    for text, seconds in known:
        assert text.endswith("+00:00")
        assert datetime.fromisoformat(text).timestamp() == seconds
    assert [seconds for _, seconds in sorted(known)] == sorted(seconds for _, seconds in known)


@given(value=json_values)
def test_json_text_is_read_as_json(value):
    for ascii_only in (True, False):
        assert coerce(Type.JSON, json.dumps(value, ensure_ascii=ascii_only)) == value


@given(text=any_text)
def test_text_is_what_both_databases_can_store(text):
    storable = "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
    try:
        assert coerce(Type.TEXT, text) == (text or None)
        assert storable
    except BadInput:
        assert not storable


def test_few_choices_are_named_and_many_are_not():
    with pytest.raises(BadInput, match=r"^expected one of gold, silver, none$"):
        coerce(Type.CHOICE, "bronze", choices=CHOICES)
    with pytest.raises(BadInput, match=r"^expected one of the choices of the field$"):
        coerce(Type.CHOICE, "bronze", choices=[str(number) for number in range(100)])


def test_a_text_is_as_long_as_its_field_says_and_no_longer():
    name = coercer(Type.TEXT, longest=40)
    assert name("é" * 40) == "é" * 40
    with pytest.raises(BadInput, match=r"^expected text of at most 40 characters, "):
        name("é" * 41)


@pytest.mark.parametrize("raw", [1, True])
def test_a_choice_is_text(raw):
    with pytest.raises(BadInput):
        coerce(Type.CHOICE, raw, choices=["1", "True"])
