"""A statement as people write it in a form, a text for each part and language, and back.

What is typed is kept as it is, right or not (`cdp.services.statements.draft`); here it becomes a statement, or the
faults that keep it from being one, each with the part that it concerns.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from cdp.catalogue.document import Document, Loc, parse_document, validate
from cdp.errors import BadInput, CdpError, Several
from cdp.terms import LANGUAGES
from views.statement.document import CLAUSES, Statement

NAMED: Final = {"collecting": "data", "using": "purposes", "control": "opt_outs", "access": "recipients"}
"""What a clause names beside its words: a name a line, but for purposes, which are YAML as in the file."""

WHOLE: Final = ("version", "title", "summary")
"""The parts that are no clause."""

Fields = Mapping[str, str]


@dataclass(frozen=True)
class _Form(Document):
    """What was typed, as a document whose places are fields."""

    def where(self, loc: Loc) -> str:
        return ".".join(map(str, loc))


def field_names() -> list[str]:
    """Return the fields of the form, in the order in which they are read."""
    found = ["version", *(f"{part}.{each}" for part in ("title", "summary") for each in LANGUAGES)]
    for clause in CLAUSES:
        found += [f"{clause}.{layer}.{each}" for layer in ("short", "full") for each in LANGUAGES]
        found += [f"{clause}.named"] if clause in NAMED else []
    return found


def fields_of(statement: Statement) -> dict[str, str]:
    """Return a statement as the fields that it would be typed into."""
    said = statement.model_dump(mode="json", exclude_defaults=True)
    found = {}
    for name in field_names():
        part, _, rest = name.partition(".")
        if rest == "named":
            found[name] = _written(part, said[part].get(NAMED[part], []))
        else:
            layer, _, language = rest.rpartition(".")
            texts: Any = said[part][layer] if layer else said[part]
            found[name] = texts[language] if language else texts
    return found


def read_fields(fields: Fields) -> Statement:
    """Return the statement that was typed.

    Raises:
        Several: `invalid_file`, with every fault; its path begins with the part.
    """
    data: dict[str, Any] = {}
    faults: list[CdpError] = []
    for name in field_names():
        part, *rest = name.split(".")
        text = fields.get(name, "").replace("\r\n", "\n").strip()
        if rest == ["named"]:
            try:
                data.setdefault(part, {})[NAMED[part]] = _names(part, text)
            except BadInput as error:
                faults.append(error)
        elif not text:
            faults.append(BadInput("text_missing", "there is no text", path=name))
        else:
            holder = data
            for each in (part, *rest)[:-1]:
                holder = holder.setdefault(each, {})
            holder[(part, *rest)[-1]] = text
    if faults:
        raise Several("invalid_file", f"{len(faults)} part(s) of the statement are not finished", faults)
    return validate(Statement, _Form("statement", data))


def as_yaml(statement: Statement) -> str:
    """Return the file `statement.yaml` that says the same."""
    said = statement.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=110)


def part_of(path: str) -> str:
    """Return the part that the path of a fault or finding concerns: a clause, `title`, `summary`, `version` or ""."""
    part = path.partition(".")[0]
    return part if part in (*CLAUSES, *WHOLE) else ""


def _names(part: str, text: str) -> Any:
    if part != "using":
        return list(_words(text.splitlines()))
    if not text:
        return {}
    try:
        found = parse_document(text, "named")
    except BadInput as error:
        line = error.path.rpartition(":")[2]
        raise BadInput(error.code, error.message, path=f"using.named:{line}", hint=error.hint) from None
    if not isinstance(found.data, dict):
        raise BadInput("bad_yaml", "purposes are written as in the file, a name and what it sees", path="using.named")
    return {name: {} if use is None else use for name, use in found.data.items()}


def _words(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from (word for word in line.replace(",", " ").split() if word != "-")


def _written(part: str, named: Any) -> str:
    if part != "using":
        return "\n".join(named)
    return yaml.safe_dump(named, allow_unicode=True, sort_keys=False, width=90, default_flow_style=None).strip()
