"""Reading a plan as lines of JSON, where every cell stands in a column and nothing waits for unsealing.

On SQLite the statement gives each row as one text, and no row becomes objects of this program (measured: as fast as
fetching the bare columns, and twice as fast as making the text here). On PostgreSQL the text is made here, a chunk at a
time (measured: its `row_to_json` takes 3 µs a row, this takes 1). What is read, in which chunks, and what the log says
of it is the same as for any other reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
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
        if self._dialect == "sqlite":
            lines, keys, subjects = zip(*found, strict=True)
            data = "\n".join((*lines, "")).encode()
        else:
            keys, subjects = (tuple([row[place] for row in found]) for place in (-2, -1))
            data = _dumped(self._template, found)
        self.last = keys[-1]
        if self._left is not None:
            self._left -= len(found)
        more = len(found) == take and self._left != 0
        about = () if self._plan.request.release is not None else subjects
        return Chunk(Lines(len(found), data), about, keys[-1] if more else None)


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


def _dumped(template: Template, rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as lines; what a row has behind its columns is left out."""
    names = [column.name for column in template.columns]
    bags = [place for place, column in enumerate(template.columns) if column.type is Type.JSON]
    if bags:
        return b"".join([orjson.dumps(_opened(names, bags, row), option=orjson.OPT_APPEND_NEWLINE) for row in rows])
    # One call for all is twice as fast as one for each. Where rows meet is certain: a quote right behind a brace is not
    # escaped, and a name right behind a quote is not behind one that ends a text.
    text = orjson.dumps([dict(zip(names, row, strict=False)) for row in rows])[1:-1]
    first = orjson.dumps(names[0])
    return text.replace(b"},{" + first + b":", b"}\n{" + first + b":") + b"\n"


def _opened(names: Sequence[str], bags: Sequence[int], row: Sequence[Any]) -> dict[str, Any]:
    cells = list(row)
    for place in bags:
        cells[place] = None if cells[place] is None else orjson.loads(cells[place])
    return dict(zip(names, cells, strict=False))


def following(template: Template, *what: ColumnElement[Any]) -> Select[Any]:
    """Select what is wanted, the key and the customer of the next rows after `:after`, in the order of keys."""
    c = template.source.c
    rows = template.rows.with_only_columns(*what, c[KEY], c[SUBJECT])
    after = bindparam("after", type_=c[KEY].type)
    return rows.where(c[KEY] > after).order_by(c[KEY]).limit(bindparam("take"))


def _lines(template: Template, dialect: str) -> Select[Any]:
    c = template.source.c
    if dialect != "sqlite":
        return following(template, *(c[each.name] for each in template.columns))
    line = JsonLine([(each.name, c[each.name], each.type) for each in template.columns])
    return following(template, line.label("_line"))


def _statement(template: Template, dialect: str) -> Statement:
    found = template.statements.get(("lines", dialect))
    if found is None:
        found = template.statements["lines", dialect] = Statement(_lines(template, dialect), dialect)
    return found
