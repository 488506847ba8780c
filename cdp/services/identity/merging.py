"""Merging two customers into one, and taking that back exactly; within the caller's transaction.

    1. both are locked, in the order of their ids, and read whole
    2. refusals: the survivor has the union (`consent.merge`)
    3. what belongs to the absorbed becomes the survivor's, events too; her identifiers become aliases of the survivor
    4. fields: what one of them had corrected counts first; of two that were said by sources the later; else the
       survivor's, unless it is empty; where one of the absorbed's counts, the row comes from what both came from
    5. both as they were are kept sealed under the survivor's key, in `cdp_merge`; the absorbed row goes

The absorbed keeps her id, her key and her history, so that she can come back as she was; an erasure of the survivor
takes all of it. What was changed since the merge stays with the survivor when it is undone.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from audit.door import Change
from audit.entries import Principal, timestamp
from cdp.bootstrap import InForce
from cdp.errors import NotFound, Refused, Unavailable
from cdp.events.kept import move_events, rows_of_messages
from cdp.services.identity.moving import move_rows
from cdp.services.identity.restoring import restore
from cdp.services.identity.said import Said, as_value, forget_said, latest, of_value, unite, write_said
from cdp.services.identity.state import State, drop_row, origin_of, read_state
from cdp.services.requests.moving import move_requests
from cdp.store.bulk import insert_rows
from cdp.store.collected import Collecting
from cdp.store.corrected import corrected_fields, read_pins
from cdp.store.left_over import move_left
from cdp.store.lookup import Customer, lock_customers
from cdp.store.people import MERGE
from cdp.store.platform import IDENTIFIER
from cdp.store.provenance import Origin
from cdp.store.records import Stored
from cdp.store.sign_in import SESSION
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, Value
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault
from consent.arrivals import settle
from consent.merge import Merge, merge_refusals, unmerge_refusals

MAX_MERGES: Final = 50
"""How many customers may become part of one; beyond, something is wrong with an identifier that they share."""

_SEALER: Final = Sealer(MERGE.name, "state")
_FORMAT: Final = 1
_M: Final = MERGE.c


@dataclass(frozen=True, slots=True)
class Merged:
    """One merge that stands."""

    merge_id: str
    survivor: str
    absorbed: str
    cause: str


def merge(
    change: Change, in_force: InForce, vault: Vault, survivor: str, absorbed: str, *, principal: Principal, cause: str
) -> Merged:
    """Make one customer part of another.

    Raises:
        NotFound: `unknown_customer`.
        Refused: `merge_same`, `merge_capped`.
        Unavailable: `store_conflict`, when one of them is being erased.
    """
    conn, at = change.conn, timestamp()
    if survivor == absorbed:
        raise Refused("merge_same", "the two are one customer already", path="customer")
    people, keys = lock_both(conn, in_force, vault, (survivor, absorbed))
    if len(standing(conn, survivor)) >= MAX_MERGES:
        raise Refused("merge_capped", f"{MAX_MERGES} customers are part of this one already", path="customer")
    before = read_state(conn, in_force, survivor, vault=vault, keys=keys)
    gone = read_state(conn, in_force, absorbed, vault=vault, keys=keys)
    pins = read_pins(conn, CUSTOMER, keys)
    corrected = [
        corrected_fields(pins.get(who, {}), each.values) for who, each in ((survivor, before), (absorbed, gone))
    ]
    done = Merged(str(uuid.uuid4()), survivor, absorbed, cause)
    merge_refusals(conn, in_force.catalogue, Merge(done.merge_id, survivor, absorbed), at=at)
    move_rows(conn, in_force, vault, gone.rows, giver=absorbed, taker=survivor, keys=keys)
    move_requests(conn, gone.requests, giver=absorbed, taker=survivor, keys=keys)
    move_events(conn, gone.events, giver=absorbed, taker=survivor, keys=keys)
    move_left(conn, gone.left, giver=absorbed, taker=survivor, keys=keys)
    drop_row(conn, in_force, absorbed)
    conn.execute(delete(SESSION).where(SESSION.c.bearer == vault.bearer(absorbed)))  # she signs in as who she is now
    values, said = _united(before, gone, *corrected)
    united = Stored(survivor, survivor, before.ordinal, values)
    _write(conn, in_force, vault, united, keys, before, gone)
    came = (before.origin,) if values == before.values else (before.origin, gone.origin)
    origin = _come(conn, in_force, survivor, *came, at=at)
    _settle(conn, in_force, [united], at=at, actor=principal.name)
    _take_identifiers(conn, survivor, before, gone)
    forget_said(conn, [absorbed])
    write_said(conn, keys, {survivor: said})
    packed: dict[str, Value] = {
        "survivor": before.pack(), "absorbed": gone.pack(), "values": values, "said": as_value(said),
        "origin": [origin.provenance, origin.collected],
    }  # fmt: skip
    sealed = _SEALER.seal(keys[survivor], done.merge_id, packed, schema=_FORMAT)
    conn.execute(
        insert(MERGE).values(
            customer_id=survivor, merge_id=done.merge_id, absorbed=absorbed, ordinal=gone.ordinal, sealed=sealed,
            cause=cause, actor=principal.name, merged_at=at, undone_at=None,
        )
    )  # fmt: skip
    change.subjects += [each.ordinal for each in people.values()]
    return done


def unmerge(change: Change, in_force: InForce, vault: Vault, merge_id: str) -> Merged:
    """Take a merge back: the absorbed is as she was, and the survivor but for what was changed since.

    Raises:
        NotFound: `unknown_merge`.
        Refused: `merge_nested`, when the survivor herself became part of somebody since.
    """
    conn, at = change.conn, timestamp()
    row = conn.execute(select(MERGE).where(_M.merge_id == merge_id, _M.undone_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound("unknown_merge", "there is no such merge, or it is undone", path="merge")
    survivor, absorbed = row.customer_id, row.absorbed
    if conn.execute(select(_M.merge_id).where(_M.absorbed == survivor, _M.undone_at.is_(None)).limit(1)).first():
        hint = "undo that merge first"
        raise Refused("merge_nested", "the customer became part of another one since", path="merge", hint=hint)
    people, keys = lock_both(conn, in_force, vault, (survivor,), also=(absorbed,))
    packed = _SEALER.unseal(keys[survivor], merge_id, bytes(row.sealed))
    before, gone = State.unpack(_dict(packed["survivor"])), State.unpack(_dict(packed["absorbed"]))
    now = read_state(conn, in_force, survivor, vault=vault, keys=keys)
    _return_identifiers(conn, survivor, before, gone)
    merged_values = _dict(packed["values"])
    values = {
        name: before.values.get(name) if value == merged_values.get(name) else value
        for name, value in now.values.items()
    }
    alone = Stored(survivor, survivor, now.ordinal, values)
    _write(conn, in_force, vault, alone, keys, before)
    if now.origin == origin_of(packed):  # else something was collected since: that stays, with what it is mixed with
        _come(conn, in_force, survivor, before.origin, at=at)
    restore(conn, in_force, vault, absorbed, gone, keys=keys)
    rows = _with_later(gone.rows, rows_of_messages(conn, survivor, gone.events))
    move_rows(conn, in_force, vault, rows, giver=survivor, taker=absorbed, keys=keys)
    move_events(conn, gone.events, giver=survivor, taker=absorbed, keys=keys)
    move_left(conn, gone.left, giver=survivor, taker=absorbed, keys=keys)
    move_requests(conn, gone.requests, giver=survivor, taker=absorbed, keys=keys)
    said = _unsaid(now.said, of_value(packed["said"]), before.said)
    write_said(conn, keys, {survivor: said, absorbed: gone.said})
    unmerge_refusals(conn, in_force.catalogue, Merge(merge_id, survivor, absorbed), at=at)
    back = Stored(absorbed, absorbed, gone.ordinal, gone.values)
    _settle(conn, in_force, [alone, back], at=at, actor=row.actor)
    conn.execute(
        update(MERGE).where(_M.customer_id == survivor, _M.merge_id == merge_id).values(undone_at=at, sealed=b"")
    )
    change.subjects += [*(each.ordinal for each in people.values()), gone.ordinal]
    return Merged(merge_id, survivor, absorbed, row.cause)


def lock_both(
    conn: Connection, in_force: InForce, vault: Vault, customer_ids: tuple[str, ...], *, also: tuple[str, ...] = ()
) -> tuple[dict[str, Customer], Mapping[str, bytes]]:
    """Lock customers and return them with their keys, and with the keys of others that have no row now."""
    people = lock_customers(conn, in_force.catalogue, customer_ids)
    if len(people) != len(set(customer_ids)):
        raise NotFound("unknown_customer", "there is no such customer", path="customer")
    keys = vault.keys(sorted({*customer_ids, *also}))
    if len(keys) != len({*customer_ids, *also}):
        raise Unavailable("store_conflict", "another change of the database came first", hint="try again")
    return people, keys


def standing(conn: Connection, survivor: str) -> list[Merged]:
    """Return the merges of a customer that are not undone, oldest first."""
    rows = conn.execute(
        select(_M.merge_id, _M.customer_id, _M.absorbed, _M.cause)
        .where(_M.customer_id == survivor, _M.undone_at.is_(None))
        .order_by(_M.merged_at, _M.merge_id)
    )
    return [Merged(*row) for row in rows]


def _united(before: State, gone: State, mine_corrected: set[str], hers: set[str]) -> tuple[dict[str, Value], Said]:
    """Return the fields of both together, and what was said of them; what one of them had corrected counts first."""
    said = unite(before.said, gone.said)
    values = {}
    for name in before.values.keys() | gone.values.keys():
        if name in mine_corrected | hers:
            values[name] = (before if name in mine_corrected else gone).values.get(name)
            continue
        counting, mine = latest(said, name), before.values.get(name)
        values[name] = counting[3] if counting is not None and counting[0] else mine
        if values[name] is None:
            values[name] = gone.values.get(name)
    return values, said


def _unsaid(now: Said, merged: Said, before: Said) -> Said:
    """Return what is said of the survivor without what the merge brought; what was said since stays."""
    kept: Said = {source: dict(fields) for source, fields in before.items()}
    for source, fields in now.items():
        for name, spoken in fields.items():
            if merged.get(source, {}).get(name) != spoken:
                kept.setdefault(source, {})[name] = spoken
    return kept


def _with_later(rows: Mapping[str, Collection[str]], of_events: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Return rows with those that her events became since, under a newer catalogue."""
    return {name: {*rows.get(name, ()), *of_events.get(name, ())} for name in {*rows, *of_events}}


