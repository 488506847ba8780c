"""`/views` in OpenAPI 3.1: in general, and, for an app that signs in, each of its views with columns and an example."""

from typing import Any, Final

from cdp.api.reading.accept import FORMS
from cdp.bootstrap import InForce
from cdp.services.examples import example_row
from cdp.terms import Type, Value
from views.compile import view_columns
from views.plan import Column
from views.policy import View

Schema = dict[str, Any]

_JSON_TYPES: Final[dict[Type, Schema]] = {
    Type.INTEGER: {"type": ["integer", "null"]},
    Type.BOOLEAN: {"type": ["boolean", "null"]},
    Type.DATE: {"type": ["string", "null"], "format": "date"},
    Type.DATETIME: {"type": ["string", "null"], "format": "date-time"},
    Type.DECIMAL: {"type": ["string", "null"], "pattern": "^-?[0-9]+([.][0-9]+)?$"},
    Type.JSON: {},
}
_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 2**53}


def _parameter(name: str, where: str, description: str, schema: Schema, **others: Any) -> Schema:
    return {"name": name, "in": where, "description": description, "schema": schema, **others}


QUERY: Final = (
    _parameter("select", "query", "columns, `a,b`; `*` for all", _TEXT, example="*"),
    _parameter("order", "query", "`a.desc,b.asc.nullsfirst`", _TEXT),
    _parameter("limit", "query", "at most so many rows", _COUNT, example=10),
    _parameter("offset", "query", "leave out so many rows first", _COUNT),
    _parameter("cursor", "query", "where the page before ended: its `CDP-Next-Cursor`", _TEXT),
    _parameter("and", "query", "a group, `(a.eq.1,or(b.is.null,c.gt.2))`; likewise `or`, `not.and`, `not.or`", _TEXT),
    _parameter("or", "query", "a group of which one must hold", _TEXT),
    _parameter("format", "query", "the form of the answer, before `Accept`", {"enum": [f.name for f in FORMS[:5]]}),
    _parameter("explain", "query", "`1`: what becomes of each column, and why, in place of rows", {"enum": ["1", "0"]}),
    _parameter("end", "query", "`line`: a last line of ndjson or csv says if it is whole", {"enum": ["line"]}),
)
HEADERS: Final = (
    _parameter("Prefer", "header", "`count=exact`: how many rows there are, in `Content-Range`", _TEXT),
    _parameter("Range", "header", "rows, as `0-24`", _TEXT),
    _parameter("CDP-Reason", "header", "why, where the view needs a reason; beyond ASCII percent-encoded", _TEXT),
)
_ANSWER_HEADERS: Final[Schema] = {
    "CDP-Columns": {"description": "the shape of each column, a dictionary of RFC 9651", "schema": _TEXT},
    "Content-Range": {"description": "which rows, and of how many if that was asked for", "schema": _TEXT},
    "CDP-Next-Cursor": {"description": "where to go on, when the page is full", "schema": _TEXT},
}
EXPLANATION: Final[Schema] = {
    "type": "object",
    "required": ["view", "kind", "entity", "purpose", "role", "columns", "withheld"],
    "properties": {
        **dict.fromkeys(("view", "kind", "entity", "purpose", "role"), _TEXT),
        "columns": {"type": "array", "items": {"type": "object"}},
        "withheld": {"type": "array", "items": {"type": "object"}},
    },
}
_VIEW: Final = _parameter("view", "path", "one of your views", _TEXT, required=True, example="newsletter")


def general() -> Schema:
    """Return the paths, for whoever asks."""
    row: Schema = {"type": "object", "additionalProperties": True}
    return {
        "/views": {"get": _operation("views", "The views of this app", _listed())},
        "/views/{view}": _of_view("view", "Rows of a view", row, None, [_VIEW, *QUERY, *HEADERS]),
        "/views/{view}/explain": {
            "get": _operation("explain", "What becomes of each column, and why", _explanation(), [_VIEW, *QUERY[:1]])
        },
    }


def of_app(in_force: InForce, views: list[View]) -> Schema:
    """Return a path for each view of an app, with its columns and an example."""
    return {f"/views/{view.name}": _described(in_force, view) for view in views}


def _described(in_force: InForce, view: View) -> Schema:
    columns = view_columns(in_force.catalogue, in_force.policy, view)
    example = example_row(in_force, view)
    row = {
        "type": "object",
        "required": [column.name for column in columns],
        "properties": {column.name: _column(column, example[column.name]) for column in columns},
    }
    conditions = [
        _parameter(
            column.name, "query", f"a condition on a {column.type}, as `eq.…`", _TEXT, **_eq(example[column.name])
        )
        for column in columns
        if not column.hidden
    ]
    summary = f"{view.name}: {view.kind} view of {view.entity}, for {view.purpose}"
    return _of_view(f"view_{view.name}", summary, row, example, [*conditions, *QUERY, *HEADERS])


def _eq(value: Value) -> Schema:
    return {} if value is None or isinstance(value, (dict, list)) else {"example": f"eq.{value}"}


def _column(column: Column, example: Value) -> Schema:
    decision = column.decision
    shape = {} if decision is None else {"description": f"{decision.shape or 'hidden'}: {decision.reason}"}
    return {**_JSON_TYPES.get(column.type, {"type": ["string", "null"]}), **shape, "examples": [example]}


def _of_view(name: str, summary: str, row: Schema, example: Any, parameters: list[Schema]) -> Schema:
    rows: Schema = {"schema": {"oneOf": [{"type": "array", "items": row}, EXPLANATION]}}
    if example is not None:
        rows["example"] = [example]
    content: Schema = {form.media_type.partition(";")[0]: {} for form in FORMS}
    content["application/json"] = rows
    content["application/vnd.pgrst.object+json"] = {"schema": row}
    answer = {"description": "the rows", "headers": _ANSWER_HEADERS, "content": content}
    answers = {"200": answer, "206": {**answer, "description": "some of the rows, and of how many"}}
    head = {code: {"description": each["description"], "headers": _ANSWER_HEADERS} for code, each in answers.items()}
    return {
        "get": _operation(name, summary, answers, parameters),
        "head": _operation(f"{name}_head", f"{summary}; how many, and no rows", head, parameters),
    }


def _operation(name: str, summary: str, answers: Schema, parameters: list[Schema] | None = None) -> Schema:
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["views"],
        "parameters": parameters or [],
        "responses": answers,
    }


def _listed() -> Schema:
    schema = {"type": "array", "items": {"type": "object", "required": ["name", "kind", "purpose", "columns"]}}
    return {"200": {"description": "the views", "content": {"application/json": {"schema": schema}}}}


def _explanation() -> Schema:
    return {"200": {"description": "the plan", "content": {"application/json": {"schema": EXPLANATION}}}}
