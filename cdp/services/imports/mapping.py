"""A mapping file: YAML, from the title of a column to the field that it is, to `-` (left out) or to `+` (kept sealed).

`"*"` stands for all columns that are nothing the catalogue knows.
"""

from collections.abc import Mapping
from pathlib import Path

from cdp.bootstrap import Platform
from cdp.catalogue.document import nearest, parse_document, read_text
from cdp.errors import BadInput, CdpError, Several
from cdp.services.imports.load import entity_of
from cdp.services.imports.targets import find_targets, is_mapped_well


def read_mapping(platform: Platform, path: Path, *, entity: str) -> Mapping[str, str]:
    """Return what a mapping file says of the columns of a file of this entity.

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
    faults: list[CdpError] = []
    for title, target in document.data.items():
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
    return document.data
