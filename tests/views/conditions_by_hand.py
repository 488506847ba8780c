"""Conditions over plain rows with SQL's three-valued logic: true, false, and None for unknown.

Written from the design and from PostgREST's words for the operators; shares no code with the product.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "neq": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "gte": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "lte": lambda a, b: bool(a <= b),
}
TAKES = {
    "json": {"is"},
    "boolean": {"eq", "neq", "in", "is"},
    **{kind: {*ORDERED, "in", "is"} for kind in ("integer", "decimal", "date", "datetime")},
    **{kind: {*ORDERED, "in", "is", "like", "ilike", "fts"} for kind in ("text", "choice")},
}


class Unknown(Exception):
    """The condition is refused; the code says why."""


def check(condition: Any, types: Mapping[str, str], words: set[str]) -> None:
    """Refuse a condition that the view does not take, whatever rows there are."""
    head, *rest = condition
    if head in ("and", "or"):
        for each in rest[0]:
            check(each, types, words)
        return
    column, operator, *_ = rest
    if column not in types:
        raise Unknown("unknown_column")
    if operator not in TAKES[types[column]] or (operator == "fts" and column not in words):
        raise Unknown("bad_condition")


def holds(condition: Any, row: Mapping[str, Any], types: Mapping[str, str]) -> bool | None:
    """Whether the condition is true of the row, false, or unknown (None)."""
    head, *rest = condition
    if head in ("and", "or"):
        members, negated = rest
        found = [holds(each, row, types) for each in members]
        if head == "and":
            result = False if False in found else None if None in found else True
        else:
            result = True if True in found else None if None in found else False
    else:
        column, operator, operands, negated = rest
        result = compare(row[column], operator, operands, types[column])
    return None if result is None else result != negated


def compare(value: Any, operator: str, operands: Sequence[str], kind: str) -> bool | None:
    if operator == "is":
        return {"null": value is None, "not_null": value is not None, "true": value is True, "false": value is False}[
            operands[0]
        ]
    if operator == "in":
        wanted = [typed(each, kind) for each in operands]
        if not wanted:
            return False
        if value is None:
            return None
        if typed(value, kind) in [each for each in wanted if each is not None]:
            return True
        return None if None in wanted else False
    if value is None:
        return None
    if operator in ("like", "ilike"):
        fold = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
        pattern = operands[0]
        return like(value.translate(fold), pattern.translate(fold)) if operator == "ilike" else like(value, pattern)
    if operator == "fts":
        asked = asked_words(operands[0])
        return bool(asked) and asked <= found_words(value)
    wanted_value = typed(operands[0], kind)
    return None if wanted_value is None else ORDERED[operator](typed(value, kind), wanted_value)


def asked_words(text: str) -> set[str]:
    """The words of a search: in Chinese the pairs of characters, or the one character."""
    words = set()
    for run in runs(text.replace("'", "")):
        words |= {run[at : at + 2] for at in range(len(run) - 1)} if len(run) > 1 and is_chinese(run) else {run}
    return words


def found_words(text: str) -> set[str]:
    """The words that a text is found by: in Chinese single characters, too; each part around an apostrophe, too."""
    words = asked_words(text) | set(runs(text.replace("'", " ")))
    return words | {char for run in runs(text) if is_chinese(run) for char in run}


def runs(text: str) -> list[str]:
    return re.findall(r"[\u4e00-\u9fff]+|[^\W_\u4e00-\u9fff]+", text.lower())


def is_chinese(run: str) -> bool:
    return "\u4e00" <= run[0] <= "\u9fff"


def typed(value: Any, kind: str) -> Any:
    """An operand or a cell as something that compares; the empty operand is no value."""
    if value is None or value == "":
        return None
    if kind == "decimal":
        return Decimal(value)
    if kind == "integer":
        return int(value)
    if kind == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}[value]
    return value


def like(text: str, pattern: str) -> bool:
    """Whether all of the text fits: `*` and `%` any run, `_` any one character, a backslash before a literal one."""
    tokens: list[tuple[str, str]] = []
    rest = iter(pattern)
    for char in rest:
        if char == "\\":
            tokens.append(("one", next(rest)))
        else:
            tokens.append({"*": ("run", ""), "%": ("run", ""), "_": ("any", "")}.get(char, ("one", char)))
    reached = {0}  # how much of the text the tokens so far can have used up
    for what, char in tokens:
        if what == "run":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and (what == "any" or text[at] == char)}
    return len(text) in reached
