"""Conditions as callers write them: PostgREST's horizontal filtering, parsed into a tree.

Grammar: `col=op.value`, `col=not.op.value`, `and=(…)`, `or=(…)`, `not.and=(…)`; inside the parentheses `col.op.value`.
Operators: eq neq gt gte lt lte in is like ilike fts (https://postgrest.org, "Tables and Views"). Operands stay text
here; what they mean depends on the type of the column that the view shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from cdp.errors import BadInput

MAX_CONDITIONS = 100
MAX_DEPTH = 8
MAX_ITEMS = 1_000
MAX_OPERAND = 1_000


class Op(StrEnum):
    """The comparison operators."""

    EQ = "eq"
    NEQ = "neq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    IS = "is"
    LIKE = "like"
    ILIKE = "ilike"
    FTS = "fts"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`column op operands`, possibly negated. `is` has one word as its operand, `in` has many."""

    column: str
    op: Op
    operands: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by `and` or `or`, possibly negated."""

    join: Literal["and", "or"]
    members: tuple["Condition", ...]
    negated: bool = False


Condition = Comparison | Group


def parse_conditions(pairs: list[tuple[str, str]]) -> tuple[Condition, ...]:
    """Parse `(name, value)` pairs; all of them must hold.

    Raises:
        BadInput: `bad_condition`, with the position of the pair as `where[n]`.
    """
    found = tuple(_parse_pair(name, value, f"where[{index}]") for index, (name, value) in enumerate(pairs))
    if sum(1 for _ in comparisons(found)) > MAX_CONDITIONS:
        raise BadInput("bad_condition", f"more than {MAX_CONDITIONS} conditions", path="where")
    return found


def comparisons(conditions: tuple[Condition, ...]) -> Iterator[Comparison]:
    """Yield every comparison of a tree in the order in which it is written."""
    for condition in conditions:
        if isinstance(condition, Group):
            yield from comparisons(condition.members)
        else:
            yield condition


def outline(condition: Condition) -> Condition:
    """Return the tree without its operands: what the log may know, and what a compiled statement depends on."""
    if isinstance(condition, Group):
        return Group(condition.join, tuple(outline(member) for member in condition.members), condition.negated)
    kept = condition.operands if condition.op is Op.IS else ()
    return Comparison(condition.column, condition.op, kept, condition.negated)


def format_outline(condition: Condition) -> str:
    """Write a tree without its operands, as `or(email.eq,not.loyalty.in)`."""
    sign = "not." if condition.negated else ""
    if isinstance(condition, Group):
        return f"{sign}{condition.join}({','.join(format_outline(member) for member in condition.members)})"
    word = f".{condition.operands[0]}" if condition.op is Op.IS else ""
    return f"{sign}{condition.column}.{condition.op}{word}"


def parse_outline(text: str) -> Condition:
    """Return the tree that `format_outline` wrote, without operands."""
    negated, rest = text.startswith("not."), text.removeprefix("not.")
    for join in ("and", "or"):
        if rest.startswith(f"{join}("):
            members = tuple(parse_outline(part) for part in _split(rest[len(join) + 1 : -1], "where"))
            return Group("or" if join == "or" else "and", members, negated)
    column, op, *word = rest.split(".")
    return Comparison(column, Op(op), tuple(word), negated)


def _parse_pair(name: str, value: str, path: str) -> Condition:
    negated = name.startswith("not.") and name[4:] in ("and", "or")
    join = name.removeprefix("not.") if negated else name
    if join in ("and", "or"):
        if not (value.startswith("(") and value.endswith(")")):
            raise _bad(path, "a group is written `(…,…)`")
        return _group(join, value[1:-1], path, 1, negated=negated)
    return _comparison(name, value, path)


def _group(join: str, inner: str, path: str, depth: int, *, negated: bool) -> Group:
    if depth > MAX_DEPTH:
        raise _bad(path, f"groups are nested deeper than {MAX_DEPTH}")
    members = tuple(_member(part, path, depth) for part in _split(inner, path))
    if not members:
        raise _bad(path, "a group is empty")
    return Group("or" if join == "or" else "and", members, negated)


def _member(part: str, path: str, depth: int) -> Condition:
    negated = part.startswith("not.")
    rest = part.removeprefix("not.")
    for join in ("and", "or"):
        if rest.startswith(f"{join}(") and rest.endswith(")"):
            return _group(join, rest[len(join) + 1 : -1], path, depth + 1, negated=negated)
    column, dot, value = part.partition(".")
    if not dot:
        raise _bad(path, "a condition in a group is written `column.op.value`")
    return _comparison(column, value, path, quoted=True)


def _comparison(column: str, value: str, path: str, *, quoted: bool = False) -> Comparison:
    negated = value.startswith("not.")
    word, dot, operand = value.removeprefix("not.").partition(".")
    word = {"plfts": "fts"}.get(word, word)
    if not column or not dot or word not in Op.__members__.values():
        raise _bad(path, "a condition is written `column=op.value` with op one of " + ", ".join(Op))
    return Comparison(column, Op(word), _operands(Op(word), operand, path, quoted=quoted), negated)


def _operands(op: Op, text: str, path: str, *, quoted: bool) -> tuple[str, ...]:
    if op is Op.IS:
        if text.lower() not in ("null", "not_null", "true", "false", "unknown"):
            raise _bad(path, "`is` takes null, not_null, true, false or unknown")
        return ({"unknown": "null"}.get(text.lower(), text.lower()),)
    if op is Op.IN:
        if not (text.startswith("(") and text.endswith(")")):
            raise _bad(path, "`in` takes a list, `(a,b)`")
        operands = tuple(_unquote(part, path) for part in _split(text[1:-1], path))
        if len(operands) > MAX_ITEMS:
            raise _bad(path, f"a list has more than {MAX_ITEMS} members")
    else:
        operands = (_unquote(text, path) if quoted else text,)
    if any(len(operand) > MAX_OPERAND or "\0" in operand or not _encodable(operand) for operand in operands):
        raise _bad(path, f"a value is longer than {MAX_OPERAND} characters, or is not text")
    if op in (Op.LIKE, Op.ILIKE) and _trailing_escape(operands[0]):
        raise _bad(path, "a pattern may not end in a lone backslash")
    return operands


def split_outside(text: str) -> list[str]:
    """Split at commas that stand outside quotes and parentheses.

    Raises:
        BadInput: `bad_select`.
    """
    try:
        return _split(text, "select")
    except BadInput as error:
        raise BadInput("bad_select", error.message, path="select") from None


def _split(text: str, path: str) -> list[str]:
    """Split at commas that stand outside quotes and parentheses."""
    parts, depth, quoted, start, index = [], 0, False, 0, 0
    while index < len(text):
        char = text[index]
        if quoted and char == "\\":
            index += 1
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "()":
            depth += 1 if char == "(" else -1
            if depth < 0:
                raise _bad(path, "the parentheses do not match")
        elif not quoted and depth == 0 and char == ",":
            parts.append(text[start:index])
            start = index + 1
        index += 1
    if quoted or depth:
        raise _bad(path, "the quotes or parentheses do not match")
    return [*parts, text[start:]] if text else []


def _unquote(text: str, path: str) -> str:
    if not text.startswith('"'):
        return text
    if len(text) < 2 or not text.endswith('"'):
        raise _bad(path, "the quotes do not match")
    plain, escaped = [], False
    for char in text[1:-1]:
        if char == "\\" and not escaped:
            escaped = True
            continue
        plain.append(char)
        escaped = False
    return "".join(plain)


def _trailing_escape(pattern: str) -> bool:
    return (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bad(path: str, message: str) -> BadInput:
    return BadInput("bad_condition", message, path=path)
