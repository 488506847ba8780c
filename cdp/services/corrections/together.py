"""Corrections that are decided together: the queue of them, and the harmless ones approved in one act.

What may be approved together is *safe*: see `cdp.services.corrections.fields.is_safe`. Each is approved as it would be
alone, with the digest of what was shown: one that has changed meanwhile is left, and said.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.services.corrections.compare import Compared, compare
from cdp.services.corrections.decide import approve_field
from cdp.services.corrections.fields import find_field, is_safe
from cdp.services.corrections.read import ACT
from cdp.services.corrections.records import PROPOSED, Place
from cdp.services.requests.officer import Officer
from cdp.services.requests.queue import Waiting, Wanted, list_waiting, place_of
from cdp.services.requests.records import Request
from cdp.services.requests.states import Kind
from cdp.store.asking import CORRECTION
from cdp.store.lookup import find_ordinals

MOST: Final = 20
"""So many are shown, and approved, together: what somebody can look through."""

_LOOKED: Final = 20
"""Pages of the queue that are looked through for them at a time."""

_C: Final = CORRECTION.c


@dataclass(frozen=True, slots=True)
class Chosen:
    """One field that was chosen, with the digest of what was seen of it."""

    request_id: str
    place: Place
    seen: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: an error, or none."""

    chosen: Chosen
    error: CdpError | None


def list_waiting_corrections(
    platform: Platform, wanted: Wanted, *, principal: Principal, now: datetime
) -> tuple[Waiting, dict[str, list[Place]]]:
    """Return a page of the corrections that wait, in the order of their clocks, and which fields of each do.

    Raises:
        BadInput: `bad_cursor`.
    """
    page = list_waiting(platform, replace(wanted, kind=Kind.CORRECTION), principal=principal, now=now)
    in_force, fields = platform.in_force(), defaultdict[str, list[Place]](list)
    if not page.requests:
        return page, fields
    ids = [each.request_id for each in page.requests]
    mine = select(_C.request_id, _C.field, _C.entity, _C.row_id).where(_C.request_id.in_(ids), _C.state == PROPOSED)
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        owners = sorted({each.customer_id for each in page.requests})
        change.subjects += find_ordinals(change.conn, in_force.catalogue, owners)
        for row in change.conn.execute(mine.order_by(_C.request_id, _C.entity, _C.row_id, _C.field)):
            fields[row.request_id].append(Place(row.field, row.entity, row.row_id))
    return page, fields


def list_safe(
    platform: Platform, *, officer: Officer, now: datetime, after: str = ""
) -> tuple[list[tuple[Request, Compared]], str]:
    """Return what may be approved together and is not the officer's own, and where to go on, or empty.

    Raises:
        BadInput: `bad_cursor`.
    """
    found: list[tuple[Request, Compared]] = []
    for _ in range(_LOOKED):
        page, fields = list_waiting_corrections(platform, Wanted(after=after), principal=officer.principal, now=now)
        for request in page.requests:
            if _may_be(platform, request, fields[request.request_id], officer):
                compared = compare(platform, request.request_id, principal=officer.principal, tell=False)
                safe = [(request, each) for each in compared.fields if each.safe][:MOST]
                if len(found) + len(safe) > MOST:  # what does not fit whole begins the next page
                    return found, after
                found += safe
            after = place_of(request)
        if not page.after:
            return found, ""
    return found, after


def approve_together(platform: Platform, chosen: Sequence[Chosen], *, officer: Officer) -> list[Outcome]:
    """Approve fields, each by itself; what cannot be is left, and the others are done.

    Raises:
        BadInput: `nothing_chosen`, for none, or more than are shown together.
        Unavailable: as `approve_field`; those before it are done.
    """
    if not 0 < len(chosen) <= MOST:
        raise BadInput("nothing_chosen", f"from 1 to {MOST} fields are approved together", path="field")
    return [Outcome(each, _approved(platform, each, officer)) for each in chosen]


def _approved(platform: Platform, chosen: Chosen, officer: Officer) -> CdpError | None:
    try:
        _require_safe(platform, chosen.place)
        approve_field(platform, chosen.request_id, chosen.place, seen=chosen.seen, officer=officer)
    except (BadInput, NotFound, Refused) as error:
        return error
    return None


def _require_safe(platform: Platform, place: Place) -> None:
    if not is_safe(find_field(platform.in_force(), place.entity, place.field)):
        hint = "decide it by itself: `cdp correction approve`"
        raise Refused("not_safe", "the field is not one of those that are approved together", path="field", hint=hint)


def _may_be(platform: Platform, request: Request, places: Sequence[Place], officer: Officer) -> bool:
    """Return whether it is worth a look: one of the fields is safe, and it is not her own."""
    fields = platform.in_force().catalogue.entities
    if officer.principal.name == request.filed_by or officer.customer_id == request.customer_id:
        return False
    return any(
        each.entity in fields and each.field in fields[each.entity].fields
        and is_safe(fields[each.entity].fields[each.field])
        for each in places
    )  # fmt: skip
