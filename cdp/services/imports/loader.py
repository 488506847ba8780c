"""One batch into the store, in the transaction of its entry."""

from collections.abc import Mapping, Sequence

from audit.door import Change
from audit.entries import Principal, timestamp
from cdp.acts import record_acts
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.model import Entity
from cdp.services.canaries.heard import hear
from cdp.services.imports.drafts import Draft, Drafts
from cdp.services.imports.found import Found, customers_named, find
from cdp.services.imports.incoming import Incoming
from cdp.services.provenance.declare import facts_of
from cdp.store.collected import Collecting
from cdp.store.left_over import write_left
from cdp.store.lookup import find_claims
from cdp.store.provenance import Declared, Origin, find_set, intern, seconds
from cdp.store.records import Stored
from cdp.store.write import NewRow, Writer
from cdp.terms import Value
from consent.arrivals import Newcomer, create_customers, moved
from consent.events import Event, Evidence, Source, State


class Loader:
    """Loads the batches of one import under what is in force.

    Args:
        said: what is declared of its rows.
    """

    def __init__(
        self, platform: Platform, in_force: InForce, entity: Entity, *, digest: str, actor: Principal, said: Declared
    ) -> None:
        self._said = said
        self._vault = platform.vault
        self._catalogue = in_force.catalogue
        self._regimes = in_force.policy.regime
        self._entity, self._version = entity, in_force.catalogue_version
        self._evidence = Evidence(actor=actor.name)
        self._digest = digest
        self._writer = Writer(
            in_force.catalogue,
            entity,
            version=in_force.catalogue_version,
            vault=platform.vault,
            dialect=platform.door.dialect,
        )

    def load(self, change: Change, rows: Sequence[Incoming]) -> Drafts:
        """Write a batch; return what became of it.

        Changed rows are written before new ones, since a new row may bear an identifier that a changed one gave up.

        Raises:
            Unavailable: `store_conflict`, when the batch has to be run again.
        """
        found = find(change.conn, self._catalogue, self._entity, self._vault, rows)
        hear(change, self._vault, customers_named(self._entity, rows))
        self._origin = self._declare(change, timestamp())
        drafts = Drafts(self._catalogue, self._entity, found, self._vault.blind)
        for row in rows:
            drafts.take(row)
        self._replace(change, drafts, found)
        self._create(change, drafts, found)
        return drafts

    def _replace(self, change: Change, drafts: Drafts, found: Found) -> None:
        events, rows, before = list[Event](), list[Stored](), list[Stored]()
        for draft in drafts.existing():
            stored = draft.stored
            if stored is None or not (draft.changed or draft.tightened or draft.more):
                continue
            if draft.changed:
                rows.append(Stored(stored.customer_id, stored.row_id, stored.ordinal, draft.values))
                before.append(stored)
            events += self._events(stored.customer_id, draft)
            change.subjects.append(found.customers[stored.customer_id].ordinal)
        if self._entity.is_customer:
            events += moved(
                before, rows, catalogue=self._catalogue, regimes=self._regimes, at=timestamp(),
                actor=self._evidence.actor,
            )  # fmt: skip
        rows.sort(key=lambda row: (row.customer_id, row.row_id))  # in one order, whoever else writes some of them
        claims = find_claims(change.conn, self._entity, [(row.customer_id, row.row_id) for row in rows])
        self._writer.replace(change.conn, rows, claims=claims, keys=found.keys.held)
        collecting = Collecting(change.conn, self._catalogue, self._entity, timestamp())
        more = [(each.stored, each.kept) for each in drafts.existing() if each.stored and each.more]
        gathered = [*rows, *(row for row, _ in more)]  # what is kept sealed may become a field of it
        collecting.add({(row.customer_id, row.row_id): (self._origin,) for row in gathered})
        if events:
            record_acts(change.conn, self._catalogue, events, self._vault.refusals)
        self._keep(change, more, found.keys.held)

    def _create(self, change: Change, drafts: Drafts, found: Found) -> None:
        if not drafts.created:
            return
        if self._entity.is_customer:
            newcomers = [Newcomer(draft.values, self._events("", draft), self._origin) for draft in drafts.created]
            created = create_customers(
                change.conn, self._writer, newcomers, catalogue=self._catalogue, regimes=self._regimes,
                at=timestamp(), actor=self._evidence.actor,
            )  # fmt: skip
            change.subjects += [row.ordinal for row in created]
            left = _left(created, drafts)
            self._keep(change, left, self._vault.keys([row.customer_id for row, _ in left]))
            return
        new = [
            NewRow(draft.values, draft.parent.customer_id, draft.parent.row_id, origin=self._origin)
            for draft in drafts.created
            if draft.parent
        ]
        created = self._writer.create(change.conn, new, keys=found.keys.held)
        change.subjects += [found.customers[row.customer_id].ordinal for row in created]
        self._keep(change, _left(created, drafts), found.keys.held)

    def _keep(
        self, change: Change, left: Sequence[tuple[Stored, Mapping[str, Value]]], keys: Mapping[str, bytes]
    ) -> None:  # fmt: skip
        """Seal what columns say that the catalogue does not know."""
        rows = [(row.customer_id, row.row_id, values) for row, values in left]
        write_left(change.conn, self._entity.name, rows, keys, version=self._version)

    def _declare(self, change: Change, at: str) -> Origin:
        """Return where the rows come from; the entry says their set, and what it declares if it is new."""
        number = find_set(change.conn, self._said.digest)
        if number is None:
            number = intern(change.conn, self._said, at=at)
            change.facts["declared"] = facts_of(self._said)
        change.facts["provenance"] = number
        return Origin(number, seconds(at))

    def _events(self, customer_id: str, draft: Draft) -> list[Event]:
        if not draft.tightened:
            return []
        at = timestamp()
        return [
            Event(customer_id, choice, State.REFUSED, Source.IMPORT, at, at, self._evidence, reference=self._digest)
            for choice in sorted(draft.tightened)
        ]


def _left(created: Sequence[Stored], drafts: Drafts) -> list[tuple[Stored, Mapping[str, Value]]]:
    return [(row, draft.kept) for row, draft in zip(created, drafts.created, strict=True) if draft.kept]
