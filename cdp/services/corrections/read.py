"""Corrections as an officer and as she herself sees them: old, new, and for the officer what stands there now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from audit.entries import HERSELF, Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.corrections.apply import stored_row
from cdp.services.corrections.records import PROPOSED, Correction, Place, corrections_of, seen_digest, waiting
from cdp.services.requests.records import Request, key_of, load, unknown_request, whose
from cdp.store.asking import CORRECTION
from cdp.store.lookup import find_ordinals
from cdp.terms import Value

ACT: Final = "read_requests"
_C: Final = CORRECTION.c


@dataclass(frozen=True)
class Shown:
    """A field of a correction with what stands there now; `seen` is what an approval names.

    Attributes:
        changed: whether the store has changed since she proposed it.
        gone: whether there is no such field or row any more.
    """

    correction: Correction
    stored: Value
    seen: str
    changed: bool
    gone: bool


@dataclass(frozen=True)
class Corrections:
    """A request with its fields."""

    request: Request
    fields: Sequence[Shown]


def read_correction(platform: Platform, request_id: str, *, principal: Principal) -> Corrections:
    """Return a correction as the officer decides about it.

    Raises:
        NotFound: `unknown_request`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        owner = whose(change.conn, request_id)
        key = key_of(platform, owner)
        request = load(change.conn, platform, owner, request_id)
        fields = []
        for each in corrections_of(change.conn, owner, request_id, key):
            stored, gone = None, False
            try:
                row = stored_row(change.conn, in_force, owner, each.place, key)
                stored = row.values.get(each.place.field)
            except NotFound:
                gone = True
            seen = seen_digest(platform.vault, each, stored)
            fields.append(Shown(each, stored, seen, each.state == PROPOSED and stored != each.old, gone))
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [owner])
        change.facts |= {"request": request_id, "fields": []}
    return Corrections(request, fields)


def list_corrections(platform: Platform, *, principal: Principal, limit: int = 100) -> list[Correction]:
    """Return the fields that wait for a decision, of all customers."""
    in_force = platform.in_force()
    wanted = (
        select(_C.customer_id).where(_C.state == PROPOSED).distinct().order_by(_C.customer_id).limit(limit)
    )  # fmt: skip
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        owners = list(change.conn.execute(wanted).scalars())
        keys = platform.vault.keys(owners)
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted(keys))
        return [each for owner in sorted(keys) for each in waiting(change.conn, owner, keys[owner])][:limit]


def own_corrections(platform: Platform, customer_id: str, request_id: str | None = None) -> list[Correction]:
    """Return the fields of one correction of the person who is signed in, or of hers all that wait.

    Raises:
        NotFound: `unknown_request`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions)) as change:
        ordinals = find_ordinals(change.conn, in_force.catalogue, [customer_id])
        if not ordinals:
            raise unknown_request()
        change.subjects += ordinals
        key = key_of(platform, customer_id)
        if request_id is None:
            return waiting(change.conn, customer_id, key)
        return corrections_of(change.conn, customer_id, request_id, key)


def own_fields(platform: Platform, customer_id: str) -> dict[str, list[Place]]:
    """Return which fields the corrections of the person who is signed in are of, by request."""
    in_force, found = platform.in_force(), defaultdict[str, list[Place]](list)
    mine = select(_C.request_id, _C.field, _C.entity, _C.row_id).where(_C.customer_id == customer_id)
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions)) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [customer_id])
        for row in change.conn.execute(mine.order_by(_C.request_id, _C.entity, _C.row_id, _C.field)):
            found[row.request_id].append(Place(row.field, row.entity, row.row_id))
    return found
