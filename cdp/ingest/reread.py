"""Reading kept events again, when the catalogue has learnt of what was left over of them.

Every event keeps, sealed under its person's key, what no field took of it, and with which version of the catalogue it
was read. Once an officer has given a property, an event or a trait its place and its tag, and `cdp model apply` is
done, the worker reads older events anew: what is known now becomes fields, and only what is not stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from audit.door import Change
from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.events.kept import REST
from cdp.events.normalise import Event
from cdp.ingest.plan import Taken, TrackingPlan
from cdp.ingest.sources import Source, list_sources
from cdp.services.identity.fold import fold
from cdp.services.identity.sighting import Named, Sighting
from cdp.store.arriving import EVENT
from cdp.store.corrected import corrected_fields, read_pins
from cdp.store.given import Given
from cdp.store.lookup import Customer, lock_customers, only_claimed
from cdp.store.provenance import Origin, seconds
from cdp.store.records import read_rows
from cdp.store.write import NewRow, Writer
from cdp.terms import ANONYMOUS_ID, USER_ID
from cdp.vault.vault import Vault

BATCH: Final = 500
READER: Final = Principal("system:ingest")
_ABOUT: Final = ("name", "at", "userId", "anonymousId", "traits")


@dataclass(frozen=True, slots=True)
class _Kept:
    """An event that was kept, opened and read anew."""

    customer_id: str
    source: Source
    message: str
    entity: str
    row_id: str
    event: Event
    taken: Taken
    origin: Origin

    @property
    def verifies(self) -> bool:
        """Whether what it says of identifiers counts."""
        return self.source.trusted


class Done(Exception):
    """Every event was read with the catalogue in force; the transaction leaves no trace."""


def reread(platform: Platform) -> int:
    """Read the next events anew that were read with an older catalogue; return how many.

    Raises:
        Done: there are none.
        Unavailable: the database, the keys or the log cannot serve.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("change", "reread", READER, in_force.versions)) as change:
        people, rows = _older(change.conn, in_force)
        sources = {source.source: source for source in list_sources(platform)}
        kept = _opened(in_force, platform.vault, [row for row in rows if row.customer_id in people], sources)
        changed = [each for each in kept if each.taken.values or each.taken.traits]
        change.subjects += sorted({people[each.customer_id].ordinal for each in changed})
        ids = _write_rows(change.conn, in_force, platform.vault, changed)
        _fold_traits(platform, change, changed)
        _leave(change.conn, in_force, platform.vault, kept, ids)
        _pass_over(change.conn, in_force, [(row.source, row.message) for row in rows], kept)
        change.facts |= {"events": len(rows), "changed": len(changed)}
    return len(rows)


def _older(conn: Connection, in_force: InForce) -> tuple[dict[str, Customer], list[Row[Any]]]:
    """Return people, locked, and events of theirs that were read with an older catalogue.

    People first, as a merge does: it moves events with them. Those of people who became part of others at this moment
    are read next time, when they are the others'.
    """
    c, given = EVENT.c, Given(conn.dialect.name, 1)
    older = c.read_with < in_force.catalogue_version
    found = conn.execute(select(c.customer_id, c.message).where(older).order_by(c.read_with).limit(BATCH)).all()
    if not found:
        raise Done
    whose = {row.message: row.customer_id for row in found}
    people = lock_customers(conn, in_force.catalogue, set(whose.values()))
    mine = select(EVENT).where(older, given.holds(c.message)).with_for_update(skip_locked=True)
    rows = conn.execute(mine, given.texts(whose)).all()
    return people, [row for row in rows if whose[row.message] == row.customer_id]


def _opened(
    in_force: InForce, vault: Vault, rows: Sequence[Row[Any]], sources: Mapping[int, Source]
) -> list[_Kept]:  # fmt: skip
    keys = vault.keys(sorted({row.customer_id for row in rows}))
    plan, found = TrackingPlan.of(in_force.catalogue), []
    for row in rows:
        if row.customer_id in keys and row.rest is not None:
            event = _event(row.kind, row.message, REST.unseal(keys[row.customer_id], row.message, bytes(row.rest)))
            taken = plan.take(event, row.received_at)
            origin = Origin(row.provenance, seconds(row.received_at))
            found.append(
                _Kept(
                    row.customer_id, sources[row.source], row.message, row.entity, row.row_id, event, taken, origin
                )
            )  # fmt: skip
    return found


