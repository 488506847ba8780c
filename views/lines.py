"""Reading a plan as lines of JSON that the database makes.

Where every cell stands in a column and nothing waits for unsealing, no row need ever become objects of this program:
the statement gives each row as one text (measured: as fast as fetching the bare columns, and three times as fast as
making the text here). What is read, in which chunks, and what the log says of it is the same as for any other reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from audit.passage import Chunk
from cdp.store.statement import Statement
from cdp.terms import Type
from views.plan import KEY, SUBJECT, Plan, Template
from views.run import ViewReading

MAX_COLUMNS: Final = 50
"""A function of either engine takes a hundred arguments at least, and a column is two."""


@dataclass(frozen=True, slots=True)
class Lines(Sequence[Any]):
    """The rows of a chunk as lines of JSON, each with its end."""

    number: int
    data: bytes

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, index: Any) -> Any:
        """Return a line; those who want rows read them by another reading."""
        return self.data.splitlines()[index]


def gives_lines(plan: Plan) -> bool:
    """Return whether a plan can be read so, or as columns."""
    template, request = plan.template, plan.request
    waits = template.segments or template.late or template.late_order or request.keeps_row
    return not waits and not request.order and not request.offset and len(template.columns) <= MAX_COLUMNS


class LinesReading(ViewReading):
    """One read of a view, whose chunks are `Lines`."""

    @property
    def _following(self) -> Statement:
        return _statement(self._template, self._dialect)

    def _by_key(self, conn: Connection, position: object | None) -> Chunk:
        found, take = self._found(conn, position)
        if not found:
            return Chunk((), (), None)
        keys, subjects, lines = zip(*found, strict=True)
        self.last = keys[-1]
        if self._left is not None:
            self._left -= len(found)
        more = len(found) == take and self._left != 0
        about = () if self._plan.request.release is not None else subjects
        return Chunk(Lines(len(found), "\n".join((*lines, "")).encode()), about, keys[-1] if more else None)


class JsonLine(ColumnElement[str]):
    """A row as one text: its columns by name, as a program would write them.

    Truth values, which SQLite stores as numbers, and JSON, which is stored as text, come out as what they are.
    """

    inherit_cache = False
    type = Text()

    def __init__(self, columns: Sequence[tuple[str, ColumnElement[Any], Type]]) -> None:
        self.columns = columns


@compiles(JsonLine, "sqlite")
def _on_sqlite(element: JsonLine, compiler: SQLCompiler, **kw: Any) -> str:
    parts = []
    for name, column, type_ in element.columns:
        text = compiler.process(column, **kw)
        if type_ is Type.BOOLEAN:
            text = f"json(CASE WHEN {text} THEN 'true' WHEN {text} IS NOT NULL THEN 'false' END)"
        parts += [f"'{name}'", f"json({text})" if type_ is Type.JSON else text]
    return f"json_object({', '.join(parts)})"


@compiles(JsonLine)
def _on_postgresql(element: JsonLine, compiler: SQLCompiler, **kw: Any) -> str:
    parts = []
    for name, column, type_ in element.columns:
        text = compiler.process(column, **kw)
        text = f"CAST({text} AS json)" if type_ is Type.JSON else text
        parts.append(f"{text} AS {compiler.preparer.quote_identifier(name)}")
    return f"CAST((SELECT row_to_json(_line) FROM (SELECT {', '.join(parts)}) AS _line) AS TEXT)"  # noqa: S608 (ours)


def following(template: Template, *what: ColumnElement[Any]) -> Select[Any]:
    """Select the key, the customer and what else is wanted of the next rows after `:after`, in the order of keys."""
    c = template.source.c
    rows = template.rows.with_only_columns(c[KEY], c[SUBJECT], *what)
    after = bindparam("after", type_=c[KEY].type)
    return rows.where(c[KEY] > after).order_by(c[KEY]).limit(bindparam("take"))


def _lines(template: Template) -> Select[Any]:
    c = template.source.c
    line = JsonLine([(each.name, c[each.name], each.type) for each in template.columns])
    return following(template, line.label("_line"))


def _statement(template: Template, dialect: str) -> Statement:
    found = template.statements.get(("lines", dialect))
    if found is None:
        found = template.statements["lines", dialect] = Statement(_lines(template), dialect)
    return found
