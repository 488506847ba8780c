"""What the columns of one file are: its header, or its keys, and the mapping that was given.

What does not fit is one error, before anything is written. A header may be the first row of a file that has none, and
then it holds people's data: errors say the position of a column, never its title.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdp.catalogue.document import nearest
from cdp.catalogue.model import Catalogue, Entity
from cdp.errors import BadInput, CdpError, Several
from cdp.services.imports.targets import (
    KEEP,
    LEFT_OUT,
    OTHERS,
    Target,
    Use,
    find_targets,
    is_keepable,
    is_mapped_well,
)

_MAP = "or give a mapping for the column, to `-` to leave it out, to `+` to keep it sealed"


@dataclass(frozen=True)
class Columns:
    """What each position of a row is; None for what is left out."""

    targets: tuple[Target | None, ...]


@dataclass(frozen=True)
class Keys:
    """The positions of the keys of NDJSON objects: -1 for what is left out.

    Attributes:
        others: of keys that are not known; None where there may be none.
        together: where all go that are kept sealed.
    """

    positions: Mapping[str, int]
    others: int | None
    together: int

    def of(self, key: str) -> int | None:
        """Return the position of a key, None for one that must not be."""
        found = self.positions.get(key, self.others)
        return None if found == self.together and not is_keepable(key) else found


class Known:
    """What the columns can be, and what the mapping says of them."""

    def __init__(self, catalogue: Catalogue, entity: Entity, mapping: Mapping[str, str]) -> None:
        self.mapping = mapping
        self.targets = find_targets(catalogue, entity)
        self._entity = entity
        self._parent = None if entity.is_customer else catalogue.lineage(entity)[1]
        faults: list[CdpError] = []
        for number, (title, target) in enumerate(mapping.items(), 1):
            if not is_mapped_well(title, target, self.targets):
                message = f"a column is mapped to what `{entity.name}` does not have"
                hint = nearest(target[:60], self.targets)
                faults.append(BadInput("unknown_field", message, path=f"mapping {number}", hint=hint))
        _raise(faults)

    def of_header(self, titles: Sequence[str], where: str) -> Columns:
        """Return the columns of a CSV file.

        Raises:
            BadInput: `header_missing`, `unknown_column`, `duplicate_column`, `unknown_mapping`,
                `parent_column_missing`; `Several` when it is more than one.
        """
        faults = self._check_titles(titles, where)
        unused = set(self.mapping) - {*titles, OTHERS}
        for number, (title, target) in enumerate(self.mapping.items(), 1):
            if title in unused:
                message = "the file has no such column" + (f" to be `{target}`" if target != LEFT_OUT else "")
                faults.append(BadInput("unknown_mapping", message, path=f"mapping {number}"))
        targets = [self.target(title) for title in titles]
        faults += self._check_twice(targets, where) + self._check_parent(targets, where)
        _raise(faults)
        return Columns(tuple(target if isinstance(target, Target) else None for target in targets))

    def of_keys(self, members: Mapping[str, object], where: str) -> tuple[Columns, Keys]:
        """Return the columns of an NDJSON file, whose first object stands for a header, and the position of each key.

        Raises:
            BadInput: as `of_header`.
        """
        targets = [self.target(key) for key in members]
        _raise(self._check_titles(list(members), where) + self._check_parent(targets, where))
        names = list(self.targets)
        places = {name: position for position, name in enumerate(names)} | {LEFT_OUT: -1, KEEP: len(names)}
        positions = {name: places[name] for name in names}
        positions |= {key: places[name] for key, name in self.mapping.items() if key != OTHERS}
        together = Target(Use.KEPT_TOGETHER, KEEP)
        keys = Keys(positions, places.get(self.mapping.get(OTHERS, "")), len(names))
        return Columns((*self.targets.values(), together)), keys

    def target(self, title: str) -> Target | str | None:
        """Return what a column is, the empty text when it is left out, None when nobody knows."""
        name = self.mapping.get(title)
        if name is None:
            name = title if title in self.targets else self.mapping.get(OTHERS, "")
        if name == KEEP:
            return Target(Use.KEPT, title) if is_keepable(title) else None
        return "" if name == LEFT_OUT else self.targets.get(name)

    def _check_titles(self, titles: Sequence[str], where: str) -> list[CdpError]:
        if not any(isinstance(each := self.target(title), Target) and each.use is not Use.KEPT for title in titles):
            message = f"nothing here is a field of `{self._entity.name}`"
            hint = f"the fields are named first; they are {', '.join(self._entity.fields)}"
            return [BadInput("header_missing", message, path=where, hint=hint)]
        faults: list[CdpError] = []
        for position, title in enumerate(titles, 1):
            if self.target(title) is None:
                near = nearest(title[:60], self.targets)
                hint = f"{near} {_MAP}" if near else _MAP.removeprefix("or ")
                message = f"column {position} is not a field of `{self._entity.name}`"
                faults.append(BadInput("unknown_column", message, path=f"{where} column {position}", hint=hint))
        return faults

    def _check_twice(self, targets: Sequence[Target | str | None], where: str) -> list[CdpError]:
        first: dict[Target, int] = {}
        faults: list[CdpError] = []
        for position, target in enumerate(targets, 1):
            if isinstance(target, Target) and first.setdefault(target, position) != position:
                both = "have the same title" if target.use is Use.KEPT else f"are both `{target.name}`"
                message = f"columns {first[target]} and {position} {both}"
                faults.append(BadInput("duplicate_column", message, path=f"{where} column {position}"))
        return faults

    def _check_parent(self, targets: Sequence[Target | str | None], where: str) -> list[CdpError]:
        parent = self._parent
        if parent is None or any(isinstance(each, Target) and each.entity == parent.name for each in targets):
            return []
        names = [f"`{target.name}`" for target in self.targets.values() if target.entity == parent.name]
        message = f"no column says to which `{parent.name}` a row belongs"
        hint = f"one of {', '.join(names)} does"
        return [BadInput("parent_column_missing", message, path=where, hint=hint)]


def uses(columns: Columns, use: Use) -> list[tuple[int, Target]]:
    """Return the positions of one use."""
    return [(place, target) for place, target in enumerate(columns.targets) if target and target.use is use]


def _raise(faults: Sequence[CdpError]) -> None:
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Several("unusable_columns", f"{len(faults)} faults in the columns", list(faults))
