"""Columns of a file that the catalogue does not know: counted and noted by name, as properties of events are.

Of their values only what some of them look like is kept in view, to suggest a tag.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from cdp.catalogue.model import Entity
from cdp.events.looks import look_of
from cdp.events.undeclared import FILES, Name, note_names
from cdp.services.imports.incoming import Incoming
from cdp.vault.vault import Vault

SAMPLE = 20
"""The cells of so many rows of a batch are looked at."""


class Kept(NamedTuple):
    """How many cells each column has, by its title, and what some of them look like."""

    cells: Counter[str]
    looks: dict[str, Counter[str]]

    def plus(self, more: "Kept") -> "Kept":
        """Return both together."""
        titles = self.looks.keys() | more.looks.keys()
        nothing = Counter[str]()
        looks = {each: self.looks.get(each, nothing) + more.looks.get(each, nothing) for each in titles}
        return Kept(self.cells + more.cells, looks)


def count_kept(rows: Iterable[Incoming]) -> Kept:
    """Count what is kept of rows."""
    found = Kept(Counter(), defaultdict(Counter))
    for place, row in enumerate(rows):
        found.cells.update(row.kept.keys())
        for title, cell in row.kept.items() if place < SAMPLE else ():
            look = look_of(cell)
            found.looks[title].update([look] if look else [])
    return found


def note_kept(conn: Connection, vault: Vault, entity: Entity, rows: Iterable[Incoming]) -> None:
    """Note the names of columns that are kept, for whoever classifies them."""
    found = count_kept(rows)
    names = {Name(entity.name, title): number for title, number in found.cells.items()}
    note_names(conn, vault, FILES, names, {Name(entity.name, title): each for title, each in found.looks.items()})
