"""Rows that something more is collected for: their sets are combined, and they say when it was.

A row holds what several collections said of it. It may serve the purposes that all of them allow; and what was said
last is not older for what was said first.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from cdp.catalogue.model import Catalogue, Entity
from cdp.store.given import NamedRows
from cdp.store.origins import COLLECTED_COLUMN, SET_COLUMN
from cdp.store.provenance import Origin, combine
from cdp.store.tables import build_schema

Named = tuple[str, str]
"""A row of an entity, by its customer and itself."""


@dataclass(frozen=True, slots=True)
class Collecting:
    """What is collected in one transaction for rows of an entity, at a time."""

    conn: Connection
    catalogue: Catalogue
    entity: Entity
    at: str

    def origins(self, ids: Iterable[Named]) -> dict[Named, Origin]:
        """Return where rows come from, as it is."""
        table = build_schema(self.catalogue, self.conn.dialect.name).rows[self.entity.name]
        mine, c = NamedRows(self.entity, self.conn.dialect.name), table.c
        wanted = select(c.customer_id, c[self.entity.id_column], c[SET_COLUMN], c[COLLECTED_COLUMN])
        found = self.conn.execute(wanted.where(mine.of(table)), mine.values(ids))
        return {(customer_id, row_id): Origin(number, at) for customer_id, row_id, number, at in found}

    def add(self, gathered: Mapping[Named, Collection[Origin]]) -> None:
        """Say of rows that they come from these origins, too."""
        if gathered:
            before = self.origins(gathered)
            self.put({name: self.of_all((before[name], *more)) for name, more in gathered.items() if name in before})

    def put(self, origins: Mapping[Named, Origin]) -> None:
        """Say of rows that they come from these origins, and no other."""
        table = build_schema(self.catalogue, self.conn.dialect.name).rows[self.entity.name]
        c = table.c
        mine = update(table).where(c.customer_id == bindparam("_her"), c[self.entity.id_column] == bindparam("_row"))
        rows = [
            {"_her": name[0], "_row": name[1], "_set": origin.provenance, "_at": origin.collected}
            for name, origin in sorted(origins.items())
        ]
        if rows:
            self.conn.execute(mine.values({SET_COLUMN: bindparam("_set"), COLLECTED_COLUMN: bindparam("_at")}), rows)

    def of_all(self, origins: Collection[Origin]) -> Origin:
        """Return the origin of a row that comes from all of these."""
        sets = frozenset(origin.provenance for origin in origins)
        number = next(iter(sets)) if len(sets) == 1 else combine(self.conn, sets, at=self.at)
        times = [origin.collected for origin in origins if origin.collected is not None]
        return Origin(number, max(times, default=None))
