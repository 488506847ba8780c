"""The conditions that SQLite and PostgreSQL write differently: membership in a list, patterns, numbers.

A plan's statement names neither engine; these constructs compile for each, and `adapt` turns a bound value into what
that engine's driver takes.
"""

import re
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BindParameter, ColumnElement, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean, Numeric

from cdp.terms import Type, Value


@dataclass(frozen=True, slots=True)
class Many:
    """A bound list: `text[]` or `bigint[]` on PostgreSQL, a JSON array on SQLite."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A bound pattern as written: `*` or `%` for any run, `_` for any one character, backslash before a literal."""

    text: str

    def tokens(self) -> list[str | None]:
        """Return literal characters, `""` for any one character and None for any run."""
        found: list[str | None] = []
        escaped = False
        for char in self.text:
            if escaped:
                found.append(char)
                escaped = False
            elif char == "\\":
                escaped = True
            else:
                found.append({"*": None, "%": None, "_": ""}.get(char, char))
        return found

    def as_like(self) -> str:
        """Write it for PostgreSQL's LIKE."""
        return self._write("%", "_", lambda char: f"\\{char}" if char in "\\%_" else char)

    def as_glob(self) -> str:
        """Write it for SQLite's GLOB, which minds case where its LIKE does not."""
        return self._write("*", "?", lambda char: f"[{char}]" if char in "*?[" else char)

    def as_regex(self) -> re.Pattern[str]:
        """Write it for values that are matched after unsealing.

        Each run and what follows it is one atomic group: the first place where that fits is as good as any later one,
        and no pattern can make the search go through all the ways to divide a text.
        """
        first, *rest = self._write("\0", ".", re.escape).split("\0")
        if not rest:
            return re.compile(first, re.DOTALL)
        *middle, last = rest
        return re.compile(first + "".join(f"(?>.*?{part})" for part in middle if part) + f".*{last}", re.DOTALL)

    def _write(self, run: str, one: str, literal: Any) -> str:
        return "".join(run if token is None else one if token == "" else literal(token) for token in self.tokens())


class MemberOf(ColumnElement[bool]):
    """`column` is one of a bound list; decimals, which are stored as text, compare as numbers."""

    inherit_cache = False
    type = Boolean()
    # Without this SQLAlchemy writes `(...) = 1` on SQLite, which no index can serve.
    _is_implicitly_boolean = True

    def __init__(self, column: ColumnElement[Any], values: BindParameter[Any], type_: Type) -> None:
        self.column = column
        self.values = values
        self.type_ = type_


class AmongFew(ColumnElement[bool]):
    """`column` is one of the few numbers that a query gives, which looks at nothing of the row.

    PostgreSQL is given them as an array, which it reads once: of a join it might think that sorting the whole table is
    quicker than reading the next rows in their order.
    """

    inherit_cache = False
    type = Boolean()
    # Without this SQLAlchemy writes `(...) = 1` on SQLite.
    _is_implicitly_boolean = True

    def __init__(self, column: ColumnElement[Any], query: Select[Any]) -> None:
        self.column = column
        self.query = query.scalar_subquery()


class Matches(ColumnElement[bool]):
    """`column` matches a bound pattern, minding case."""

    inherit_cache = False
    type = Boolean()
    # Without this SQLAlchemy writes `(...) = 1` on SQLite, which no index can serve.
    _is_implicitly_boolean = True

    def __init__(self, column: ColumnElement[Any], pattern: BindParameter[Any]) -> None:
        self.column = column
        self.pattern = pattern


class Number(ColumnElement[Any]):
    """A decimal as a number: NUMERIC on PostgreSQL; on SQLite REAL, exact for the 15 digits that a decimal may have."""

    inherit_cache = False
    type = Numeric()

    def __init__(self, text: ColumnElement[Any]) -> None:
        self.text = text


def adapt(value: Any, dialect: str) -> Any:
    """Return a bound value as the driver of an engine takes it."""
    if isinstance(value, Many):
        return orjson.dumps(value.values).decode() if dialect == "sqlite" else list(value.values)
    if isinstance(value, Pattern):
        return value.as_glob() if dialect == "sqlite" else value.as_like()
    return value


@compiles(MemberOf, "sqlite")
def _member_sqlite(element: MemberOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    if element.type_ is Type.DECIMAL:
        column, value = f"CAST({column} AS REAL)", "CAST(value AS REAL)"
    else:
        value = "value"
    return f"{column} IN (SELECT {value} FROM json_each({values}))"  # noqa: S608 (all compiled by SQLAlchemy)


@compiles(MemberOf)
def _member(element: MemberOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    if element.type_ is Type.DECIMAL:
        return f"CAST({column} AS NUMERIC) = ANY (CAST({values} AS NUMERIC[]))"
    array = {Type.INTEGER: "BIGINT[]", Type.BOOLEAN: "BOOLEAN[]"}.get(element.type_, "TEXT[]")
    return f"{column} = ANY (CAST({values} AS {array}))"


@compiles(AmongFew, "sqlite")
def _among_sqlite(element: AmongFew, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} IN {compiler.process(element.query, **kw)}"


@compiles(AmongFew)
def _among(element: AmongFew, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY (ARRAY{compiler.process(element.query, **kw)})"


@compiles(Matches, "sqlite")
def _matches_sqlite(element: Matches, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.column, **kw)} GLOB {compiler.process(element.pattern, **kw)})"


@compiles(Matches)
def _matches(element: Matches, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.column, **kw)} LIKE {compiler.process(element.pattern, **kw)})"


@compiles(Number, "sqlite")
def _number_sqlite(element: Number, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST({compiler.process(element.text, **kw)} AS REAL)"


@compiles(Number)
def _number(element: Number, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST({compiler.process(element.text, **kw)} AS NUMERIC)"
