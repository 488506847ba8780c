"""Conditions and order on the output of a view: into SQL where the store can judge, else kept for after unsealing.

INVARIANT: a column that the view does not have, or that the plan makes null for everyone, gives the same error as a
column that does not exist, to the byte; the error names the columns there are, never the one that was asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import and_, bindparam, false, func, not_, null, or_, select, true
from sqlalchemy.sql.expression import ColumnElement, FromClause

from cdp.catalogue.model import Entity
from cdp.errors import BadInput
from cdp.shapes.values import coercer
from cdp.store.columns import INTEGER, STORED, TEXT
from cdp.store.platform import IDENTIFIER, WORD
from cdp.terms import Shape, Type, Value
from cdp.vault.identifier import normalise
from cdp.vault.words import query_words
from views.conditions import Comparison, Condition, Group, Op, comparisons
from views.dialects import Many, Matches, MemberOf, Number, Pattern
from views.plan import ROW, SEGMENT_PREFIX, Column, Parameter
from views.request import Order

_ORDERED: dict[Op, Callable[[Any, Any], Any]] = {
    Op.EQ: lambda left, right: left == right,
    Op.NEQ: lambda left, right: left != right,
    Op.GT: lambda left, right: left > right,
    Op.GTE: lambda left, right: left >= right,
    Op.LT: lambda left, right: left < right,
    Op.LTE: lambda left, right: left <= right,
}
_ALLOWED: dict[Type, frozenset[Op]] = {
    Type.JSON: frozenset({Op.IS}),
    Type.BOOLEAN: frozenset({Op.EQ, Op.NEQ, Op.IN, Op.IS}),
    **{type_: frozenset({*_ORDERED, Op.IN, Op.IS}) for type_ in (Type.INTEGER, Type.DECIMAL, Type.DATE, Type.DATETIME)},
    **{type_: frozenset(Op) for type_ in (Type.TEXT, Type.CHOICE)},
}


@dataclass(frozen=True, slots=True)
class Blind:
    """A bound list of identifiers; the vault turns it into a list of blind tokens."""

    entity: str
    kind: str
    texts: tuple[str, ...]

    def is_open(self) -> bool:
        """Whether one of them is a text that no index holds: a blank, or a telephone number without a digit."""
        return any(text and normalise(self.kind, text) is None for text in self.texts)


@dataclass(frozen=True, slots=True)
class BlindWords:
    """A bound text; the vault turns it into a list of the blind tokens of its words."""

    entity: str
    field: str
    text: str


@dataclass
class Where:
    """The conditions of one request, compiled.

    `sql` is joined by and, `late` are the positions of those that wait, `parameters` the bound values in order.
    `late_operands` bind what the late ones compare with, so that what does not fit is refused before anything is read.
    """

    sql: list[ColumnElement[bool]] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    late_operands: list[Parameter] = field(default_factory=list)


def visible(columns: tuple[Column, ...], name: str, path: str) -> Column:
    """Return a column that conditions may name.

    Raises:
        BadInput: `unknown_column`, the same for hidden and for absent.
    """
    shown = {column.name: column for column in columns if not column.hidden}
    if name not in shown:
        raise unknown_column(columns, path)
    return shown[name]


def unknown_column(columns: tuple[Column, ...], path: str) -> BadInput:
    """Return the one error for a column that this reader may not name, hidden or absent."""
    names = ", ".join(column.name for column in columns if not column.hidden)
    return BadInput("unknown_column", "the view shows no such column", path=path, hint=f"it shows {names}")


def compile_where(
    where: tuple[Condition, ...], columns: tuple[Column, ...], source: FromClause, entity: Entity, *, narrow: bool
) -> Where:
    """Compile all conditions, each at its place: `source` is the view's output, so nothing else can be asked about.

    Args:
        narrow: whether late conditions are narrowed by the blind indexes.
    """
    found, number = Where(), 0
    for index, condition in enumerate(where):
        path, inside = f"where[{index}]", tuple(comparisons((condition,)))
        shown = [_allowed(each, visible(columns, each.column, path), entity, path) for each in inside]
        if any(column.segment for column in shown) or any(each.op is Op.FTS for each in inside):
            found.late.append(index)
            found.late_operands += _late_operands(inside, shown, number, path)
            narrowed = _narrowed(condition, shown[0], entity, source, number) if narrow else None
            if narrowed is not None:
                found.sql += narrowed[0]
                found.parameters += narrowed[1]
        else:
            writer = _Writer(source, {column.name: column for column in shown}, number, path)
            found.sql.append(writer.write(condition))
            found.parameters += writer.parameters
        number += len(inside)
    return found


def compile_order(
    order: tuple[Order, ...], columns: tuple[Column, ...], source: FromClause
) -> tuple[tuple[ColumnElement[Any], ...], bool]:
    """Compile the order; the flag says that it waits for unsealing."""
    keys, late = [], False
    for each in order:
        column = visible(columns, each.column, "order")
        if column.type is Type.JSON:
            raise BadInput("bad_order", "json has no order", path="order")
        if column.segment:
            late = True
            continue
        key = _comparable(source.c[column.name], column.type)
        key = key.desc() if each.descending else key.asc()
        keys.append(key.nulls_first() if each.nulls_first else key.nulls_last())
    return tuple(keys), late


def operand(column: Column, path: str) -> Callable[[str], Value]:
    """Return how the text of an operand becomes a value of the column's type.

    Raises (when called):
        BadInput: `bad_condition`, without the operand.
    """
    coerce = coercer(Type.TEXT if column.type is Type.CHOICE else column.type)

    def bind(text: str) -> Value:
        try:
            return coerce(text)
        except BadInput as error:
            raise BadInput("bad_condition", f"the value does not fit the column: {error.message}", path=path) from None

    return bind


def _allowed(comparison: Comparison, column: Column, entity: Entity, path: str) -> Column:
    op = comparison.op
    if op not in _ALLOWED[column.type]:
        raise BadInput("bad_condition", f"a column of type {column.type} takes no `{op}`", path=path)
    if op is Op.IS and comparison.operands[0] in ("true", "false") and column.type is not Type.BOOLEAN:
        raise BadInput("bad_condition", "only a boolean is true or false", path=path)
    if op is Op.FTS and not (_is_clear(column) and entity.fields[column.name].search):
        raise BadInput("bad_condition", "only a clear column with `search: words` takes `fts`", path=path)
    return column


def _is_clear(column: Column) -> bool:
    return column.decision is not None and column.decision.shape is Shape.CLEAR


def _late_operands(inside: tuple[Comparison, ...], shown: list[Column], number: int, path: str) -> Iterator[Parameter]:
    for index, (comparison, column) in enumerate(zip(inside, shown, strict=True), number):
        if comparison.op is Op.IN or comparison.op in _ORDERED:
            yield Parameter(f"p{index}", index, _each(operand(column, path)))


def _each(bind: Callable[[str], Value]) -> Callable[[tuple[str, ...]], Any]:
    return lambda texts: [bind(text) for text in texts]


def _narrowed(
    condition: Condition, column: Column, entity: Entity, source: FromClause, number: int
) -> tuple[list[ColumnElement[bool]], list[Parameter]] | None:
    """Return what the blind indexes can say about one late comparison: rows beyond it cannot match.

    INVARIANT: a withheld cell takes no part, or how many rows are left to open would tell what it holds. Where refused
    rows show another shape instead, no index knows it, and nothing can be said.
    """
    if isinstance(condition, Group) or condition.negated or not _is_clear(column) or column.decision is None:
        return None
    if column.decision.unless and column.decision.otherwise is not None:
        return None
    field, name, words = entity.fields[condition.column], f"p{number}", f"words{number}"
    if condition.op in (Op.EQ, Op.IN) and field.identifier:
        kind, c = field.identifier, IDENTIFIER.c
        mine = and_(c.entity == entity.name, c.kind == kind, MemberOf(c.token, bindparam(name), Type.TEXT))
        rows = select(c.row_id).where(mine)
        parameters = [Parameter(name, number, lambda texts: Blind(entity.name, kind, texts))]
    elif condition.op is Op.FTS:
        w = WORD.c
        mine = and_(w.entity == entity.name, w.field == field.name, MemberOf(w.token, bindparam(name), Type.TEXT))
        # Each word of a text stands there once; a row has to have all that are asked for.
        all_of_them = func.count() == bindparam(words, type_=INTEGER)
        rows = select(w.row_id).where(mine).group_by(w.row_id).having(all_of_them)
        parameters = [
            Parameter(name, number, lambda texts: BlindWords(entity.name, field.name, texts[0])),
            Parameter(words, number, lambda texts: len(query_words(texts[0]))),
        ]
    else:
        return None
    shown = source.c[SEGMENT_PREFIX + column.segment if column.segment else column.name]
    return [source.c[ROW].in_(rows), *([shown.is_not(null())] if column.decision.unless else [])], parameters


class _Writer:
    """Writes one top-level condition, all of whose columns the store can judge, and numbers its parameters."""

    def __init__(self, source: FromClause, columns: Mapping[str, Column], number: int, path: str) -> None:
        self.parameters: list[Parameter] = []
        self._source = source
        self._columns = columns
        self._numbers = count(number)
        self._path = path

    def write(self, condition: Condition) -> ColumnElement[bool]:
        """Return the condition in SQL."""
        if isinstance(condition, Group):
            members = [self.write(member) for member in condition.members]
            test = and_(*members) if condition.join == "and" else or_(*members)
        else:
            test = self._compare(condition, next(self._numbers))
        return not_(test) if condition.negated else test

    def _compare(self, comparison: Comparison, number: int) -> ColumnElement[bool]:
        op, name, column = comparison.op, f"p{number}", self._columns[comparison.column]
        cell = self._source.c[column.name]
        bind = operand(column, self._path)
        if op is Op.IS:
            return _is(comparison.operands[0], cell)
        if op is Op.IN:
            self._bind(number, lambda texts: Many(tuple(bind(text) for text in texts)))
            return MemberOf(cell, bindparam(name), column.type)
        if op is Op.LIKE:
            self._bind(number, lambda texts: Pattern(texts[0]))
            return Matches(cell, bindparam(name, type_=TEXT))
        if op is Op.ILIKE:
            self._bind(number, lambda texts: Pattern(ascii_lower(texts[0])))
            return Matches(func.lower(cell), bindparam(name, type_=TEXT))
        self._bind(number, lambda texts: bind(texts[0]))
        value = bindparam(name, type_=STORED[column.type])
        test: ColumnElement[bool] = _ORDERED[op](_comparable(cell, column.type), _comparable(value, column.type))
        return test

    def _bind(self, number: int, bind: Callable[[tuple[str, ...]], Any]) -> None:
        self.parameters.append(Parameter(f"p{number}", number, bind))


def _is(word: str, cell: ColumnElement[Any]) -> ColumnElement[bool]:
    tests = {
        "null": cell.is_(null()),
        "not_null": cell.is_not(null()),
        "true": cell.is_(true()),
        "false": cell.is_(false()),
    }
    return tests[word]


def _comparable(cell: ColumnElement[Any], type_: Type) -> ColumnElement[Any]:
    return Number(cell) if type_ is Type.DECIMAL else cell


def ascii_lower(text: str) -> str:
    """Fold as both engines' `lower()` does under the C collation: ASCII letters only."""
    return text.encode().lower().decode()  # of bytes, `lower` changes these letters alone
