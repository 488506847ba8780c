"""Reading anew what columns of files said, when the catalogue has learnt of them.

What a field takes now is put into it, where it is empty: what the row holds already was said first. What no field
takes, or what is somebody else's identifier, stays sealed. Of somebody who became part of another the other has it, and
hers stays as it was, so that she has it again when that is undone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Connection, select, update

from audit.entries import Entry, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.ingest.plan import Fields
from cdp.ingest.reread import READER, Done
from cdp.services.imports.found import HeldKeys
from cdp.store.arriving import LEFT_OVER
from cdp.store.corrected import Pins, corrected_fields, read_pins
from cdp.store.given import Given
from cdp.store.left_over import read_left, write_left
from cdp.store.lookup import Customer, find_by_tokens, find_claims, lock_customers
from cdp.store.records import Stored, read_rows
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, Value
from cdp.vault.vault import Vault
from consent.arrivals import follow_moves

BATCH: Final = 500
_L: Final = LEFT_OVER.c


def reread_files(platform: Platform) -> int:
    """Read the next rows anew whose left-over columns were read with an older catalogue; return how many.

    Raises:
        Done: there are none.
        Unavailable: the database, the keys or the log cannot serve.
    """
    in_force, vault = platform.in_force(), platform.vault
    with platform.door.record(Entry("change", "reread", READER, in_force.versions)) as change:
        entity, people, rows = _older(change.conn, in_force)
        keys = vault.keys(sorted(people))
        reading = _Reading(change.conn, in_force, vault, entity, keys)
        taken = reading.take([(row.customer_id, row.row_id) for row in rows if row.customer_id in keys])
        change.subjects += sorted({people[customer_id].ordinal for customer_id in taken})
        change.facts |= {"rows": len(rows), "changed": len(taken)}
        gone = [(row.customer_id, row.row_id) for row in rows if row.customer_id not in keys]
        _pass_over(change.conn, in_force, entity, gone)
    return len(rows)


def _older(conn: Connection, in_force: InForce) -> tuple[str, dict[str, Customer], Sequence[Any]]:
    """Return an entity, people, locked, and rows of theirs; people first, as a merge does."""
    older = _L.read_with < in_force.catalogue_version
    found = conn.execute(
        select(_L.customer_id, _L.entity, _L.row_id).where(older).order_by(_L.read_with, _L.entity).limit(BATCH)
    ).all()
    if not found:
        raise Done
    entity = str(found[0].entity)
    mine = [row for row in found if row.entity == entity]
    people = lock_customers(conn, in_force.catalogue, {row.customer_id for row in mine})
    given = Given(conn.dialect.name, 2)
    wanted = select(_L.customer_id, _L.row_id).where(older, _L.entity == entity, given.holds(_L.customer_id, _L.row_id))
    names = given.values((row.customer_id, row.row_id) for row in mine)
    return entity, people, conn.execute(wanted.with_for_update(skip_locked=True), names).all()


class _Reading:
    """Rows of one entity, read anew in one transaction."""

    def __init__(
        self, conn: Connection, in_force: InForce, vault: Vault, entity: str, keys: Mapping[str, bytes]
    ) -> None:  # fmt: skip
        self._conn, self._in_force, self._vault, self._keys = conn, in_force, vault, keys
        self._name = entity
        self._entity = in_force.catalogue.entities.get(entity)
        self._pins: Mapping[str, Pins] = {}

    def take(self, ids: Sequence[tuple[str, str]]) -> list[str]:
        """Put what is known now into fields, and seal the rest again; return whose rows changed."""
        conn, version = self._conn, self._in_force.catalogue_version
        left = read_left(conn, self._name, ids, self._keys)
        stored = self._stored(ids)
        self._pins = read_pins(conn, self._name, self._keys)
        before = {row.row_id: replace(row, values=dict(row.values)) for row in stored.values()}
        rest, changed = list[tuple[str, str, Mapping[str, Value]]](), dict[str, Stored]()
        for customer_id, row_id in ids:
            over, row = left.get(row_id, {}), stored.get((customer_id, row_id))
            if row is not None and self._entity is not None:
                refused = self._put(row, over, changed)
                # A part of somebody keeps hers: it is hers again when that is undone.
                over = refused if row.row_id == row_id else over
            rest.append((customer_id, row_id, over))
        self._write([before[each] for each in changed], list(changed.values()))
        write_left(conn, self._name, rest, self._keys, version=version)
        return sorted({row.customer_id for row in changed.values()})

    def _stored(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Stored]:
        """Return the rows to which what is left over belongs."""
        if self._entity is None:
            return {}
        is_customer = self._entity.is_customer
        wanted = [(customer_id, customer_id) for customer_id in dict.fromkeys(each for each, _ in ids)]
        keys = HeldKeys(self._keys)
        found = read_rows(self._conn, self._in_force.catalogue, self._entity, wanted if is_customer else ids, keys=keys)
        rows = {row.row_id: row for row in found}
        return {(who, each): rows[name] for who, each in ids if (name := who if is_customer else each) in rows}

    def _put(self, row: Stored, over: Mapping[str, Value], changed: dict[str, Stored]) -> dict[str, Value]:
        """Put into the empty fields of a row what they take; return what stays."""
        rest: dict[str, Value] = {}
        emptied = corrected_fields(self._pins.get(row.row_id, {}), row.values)
        for title, given in over.items():
            values, left = self._fields.take({title: given})
            for name, value in values.items():
                if self._is_anothers(row, name, value, changed.values()):
                    left = {title: given}
                elif value is not None and row.values.get(name) is None and name not in emptied:
                    row.values[name] = value
                    changed[row.row_id] = row
            rest |= left
        return rest

    @cached_property
    def _fields(self) -> Fields:
        return Fields(self._in_force.catalogue.entities[self._name])

    def _is_anothers(self, row: Stored, name: str, value: Value, changed: Collection[Stored]) -> bool:
        """Whether a value is an identifier that another row bears, or that is not to be taken in."""
        blind, kind = self._vault.blind, self._in_force.catalogue.entities[self._name].fields[name].identifier
        token = blind.token(self._name, kind, str(value)) if kind else None
        if kind is None or token is None:
            return False
        text = token.hex()
        borne = find_by_tokens(self._conn, self._name, kind, [text]).get(text)
        if borne is not None and borne.row_id != row.row_id:
            return True
        if self._name == CUSTOMER and self._vault.suppression.refused([(kind, text)]):
            return True
        others = [each.values.get(name) for each in changed if each is not row]
        return any(blind.token(self._name, kind, str(each)) == token for each in others if each is not None)

    def _write(self, before: Sequence[Stored], after: Sequence[Stored]) -> None:
        if self._entity is None or not after:
            return
        conn, in_force = self._conn, self._in_force
        writer = Writer(
            in_force.catalogue, self._entity, version=in_force.catalogue_version, vault=self._vault,
            dialect=conn.dialect.name,
        )  # fmt: skip
        claims = find_claims(conn, self._entity, [(row.customer_id, row.row_id) for row in after])
        writer.replace(conn, after, claims=claims, keys=self._keys)
        if self._entity.is_customer:
            follow_moves(
                conn, before, after, catalogue=in_force.catalogue, regimes=in_force.policy.regime, at=timestamp(),
                actor=READER.name,
            )  # fmt: skip


def _pass_over(conn: Connection, in_force: InForce, entity: str, ids: Sequence[tuple[str, str]]) -> None:
    """Say that rows were read whose customers are being erased."""
    if ids:
        given = Given(conn.dialect.name, 2)
        mine = update(LEFT_OVER).where(_L.entity == entity, given.holds(_L.customer_id, _L.row_id))
        conn.execute(mine.values(read_with=in_force.catalogue_version), given.values(ids))
