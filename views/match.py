"""Conditions and order on values that were just unsealed, with SQL's three-valued logic.

Design section 4: over at most 10,000 rows. Every test gives True, False or None (unknown), as the engines do.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from cdp.terms import Type, Value
from cdp.vault.words import query_words, stored_words
from views.conditions import Comparison, Condition, Group, Op
from views.dialects import Pattern
from views.plan import Column
from views.request import Order
from views.where import ascii_lower, operand

Row = Sequence[Value]
Test = Callable[[Row], bool | None]


def matcher(conditions: Sequence[Condition], columns: Sequence[Column]) -> Callable[[Row], bool]:
    """Return a test of one row: whether every condition is true.

    Raises:
        BadInput: an operand does not fit its column.
    """
    places = {column.name: (index, column) for index, column in enumerate(columns)}
    tests = [_test(condition, places) for condition in conditions]
    return lambda row: all(test(row) is True for test in tests)


def sorter(order: Sequence[Order], columns: Sequence[Column]) -> Callable[[Row], Any]:
    """Return a sort key for rows."""
    places = {column.name: (index, column) for index, column in enumerate(columns)}

    def compare(left: Row, right: Row) -> int:
        for each in order:
            index, column = places[each.column]
            a, b = _typed(left[index], column.type), _typed(right[index], column.type)
            if a is None or b is None:
                if (a is None) != (b is None):
                    return -1 if (a is None) == each.nulls_first else 1
                continue
            if a != b:
                return -1 if (a < b) != each.descending else 1
        return 0

    return cmp_to_key(compare)


def _test(condition: Condition, places: dict[str, tuple[int, Column]]) -> Test:
    if isinstance(condition, Group):
        tests = [_test(member, places) for member in condition.members]
        joined = _all(tests) if condition.join == "and" else _any(tests)
        return _not(joined) if condition.negated else joined
    index, column = places[condition.column]
    test = _compare(condition, column)

    def by_row(row: Row) -> bool | None:
        return test(row[index])

    return _not(by_row) if condition.negated else by_row


def _compare(condition: Comparison, column: Column) -> Callable[[Value], bool | None]:
    op, texts = condition.op, condition.operands
    if op is Op.IS:
        wanted: Value = {"null": None, "true": True, "false": False}.get(texts[0])
        return (lambda value: value is not None) if texts[0] == "not_null" else (lambda value: value is wanted)
    if op in (Op.LIKE, Op.ILIKE):
        return _pattern(texts[0], folded=op is Op.ILIKE)
    if op is Op.FTS:
        asked = frozenset(query_words(texts[0]))
        return lambda value: None if value is None else bool(asked) and asked <= frozenset(stored_words(str(value)))
    bind = operand(column, "where")
    values = [_typed(bind(text), column.type) for text in texts]
    if op is Op.IN:
        return _member(values, column.type)
    compare = _ORDERED[op]
    wanted_value = values[0]
    return lambda value: (
        None if value is None or wanted_value is None else compare(_typed(value, column.type), wanted_value)
    )


_ORDERED: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: lambda left, right: bool(left == right),
    Op.NEQ: lambda left, right: bool(left != right),
    Op.GT: lambda left, right: bool(left > right),
    Op.GTE: lambda left, right: bool(left >= right),
    Op.LT: lambda left, right: bool(left < right),
    Op.LTE: lambda left, right: bool(left <= right),
}


def _member(values: Sequence[Any], type_: Type) -> Callable[[Value], bool | None]:
    """As SQL has it: nothing is in an empty list; in a list with an unknown member, what is not found is unknown."""
    known = [value for value in values if value is not None]
    missing = None if len(known) < len(values) else False

    def test(value: Value) -> bool | None:
        if not values:
            return False
        return None if value is None else _typed(value, type_) in known or missing

    return test


def _pattern(text: str, *, folded: bool) -> Callable[[Value], bool | None]:
    regex = Pattern(ascii_lower(text) if folded else text).as_regex()
    fold: Callable[[str], str] = ascii_lower if folded else str
    return lambda value: None if value is None else regex.fullmatch(fold(str(value))) is not None


def _typed(value: Value, type_: Type) -> Any:
    return Decimal(value) if type_ is Type.DECIMAL and isinstance(value, str) else value


def _all(tests: list[Test]) -> Test:
    def test(row: Row) -> bool | None:
        found = [each(row) for each in tests]
        return False if False in found else None if None in found else True

    return test


def _any(tests: list[Test]) -> Test:
    def test(row: Row) -> bool | None:
        found = [each(row) for each in tests]
        return True if True in found else None if None in found else False

    return test


def _not(test: Test) -> Test:
    def negated(row: Row) -> bool | None:
        found = test(row)
        return None if found is None else not found

    return negated
