"""Conditions and order on the output of a view: into SQL where the store can judge, else kept for after unsealing.

INVARIANT: a column that the view does not have, or that the plan makes null for everyone, gives the same error as a
column that does not exist, to the byte; the error names the columns there are, never the one that was asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, bindparam, false, func, not_, null, or_, select, true, and_
from sqlalchemy.sql.expression import ColumnElement, FromClause

from cdp.catalogue.model import Entity
from cdp.errors import BadInput
from cdp.shapes.values import coercer
from cdp.store.columns import STORED, TEXT
from cdp.store.platform import IDENTIFIER, WORD
from cdp.terms import Shape, Type, Value
from views.conditions import Comparison, Condition, Group, Op, comparisons
from views.dialects import Many, Matches, MemberOf, Number, Pattern
from views.plan import ROW, Column, Parameter
from views.request import Order

_ORDERED = {
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


@dataclass(frozen=True, slots=True)
class BlindWords:
    """A bound text; the vault turns it into a list of the blind tokens of its words."""

    entity: str
    field: str
    text: str


@dataclass
class Where:
    """The conditions of one request, compiled: `sql` joined by and, `late` the positions of those that wait, `parameters` in order."""

    sql: list[ColumnElement[bool]] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)


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
    where: tuple[Condition, ...], columns: tuple[Column, ...], source: FromClause, entity: Entity
) -> Where:
    """Compile all conditions, each at its place: `source` is the view's output, so nothing else can be asked about."""
    found, number = Where(), 0
    for index, condition in enumerate(where):
        inside = tuple(comparisons((condition,)))
        shown = [
            _allowed(each, visible(columns, each.column, f"where[{index}]"), entity, f"where[{index}]")
            for each in inside
        ]
        counter = iter(range(number, number + len(inside)))
        if any(column.segment for column in shown):
            found.late.append(index)
            found.sql += _narrowed(condition, shown[0], source, entity, found, number)
        else:
            by_name = {column.name: column for column in shown}
            found.sql.append(_sql(condition, by_name, source, counter, found, f"where[{index}]"))
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
    if op is Op.FTS and not (column.segment and _is_clear(column) and entity.fields[column.name].search):
        raise BadInput("bad_condition", "only a clear column with `search: words` takes `fts`", path=path)
    return column


def _is_clear(column: Column) -> bool:
    return column.decision is not None and column.decision.shape is Shape.CLEAR


def _narrowed(
    condition: Condition, column: Column, source: FromClause, entity: Entity, found: Where, number: int
) -> Iterator[ColumnElement[bool]]:
    """Yield what the blind indexes can say about a late condition: rows beyond it cannot match."""
    if isinstance(condition, Group) or condition.negated or not _is_clear(column):
        return
    spec = entity.fields[column.name]
    name, field_name = f"p{number}", column.name
    if condition.op in (Op.EQ, Op.IN) and spec.identifier:
        kind = spec.identifier
        found.parameters.append(Parameter(name, number, lambda texts: Blind(entity.name, kind, texts)))
        table = IDENTIFIER
        mine = and_(table.c.entity == _constant(entity.name), table.c.kind == _constant(kind))
        rows = select(table.c.row_id).where(mine, MemberOf(table.c.token, bindparam(name), Type.TEXT))
        yield source.c[ROW].in_(rows)
    elif condition.op is Op.FTS:
        found.parameters.append(Parameter(name, number, lambda texts: BlindWords(entity.name, field_name, texts[0])))
        table = WORD
        mine = and_(table.c.entity == _constant(entity.name), table.c.field == _constant(field_name))
        rows = select(table.c.row_id).where(mine, MemberOf(table.c.token, bindparam(name), Type.TEXT))
        yield source.c[ROW].in_(rows)


def _sql(
    condition: Condition,
    by_name: Mapping[str, Column],
    source: FromClause,
    counter: Iterator[int],
    found: Where,
    path: str,
) -> ColumnElement[bool]:
    if isinstance(condition, Group):
        members = [_sql(member, by_name, source, counter, found, path) for member in condition.members]
        joined = and_(*members) if condition.join == "and" else or_(*members)
        return not_(joined) if condition.negated else joined
    number, column = next(counter), by_name[condition.column]
    test = _comparison(condition, column, source.c[column.name], number, found, path)
    return not_(test) if condition.negated else test


def _comparison(
    condition: Comparison, column: Column, cell: ColumnElement[Any], number: int, found: Where, path: str
) -> ColumnElement[bool]:
    op, name, bind = condition.op, f"p{number}", operand(column, path)
    if op is Op.IS:
        return _is(condition.operands[0], cell)
    if op is Op.IN:
        found.parameters.append(Parameter(name, number, lambda texts: Many(tuple(bind(text) for text in texts))))
        return MemberOf(cell, bindparam(name), column.type)
    if op in (Op.LIKE, Op.ILIKE):
        folded = op is Op.ILIKE
        found.parameters.append(
            Parameter(name, number, lambda texts: Pattern(ascii_lower(texts[0]) if folded else texts[0]))
        )
        return Matches(func.lower(cell) if folded else cell, bindparam(name, type_=TEXT))
    found.parameters.append(Parameter(name, number, lambda texts: bind(texts[0])))
    value: BindParameter[Any] = bindparam(name, type_=STORED[column.type])
    result: ColumnElement[bool] = _ORDERED[op](_comparable(cell, column.type), _comparable(value, column.type))
    return result


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


def _constant(text: str) -> ColumnElement[str]:
    """A name of the catalogue as a literal; names are `[a-z0-9_]+`, so it needs no quoting of its own."""
    return bindparam(None, text, type_=TEXT, literal_execute=False)


def ascii_lower(text: str) -> str:
    """Fold as both engines' `lower()` does under the C collation: ASCII letters only."""
    return "".join(char.lower() if "A" <= char <= "Z" else char for char in text)
