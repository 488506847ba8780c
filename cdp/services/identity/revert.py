"""Taking back all that one source of events has said of people.

Fields go back to what counts without it; profiles that only this source names, and of which nothing else is known, are
empty afterwards and can be erased; its claims go; merges that it caused are undone, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from audit.door import Change
from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.identity.fold import CAUSE
from cdp.services.identity.links import drop_links, links_of_source
from cdp.services.identity.merging import lock_both, unmerge
from cdp.services.identity.said import latest, read_said, write_said
from cdp.store.arriving import SOURCE
from cdp.store.collected import Collecting
from cdp.store.corrected import corrected_fields, read_pins
from cdp.store.lookup import find_claims
from cdp.store.origins import PROVENANCE
from cdp.store.people import LINK, MERGE, SAID
from cdp.store.provenance import Origin, without
from cdp.store.records import Stored, read_rows
from cdp.store.write import Writer
from cdp.terms import CUSTOMER
from consent.arrivals import settle

BATCH = 500


@dataclass(frozen=True, slots=True)
class Reverted:
    """What was taken back."""

    profiles: int
    claims: int
    merges: int


def revert_source(platform: Platform, source: str, *, principal: Principal, reason: str) -> Reverted:
    """Take back all that a source has said; in batches, each with its entry. Interrupted, it is run again.

    Raises:
        NotFound: `unknown_source`; what stands in place of a name is nowhere on the log.
    """
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", "revert_source", principal, in_force.versions, {"source": source}, reason=reason)
    with platform.door.record(entry) as change:
        _require_known(change, source)
        merges = _undo_merges(platform, in_force, change, source)
        links = links_of_source(change.conn, source)
        drop_links(change.conn, links)
        change.facts |= {"merges": merges, "claims": len(links)}
    profiles = 0
    while True:
        with platform.door.record(entry) as change:
            done = _batch(platform, in_force, change, source)
            change.facts["profiles"] = done
        profiles += done
        if done == 0:
            return Reverted(profiles, len(links), merges)


def _require_known(change: Change, source: str) -> None:
    conn = change.conn
    for column in (SOURCE.c.name, SAID.c.source, LINK.c.source):
        if conn.execute(select(column).where(column == source).limit(1)).first():
            return
    hint = "`cdp source list` shows them"
    raise NotFound("unknown_source", "there is no such source", path="source", hint=hint)


def _undo_merges(platform: Platform, in_force: InForce, change: Change, source: str) -> int:
    c = MERGE.c
    mine = select(c.merge_id).where(c.cause == CAUSE, c.actor == f"source:{source}", c.undone_at.is_(None))
    found = change.conn.execute(mine.order_by(c.merged_at.desc(), c.merge_id)).scalars().all()
    for merge_id in found:
        unmerge(change, in_force, platform.vault, merge_id)
    return len(found)


def _batch(platform: Platform, in_force: InForce, change: Change, source: str) -> int:
    conn, vault, catalogue = change.conn, platform.vault, in_force.catalogue
    named = select(SAID.c.customer_id).where(SAID.c.source == source).order_by(SAID.c.customer_id).limit(BATCH)
    ids = tuple(conn.execute(named).scalars())
    if not ids:
        return 0
    people, keys = lock_both(conn, in_force, vault, ids)
    entity = catalogue.entities[CUSTOMER]
    said, pins = read_said(conn, keys), read_pins(conn, CUSTOMER, keys)
    rows = []
    for row in read_rows(conn, catalogue, entity, [(each, each) for each in ids], keys=vault):
        gone = said[row.customer_id].pop(source, {})
        values = dict(row.values)
        corrected = corrected_fields(pins.get(row.customer_id, {}), values)
        for name, spoken in gone.items():
            if name in corrected:
                continue
            counting = latest(said[row.customer_id], name)
            if name in values and values[name] == spoken[2]:
                values[name] = None if counting is None else counting[3]
        rows.append(Stored(row.customer_id, row.row_id, row.ordinal, values))
    claims = find_claims(conn, entity, [(row.customer_id, row.row_id) for row in rows])
    writer = Writer(
        catalogue, entity, version=in_force.catalogue_version, vault=vault, dialect=conn.dialect.name
    )  # fmt: skip
    writer.replace(conn, rows, claims=claims, keys=keys)
    _leave_sets(Collecting(conn, catalogue, entity, timestamp()), rows, source)
    write_said(conn, keys, said)
    settle(
        conn, rows, catalogue=catalogue, regimes=in_force.policy.regime, at=timestamp(), actor=f"source:{source}"[:100]
    )
    change.subjects += [each.ordinal for each in people.values()]
    return len(ids)


def _leave_sets(collecting: Collecting, rows: Sequence[Stored], source: str) -> None:
    """Have rows come no more from what this source declared, where they came from something else besides."""
    conn = collecting.conn
    gone = conn.execute(select(PROVENANCE.c.provenance).where(PROVENANCE.c.source == source)).scalars().all()
    origins = collecting.origins([(row.customer_id, row.row_id) for row in rows])
    sets = sorted({each.provenance for each in origins.values()})
    left = {number: without(conn, number, gone, at=collecting.at) for number in sets}
    collecting.put({name: Origin(left[each.provenance], each.collected) for name, each in origins.items()})
