"""A mapping file: YAML, from the title of a column to the field that it is, to `-` (left out) or to `+` (kept sealed).

`"*"` stands for all columns that are nothing the catalogue knows. Under `provenance` may stand what the rows were
collected for (`cdp.services.provenance.declare`): what belongs to a kind of file is said once, with its mapping.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdp.bootstrap import Platform
from cdp.catalogue.document import nearest, parse_document, read_text
from cdp.errors import BadInput, CdpError, Several
from cdp.services.imports.load import entity_of
from cdp.services.imports.targets import find_targets, is_mapped_well
from cdp.services.provenance.declare import Declaration

PROVENANCE: Final = "provenance"
_TEXTS: Final = {"source": "source", "statement": "statement", "basis": "legal_basis", "retain": "retention"}
_LISTS: Final = {"purposes": "purposes", "recipients": "recipients"}


@dataclass(frozen=True)
class MappingFile:
    """What a mapping file says of columns, and of what the rows were collected for; None where it does not."""

    columns: Mapping[str, str]
    declared: Declaration | None = None


def read_mapping(platform: Platform, path: Path, *, entity: str) -> MappingFile:
    """Return what a mapping file says of a file of this entity.

    Raises:
        NotFound: `file_missing`.
        BadInput: the file is not YAML, or `bad_mapping`, `unknown_field`; `Several` when it is more than one.
    """
    document = parse_document(read_text(path), path.name)
    in_force = platform.in_force(fresh=True)
    targets = find_targets(in_force.catalogue, entity_of(in_force, entity))
    if not isinstance(document.data, dict) or not document.data:
        hint = 'each line is `column: field`, and `column: "-"` leaves a column out'
        raise BadInput("bad_mapping", "this maps no columns to fields", path=document.where(()), hint=hint)
    columns, said = dict(document.data), None
    if isinstance(columns.get(PROVENANCE), dict):
        said = _declaration(columns.pop(PROVENANCE), document.where((PROVENANCE,)).partition(" ")[0])
    faults: list[CdpError] = []
    for title, target in columns.items():
        where = document.where((title,)).partition(" ")[0]  # a title may be anything, so its line says which
        if not isinstance(title, str) or not isinstance(target, str):
            hint = 'a name that looks like something else, and `"-"`, go in quotes'
            faults.append(BadInput("bad_mapping", "a column and its field are names", path=where, hint=hint))
        elif not is_mapped_well(title, target, targets):
            message, hint = f"a column is mapped to what `{entity}` does not have", nearest(target[:60], targets)
            faults.append(BadInput("unknown_field", message, path=where, hint=hint))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Several("invalid_file", f"{document.name} has {len(faults)} fault(s)", faults)
    return MappingFile(columns, said)


def _declaration(section: Mapping[Any, Any], where: str) -> Declaration:
    """Return what a section declares; whether the policy has such purposes is looked at when rows come."""
    said: dict[str, Any] = {}
    for key, value in section.items():
        if key in _TEXTS and isinstance(value, str) and value:
            said[_TEXTS[key]] = value
        elif key in _LISTS and isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            said[_LISTS[key]] = value
        else:
            hint = f"texts for {', '.join(_TEXTS)}; lists of names for {', '.join(_LISTS)}"
            raise BadInput("bad_mapping", "this declares nothing about the rows", path=where, hint=hint)
    return Declaration(**{"source": "import", **said})
