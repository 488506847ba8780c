"""Markdown tables, and the words for what a key of a file takes; shared by the generators."""

import types
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from cdp.catalogue.names import check_entity_name, check_name

_PLAIN: Final = {bool: "`true` or `false`", int: "whole number", str: "text", Path: "path"}
_PLURALS: Final = {"text": "texts", "name": "names"}
Overrides = Mapping[str, tuple[str, str]]
"""What a key takes and its default, where the model alone does not say it."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(head), ["---"] * len(head), *map(list, rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def code(value: object) -> str:
    """Return a value as it would stand in a file, in code type; what is missing is the word null."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = str(value)
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def words(values: Sequence[object]) -> str:
    """Return values in code type, with commas."""
    return ", ".join(f"`{value}`" for value in values)


def keys(model: type[BaseModel], meanings: Mapping[str, str], overrides: Overrides | None = None) -> str:
    """Return the table of the keys of a model.

    Args:
        meanings: what each key means.
        overrides: what a key takes, and its default, where it is not what the model says.

    Raises:
        KeyError: a key has no meaning yet; ValueError: a meaning has no key any more.
    """
    names = {field.alias or name: field for name, field in model.model_fields.items()}
    if gone := sorted(set(meanings) - set(names)):
        raise ValueError(f"{model.__name__} has no key {gone}")
    said = overrides or {}
    rows = [
        [f"`{name}`", *said.get(name, (_type_of(field), _default_of(field))), meanings[name]]
        for name, field in names.items()
    ]
    return table(["key", "takes", "default", "meaning"], rows)


def _type_of(field: FieldInfo) -> str:
    return _named(field.annotation) + _bounds(field)


def _default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    if field.default is None or field.default_factory is not None or field.default in ((), ""):
        return "none"
    if isinstance(field.default, BaseModel):
        return code("{" + ", ".join(f"{key}: {value}" for key, value in field.default.model_dump().items()) + "}")
    if isinstance(field.default, tuple):
        return code("[" + ", ".join(map(str, field.default)) + "]")
    return code(field.default)


def _named(annotation: Any) -> str:
    """Return what an annotation takes, in words."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return "one of " + words(list(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__.lower()}](#{annotation.__name__.lower()})"
    return _COMPOSED[get_origin(annotation)](get_args(annotation))


def _checked(arguments: tuple[Any, ...]) -> str:
    checks = {each.func for each in arguments[1:] if isinstance(each, AfterValidator)}
    return "name" if checks & {check_name, check_entity_name} else _named(arguments[0])


def _either(arguments: tuple[Any, ...]) -> str:
    return " or ".join(_named(each) for each in arguments if each is not types.NoneType)


def _listed(arguments: tuple[Any, ...]) -> str:
    one = _named(arguments[0])
    return f"list of {_PLURALS.get(one, one)}"


_COMPOSED: Final[dict[Any, Callable[[tuple[Any, ...]], str]]] = {
    Annotated: _checked,
    Literal: lambda values: ("one of " if len(values) > 1 else "") + words(values),
    Union: _either,
    types.UnionType: _either,
    tuple: _listed,
    dict: lambda both: f"mapping: {_named(both[0])} → {_named(both[1])}",
}
"""What a composed annotation takes, by its origin; one that is not here is an error, not a guess."""


def _bounds(field: FieldInfo) -> str:
    found = {type(each).__name__: each for each in field.metadata}
    least, greatest = found.get("Ge"), found.get("Le")
    return f", {least.ge:,} to {greatest.le:,}" if least and greatest else ""
