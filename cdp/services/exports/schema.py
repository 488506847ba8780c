"""JSON Schema (draft 2020-12) of the rows of a view, made from the catalogue. Pure."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from cdp.catalogue.model import Entity
from cdp.terms import Type
from views.plan import Column

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Final[dict[Type, dict[str, Any]]] = {
    Type.TEXT: {"type": ["string", "null"]},
    Type.CHOICE: {"type": ["string", "null"]},
    Type.INTEGER: {"type": ["integer", "null"]},
    Type.BOOLEAN: {"type": ["boolean", "null"]},
    Type.DECIMAL: {"type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    Type.DATE: {"type": ["string", "null"], "format": "date"},
    Type.DATETIME: {"type": ["string", "null"], "format": "date-time"},
    Type.JSON: {},
}


def row_schema(entity: Entity, columns: Sequence[Column]) -> bytes:
    """Return the schema of an array of rows, each with a key for every column."""
    row = {
        "type": "object",
        "properties": {column.name: _property(entity, column) for column in columns},
        "required": [column.name for column in columns],
        "additionalProperties": False,
    }
    schema = {"$schema": _DRAFT, "title": entity.name, "type": "array", "items": row}
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _property(entity: Entity, column: Column) -> dict[str, Any]:
    said = dict(_TYPES[column.type])
    field = entity.fields.get(column.name)
    if field is None:
        return {**said, "description": "names the row"}
    if field.choices:
        said = {"enum": [*field.choices, None]}
    said["x-sensitivity"] = str(field.sensitivity)
    if field.category is not None:
        said["x-category"] = field.category
    if field.retention is not None:
        said["x-retention"] = field.retention
    return said
