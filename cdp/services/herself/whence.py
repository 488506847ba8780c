"""Where what is kept about a customer came from, row by row: what she was told, why it is kept, until when, for whom.

GDPR Art. 13-15: the purposes, the legal basis, the recipients, for how long, and the source. A row that came from
several collections says so of each of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, select

from audit.entries import HERSELF, Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.services.customers import find_customer
from cdp.services.herself.terms import Terms
from cdp.services.provenance.sets import Part, ProvenanceSet, read_sets
from cdp.services.retention.terms import RowTerm
from cdp.store.origins import COLLECTED_COLUMN, SET_COLUMN
from cdp.store.periods import moment
from cdp.store.tables import build_schema
from views.policy import View

PAGE: Final = 2_000
"""So many rows are read at a time."""


@dataclass(frozen=True)
class Whence:
    """Where one row came from.

    Attributes:
        entity, row_id: the row; of a customer's own row her id.
        collected_at: when what stands in it was last collected; None where that was not kept yet.
        parts: from where, by which version of the statement, on what legal basis, and for how long each lets it be
            kept: written as in the catalogue, empty for no limit of its own.
        purposes: for what it may be read, besides what the law demands.
        recipients: to whom it may be disclosed; None where nobody is ruled out.
    """

    entity: str
    row_id: str
    collected_at: datetime | None
    parts: Sequence[Part]
    purposes: Sequence[str]
    recipients: Sequence[str] | None

    def allows(self, purpose: str, recipient: str | None) -> bool:
        """Whether it may be read for a purpose, and go to a recipient if there is one."""
        told = recipient is None or self.recipients is None or recipient in self.recipients
        return purpose in self.purposes and told

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods that its declarations name, from when it was collected; the shortest counts."""
        return tuple(dict.fromkeys(each.retention for each in self.parts if each.retention))


def whence(platform: Platform, customer_id: str, *, principal: Principal = HERSELF) -> list[Whence]:
    """Read where every row of a customer came from, in the order of the catalogue.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    in_force, sets = platform.in_force(), read_sets(platform.door)
    with platform.door.record(Entry("disclosure", "own_provenance", principal, in_force.versions)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        return list(_rows(change.conn, in_force, sets, found.customer_id))


def whence_pages(platform: Platform, customer_id: str, *, today: date) -> Iterator[list[tuple[Whence, RowTerm]]]:
    """Yield the same with until when each row is kept, some rows at a time, each time with an entry.

    Raises:
        NotFound, Unavailable: as `whence`.
    """
    in_force, sets = platform.in_force(), read_sets(platform.door)
    for name, entity in in_force.catalogue.entities.items():
        after: int | None = None
        while True:
            with platform.door.record(Entry("disclosure", "own_provenance", HERSELF, in_force.versions)) as change:
                found = find_customer(change.conn, in_force, platform.vault, customer_id)
                change.subjects.append(found.ordinal)
                rows = list(_page(change.conn, in_force, sets, found.customer_id, entity=name, after=after))
                terms = Terms(change.conn, in_force, platform.vault, found.customer_id, today=today)
                until = terms.of(entity, [each.row_id for _, each in rows])
            if rows:
                yield [(each, until[each.row_id][1]) for _, each in rows if each.row_id in until]
            if len(rows) < PAGE:
                break
            after = rows[-1][0]


def collected_for(platform: Platform, rows: Sequence[Whence]) -> Callable[[View], bool]:
    """Return whether a view has any of these rows of hers by what they were collected for, or would have one."""
    policy = platform.in_force().policy

    def collected(view: View) -> bool:
        mine = [each for each in rows if each.entity == view.entity]
        owed = policy.purposes[view.purpose].is_owed
        return owed or not mine or any(each.allows(view.purpose, view.recipient) for each in mine)

    return collected


def _rows(conn: Connection, in_force: InForce, sets: dict[int, ProvenanceSet], customer_id: str) -> Iterator[Whence]:
    for name in in_force.catalogue.entities:
        for _, row in _page(conn, in_force, sets, customer_id, entity=name, most=None):
            yield row


def _page(
    conn: Connection, in_force: InForce, sets: dict[int, ProvenanceSet], customer_id: str, *, entity: str,
    after: int | None = None, most: int | None = PAGE,
) -> Iterator[tuple[int, Whence]]:  # fmt: skip
    """Yield rows of an entity with their ordinals, those after one."""
    c = build_schema(in_force.catalogue, conn.dialect.name).rows[entity].c
    row_id = c[in_force.catalogue.entities[entity].id_column]
    wanted = select(c.ordinal, row_id, c[SET_COLUMN], c[COLLECTED_COLUMN]).where(c.customer_id == customer_id)
    if after is not None:
        wanted = wanted.where(c.ordinal > after)
    for ordinal, row, number, collected in conn.execute(wanted.order_by(c.ordinal).limit(most)):
        of = sets.get(number, ProvenanceSet(number, (), (), (), ""))
        at = None if collected is None else moment(collected)
        yield ordinal, Whence(entity, row, at, of.parts, of.purposes, of.recipients)