def _event(kind: str, message: str, rest: dict[str, Any]) -> Event:
    said = {name: value for name, value in rest.items() if name not in _ABOUT}
    name, at, user, anonymous = (str(rest.get(each, "")) for each in ("name", "at", "userId", "anonymousId"))
    return Event(kind, name, message, at, user, anonymous, rest.get("traits", {}), said)


def _write_rows(conn: Connection, in_force: InForce, vault: Vault, changed: Sequence[_Kept]) -> dict[str, str]:
    """Make rows of events that had none, and add to those that had one; return the ids of the new by message."""
    ids: dict[str, str] = {}
    for name, verifies in sorted({(each.taken.entity, each.verifies) for each in changed if each.taken.entity}):
        entity = in_force.catalogue.entities[name]
        writer = Writer(
            in_force.catalogue, entity, version=in_force.catalogue_version, vault=vault, dialect=conn.dialect.name
        )
        mine = [each for each in changed if (each.taken.entity, each.verifies) == (name, verifies)]
        claimed = partial(only_claimed, conn, entity, verifies=verifies)
        new = [each for each in mine if each.entity != name]
        rows = [NewRow(each.taken.values, each.customer_id, each.customer_id, origin=each.origin) for each in new]
        created = writer.create(conn, rows, claimed=claimed)
        ids |= {each.message: row.row_id for each, row in zip(new, created, strict=True)}
        older = {each.row_id: each for each in mine if each.entity == name}
        there = [(each.customer_id, each.row_id) for each in older.values()]
        filled = []
        pins = read_pins(conn, name, vault.keys(sorted({customer_id for customer_id, _ in there})))
        for row in read_rows(conn, in_force.catalogue, entity, there, keys=vault):
            values = older[row.row_id].taken.values.items()
            emptied = corrected_fields(pins.get(row.row_id, {}), row.values)  # on her word: nothing fills it
            more = {
                name: value for name, value in values
                if value is not None and row.values.get(name) is None and name not in emptied
            }  # fmt: skip
            if more:  # what the row holds already was said first
                row.values.update(more)
                filled.append(row)
        writer.replace(conn, filled, claims=claimed(writer.identifiers(filled)))
    return ids


def _fold_traits(platform: Platform, change: Change, changed: Sequence[_Kept]) -> None:
    sightings = []
    for each in changed:
        if each.taken.traits:
            source, event = each.source, each.event
            named = [
                Named(kind, value, verified=source.trusted and kind == USER_ID)
                for kind, value in ((USER_ID, event.user), (ANONYMOUS_ID, event.anonymous))
                if value
            ]
            sightings.append(
                Sighting(source.name, each.message, event.at, tuple(named), each.taken.traits, each.origin)
            )
    if sightings:
        fold(platform, change, sightings)


def _leave(conn: Connection, in_force: InForce, vault: Vault, kept: Sequence[_Kept], ids: dict[str, str]) -> None:
    """Seal what is still left over, and say with which catalogue all were read."""
    c, version = EVENT.c, in_force.catalogue_version
    keys = vault.keys(sorted({each.customer_id for each in kept}))
    there = [each for each in kept if each.customer_id in keys]
    rests = REST.seal_rows(keys, [(each.customer_id, each.message, each.taken.rest) for each in there], schema=version)
    mine = update(EVENT).where(
        c.customer_id == bindparam("_her"), c.source == bindparam("_source"), c.message == bindparam("_message")
    )
    rows = [
        {
            "_her": each.customer_id, "_source": each.source.source, "_message": each.message, "rest": rest,
            "entity": each.taken.entity or each.entity, "row_id": ids.get(each.message, each.row_id),
            "read_with": version,
        }
        for each, rest in zip(there, rests, strict=True)
    ]  # fmt: skip
    if rows:
        names = ("rest", "entity", "row_id", "read_with")
        conn.execute(mine.values({name: bindparam(name) for name in names}), rows)


def _pass_over(conn: Connection, in_force: InForce, rows: Sequence[tuple[int, str]], kept: Sequence[_Kept]) -> None:
    """Say that the others were read, too: those of which nothing is left, and of people who are being erased."""
    others = {*rows} - {(each.source.source, each.message) for each in kept}
    mine = update(EVENT).where(EVENT.c.source == bindparam("_source"), EVENT.c.message == bindparam("_message"))
    if others:
        values = [{"_source": source, "_message": message} for source, message in sorted(others)]
        conn.execute(mine.values(read_with=in_force.catalogue_version), values)
