"""Until when each row of a customer and each value in it is kept.

By the retention of the catalogue, what was declared when it was collected, what she confirmed or was asked, and the
laws that keep something.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from cdp.bootstrap import InForce
from cdp.catalogue.model import Entity
from cdp.services.retention.judge import Known
from cdp.services.retention.look import Day, read_known, read_limits
from cdp.services.retention.run import PATIENCE
from cdp.services.retention.terms import RowTerm, term_of
from cdp.store.records import Stored
from cdp.store.tables import build_schema
from cdp.vault.vault import Vault

_BATCH = 500


class Terms:
    """Reads until when rows of one customer are kept, in the caller's transaction."""

    def __init__(self, conn: Connection, in_force: InForce, vault: Vault, customer_id: str, *, today: date) -> None:
        self._conn, self._customer_id = conn, customer_id
        self._day = Day(in_force, vault, today, PATIENCE)
        self._limits = read_limits(conn)

    def of(self, entity: Entity, row_ids: Collection[str]) -> dict[str, tuple[Stored, RowTerm]]:
        """Return these rows with their terms, by id. A row of which nobody knows the age counts from today."""
        found: dict[str, tuple[Stored, RowTerm]] = {}
        ids = sorted(row_ids)
        for start in range(0, len(ids), _BATCH):
            found.update(self._of(entity, ids[start : start + _BATCH]))
        return found

    def _of(self, entity: Entity, row_ids: Sequence[str]) -> Iterator[tuple[str, tuple[Stored, RowTerm]]]:
        named = [(self._customer_id, each) for each in row_ids]
        above = self._above(entity, row_ids)
        for row, known in read_known(self._conn, self._day, entity, named, self._limits):
            parent = above.get(row.row_id)
            counted = known or Known(row.values, self._day.today, self._day.today, {})
            ending = parent.ending if parent else None
            yield row.row_id, (row, term_of(entity, counted, patience=PATIENCE, above=ending))

    def _above(self, entity: Entity, row_ids: Sequence[str]) -> Mapping[str, RowTerm]:
        """Return the terms of the rows that these belong to."""
        catalogue = self._day.in_force.catalogue
        if entity.is_customer:
            return {}
        parent, c = catalogue.lineage(entity)[1], build_schema(catalogue, self._conn.dialect.name).rows[entity.name].c
        wanted = select(c[entity.id_column], c[parent.id_column]).where(c.customer_id == self._customer_id)
        pairs = self._conn.execute(wanted.where(c[entity.id_column].in_(row_ids))).all()
        terms = self.of(parent, {above for _, above in pairs})
        return {row_id: terms[above][1] for row_id, above in pairs if above in terms}
