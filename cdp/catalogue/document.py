"""Strict YAML with line numbers, and the translation of Pydantic's faults into ours.

The core types of YAML 1.2 only (`no` is a word, a date is text): no aliases, tags, merge keys or duplicate keys. An
alias bomb of 271 bytes once grew to 43 million leaves; here it is refused at its first alias.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cdp.errors import BadInput, CdpError, NotFound, Several

MAX_BYTES = 4_000_000
MAX_DEPTH = 32

Model = TypeVar("Model", bound=BaseModel)
Loc = tuple[str | int, ...]

_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NULL = re.compile(r"~|null|Null|NULL|")
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, and the line (from 1) of each key by its path."""

    name: str
    data: Any
    lines: Mapping[Loc, int] = field(default_factory=dict)

    def where(self, loc: Loc) -> str:
        """Return `catalogue.yaml:12 entities.customer`, with the line of the nearest ancestor that has one."""
        for end in range(len(loc), -1, -1):
            if loc[:end] in self.lines:
                return f"{self.name}:{self.lines[loc[:end]]} {'.'.join(map(str, loc))}".rstrip()
        return self.name


def read_text(path: Path) -> str:
    """Read one UTF-8 file of at most `MAX_BYTES`.

    Raises:
        NotFound: there is no such file.
        BadInput: it cannot be read, is too large or is not UTF-8.
    """
    name = path.name
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("file_missing", "there is no such file", path=str(path)) from None
    except OSError:
        raise BadInput("file_unreadable", "the file cannot be read", path=str(path)) from None
    if len(raw) > MAX_BYTES:
        raise BadInput("file_too_large", f"the file is larger than {MAX_BYTES:,} bytes", path=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput("not_utf8", "the file is not UTF-8 text", path=f"{name}:{line}") from None


def parse_document(text: str, name: str) -> Document:
    """Parse one YAML document strictly.

    Raises:
        BadInput: with the line of the first fault.
    """
    try:
        _refuse_extras(text, name)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput("bad_yaml", "this is not well-formed YAML", path=f"{name}:{line}") from None
    except yaml.YAMLError:
        raise BadInput("bad_yaml", "this is not well-formed YAML", path=name) from None
    if root is None:
        raise BadInput("bad_yaml", "the file is empty", path=name)
    lines: dict[Loc, int] = {}
    return Document(name, _build(root, (), lines, name), lines)


def validate(model: type[Model], document: Document) -> Model:
    """Validate a document as `model`.

    Raises:
        Several: every fault with its line, and the nearest right name where a name is wrong.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        faults = [_fault(model, document, detail) for detail in error.errors(include_input=False, include_url=False)]
        raise Several("invalid_file", f"{document.name} has {len(faults)} fault(s)", faults) from None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` did you mean ...` for the nearest known name, or nothing when none is near."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def reads_as_text(text: str) -> bool:
    """Return whether a plain word is read as this text, and needs no quotes to be."""
    return isinstance(_scalar(text, quoted=False), str)


def _refuse_extras(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadInput("yaml_alias", "anchors and aliases are not allowed", path=f"{name}:{line}")
        if getattr(event, "tag", None):
            raise BadInput("yaml_tag", "tags are not allowed", path=f"{name}:{line}")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise BadInput("yaml_depth", f"nested deeper than {MAX_DEPTH} levels", path=f"{name}:{line}")


def _build(node: yaml.Node, loc: Loc, lines: dict[Loc, int], name: str) -> Any:
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*loc, index), lines, name) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, loc, lines, name)
    return _scalar(str(node.value), quoted=getattr(node, "style", None) in ("'", '"', "|", ">"))


def _mapping(node: yaml.MappingNode, loc: Loc, lines: dict[Loc, int], name: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise BadInput("bad_yaml", "a key must be a plain word", path=f"{name}:{line}")
        key = key_node.value
        if key == "<<" and not key_node.style:
            raise BadInput("yaml_merge", "merge keys are not allowed", path=f"{name}:{line}")
        if key in result:
            raise BadInput("duplicate_name", f"`{_shown(key)}` is given twice", path=f"{name}:{line}")
        lines[(*loc, key)] = line
        result[key] = _build(value_node, (*loc, key), lines, name)
    return result


def _scalar(text: str, *, quoted: bool) -> Any:
    if quoted:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _shown(name: object) -> str:
    """Return a name as it may stand in a message: printable, and short."""
    return "".join(char if char.isprintable() else "?" for char in str(name)[:60])


def _fault(model: type[BaseModel], document: Document, detail: ErrorDetails) -> CdpError:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    where = document.where(loc)
    kind, context = detail["type"], detail.get("ctx", {})
    last = _shown(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        return BadInput(
            "unknown_key", f"unknown key `{last}`", path=where, hint=nearest(last, _keys_at(model, loc[:-1]))
        )
    if kind == "missing":
        return BadInput("missing_key", f"`{last}` is missing", path=where)
    if kind == "enum":
        return BadInput("bad_choice", f"must be one of {context['expected']}", path=where)
    if kind.startswith("cdp_"):
        hint = str(context.get("hint", ""))
        return BadInput(kind.removeprefix("cdp_"), detail["msg"], path=where, hint=hint)
    return BadInput("bad_key", detail["msg"].replace("Input s", "s").lower(), path=where)


def _keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that the model at a path takes, by walking its annotations."""
    current: Any = model
    for part in loc:
        fields = getattr(current, "model_fields", None)
        if fields is not None and part in fields:
            current = fields[part].annotation
        for argument in getattr(current, "__args__", ()):
            if isinstance(argument, type) and issubclass(argument, BaseModel):
                current = argument
    return list(getattr(current, "model_fields", {}))