def _take_identifiers(conn: Connection, survivor: str, before: State, gone: State) -> None:
    """Have the survivor bear what the absorbed bore, and what she bore herself though it stands in no field now."""
    c = IDENTIFIER.c
    here = select(c.kind, c.token).where(c.customer_id == survivor, c.entity == CUSTOMER)
    present = {(kind, token) for kind, token in conn.execute(here)}
    wanted = {(kind, token): verified for kind, token, verified, _ in (*gone.identifiers, *before.identifiers)}
    insert_rows(
        conn, IDENTIFIER,
        [(survivor, CUSTOMER, survivor, kind, token, verified, True)
         for (kind, token), verified in sorted(wanted.items()) if (kind, token) not in present],
    )  # fmt: skip


def _return_identifiers(conn: Connection, survivor: str, before: State, gone: State) -> None:
    """Take from the survivor what only the absorbed bore, and what became an alias by the merge."""
    own = {(kind, token): alias for kind, token, _, alias in before.identifiers}
    theirs = [(kind, token) for kind, token, _, _ in gone.identifiers if (kind, token) not in own]
    became = [pair for pair, alias in own.items() if not alias]
    c = IDENTIFIER.c
    for kind, token in theirs:
        conn.execute(IDENTIFIER.delete().where(c.customer_id == survivor, c.kind == kind, c.token == token))
    for kind, token in became:
        mine = IDENTIFIER.delete().where(c.customer_id == survivor, c.kind == kind, c.token == token)
        conn.execute(mine.where(c.entity == CUSTOMER))


def _write(
    conn: Connection, in_force: InForce, vault: Vault, row: Stored, keys: Mapping[str, bytes], *states: State
) -> None:
    """Write a row anew; what one of them only claimed stays a claim."""
    catalogue = in_force.catalogue
    claims = {(row.row_id, *each[:2]) for state in states for each in state.identifiers if not each[2]}
    writer = Writer(
        catalogue, catalogue.entities[CUSTOMER], version=in_force.catalogue_version, vault=vault,
        dialect=conn.dialect.name,
    )  # fmt: skip
    writer.replace(conn, [row], claims=claims, keys=keys)


def _come(conn: Connection, in_force: InForce, customer_id: str, *origins: Origin, at: str) -> Origin:
    """Have a customer's row come from these origins; return what they amount to."""
    collecting = Collecting(conn, in_force.catalogue, in_force.catalogue.entities[CUSTOMER], at)
    found = collecting.of_all(origins)
    collecting.put({(customer_id, customer_id): found})
    return found


def _settle(conn: Connection, in_force: InForce, people: list[Stored], *, at: str, actor: str) -> None:
    settle(conn, people, catalogue=in_force.catalogue, regimes=in_force.policy.regime, at=at, actor=actor)


def _dict(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
