"""What a column of a file can be, by name: a field, an opt-out, the customer herself, or what the row belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from cdp.catalogue.model import Catalogue, Entity
from cdp.terms import CUSTOMER

LEFT_OUT: Final = "-"
"""To what a mapping maps a column that is not to be imported."""


KEEP: Final = "+"
"""To what a mapping maps a column that the catalogue does not know and that is kept sealed until it is classified."""

OTHERS: Final = "*"
"""What a mapping calls all columns that are nothing the catalogue knows; they are kept, or left out."""

LONGEST_TITLE: Final = 200


class Use(Enum):
    """What a column is for."""

    FIELD = auto()
    OPT_OUT = auto()
    OWN_ID = auto()
    PARENT_ID = auto()
    PARENT_IDENTIFIER = auto()
    PARENT_NAME = auto()
    """An id, or a kind and an identifier: `email:ann@example.org`."""

    KEPT = auto()
    """Nothing that is known; kept sealed."""
    KEPT_TOGETHER = auto()
    """All such of an object of NDJSON, by their keys."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a column can be.

    Attributes:
        name: as headers and mappings write it; the reject file names it.
        entity: for a parent, which one.
        kind: for a parent's identifier, of which kind.
    """

    use: Use
    name: str
    entity: str = ""
    kind: str = ""


def is_keepable(title: str) -> bool:
    """Return whether a column can be kept by its title, which somebody is to read when she classifies it."""
    return 0 < len(title.strip()) <= LONGEST_TITLE and title.isprintable()


def is_mapped_well(title: str, target: str, targets: Mapping[str, Target]) -> bool:
    """Return whether a mapping may say this of a column."""
    return target in (LEFT_OUT, KEEP) or (title != OTHERS and target in targets)


def find_targets(catalogue: Catalogue, entity: Entity) -> dict[str, Target]:
    """Return all that a column of a file of this entity can be, by name.

    Where a row's own field and an identifier of what it belongs to have one name, the name is the field's; the other
    is also called `customer.email`.
    """
    found = {name: Target(Use.FIELD, name) for name in entity.fields}
    if entity.is_customer:
        found |= {name: Target(Use.OPT_OUT, name) for name in catalogue.opt_outs}
        found[entity.id_column] = Target(Use.OWN_ID, entity.id_column)
        return found
    parents = (catalogue.lineage(entity)[1], catalogue.entities[CUSTOMER])
    for parent in parents:
        found[parent.id_column] = Target(Use.PARENT_ID, parent.id_column, parent.name)
    found.setdefault(CUSTOMER, Target(Use.PARENT_NAME, CUSTOMER, CUSTOMER))
    for parent in parents:
        for name, field in parent.fields.items():
            if field.identifier:
                for written in (name, f"{parent.name}.{name}"):
                    target = Target(Use.PARENT_IDENTIFIER, written, parent.name, field.identifier)
                    found.setdefault(written, target)
    return found
