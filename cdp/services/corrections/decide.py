"""The check in between: an officer approves or rejects a field, and says what it was that he saw.

1. never her own, and never what he filed himself
2. what he saw is what there is: the digest over proposal, revision and stored value
3. what names her is what named her when it was last known that it is she
4. the value is checked again by the catalogue in force, and written
5. past recipients are queued for a notice; with the last field the request is done, or refused
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.corrections import records
from cdp.services.corrections.apply import stored_row, write_value
from cdp.services.corrections.fields import find_field, require_open
from cdp.services.corrections.recipients import queue_notices
from cdp.services.corrections.records import (
    PROPOSED,
    REJECTED,
    Correction,
    Place,
    corrections_of,
    decided,
    one_of,
    seen_digest,
)
from cdp.services.customers import Found
from cdp.services.letters.outbox import address_of
from cdp.services.requests.file import check_text
from cdp.services.requests.identity import identity_of, require_same, stamp_open
from cdp.services.requests.officer import Officer, require_other
from cdp.services.requests.states import MOVES, Step
from cdp.services.requests.work import Work, working_on
from cdp.store.corrected import APPLIED
from cdp.store.lookup import lock_customers

ACT: Final = "correction"


def approve_field(
    platform: Platform, request_id: str, place: Place, *, seen: str, officer: Officer, reason: str = ""
) -> Correction:  # fmt: skip
    """Approve one field of a correction, and have the store changed.

    Args:
        seen: the digest of what the officer was shown, as `read_correction` has it.

    Raises:
        NotFound: `unknown_request`, `unknown_correction`, `no_such_field`.
        Refused: `own_request`, `request_state`, `stale_approval`, `identity_changed`, `field_locked`,
            `identifier_taken`.
        BadInput: `Several`, where the value does not fit any more.
    """
    check_text(reason, needed=False, path="reason")
    with working_on(platform, request_id, principal=officer.principal, act=ACT) as work:
        correction, conn = _open(work, place, officer), work.change.conn
        _require_seen(work, correction, seen)
        require_same(conn, platform.vault, work.request)
        require_open(find_field(work.in_force, place.entity, place.field))
        old_address = address_of(conn, work.in_force, platform.vault, work.request.customer_id)
        write_value(
            conn, work.in_force, platform.vault, correction, key=work.key, actor=officer.principal.name
        )  # fmt: skip
        before = work.request.identity
        stamp_open(conn, platform.vault, work.request.customer_id, before=before)
        _reload_identity(work)
        done = replace(correction, **decided(correction, APPLIED, by=officer.principal.name, reason=reason))
        if old_address and old_address != address_of(conn, work.in_force, platform.vault, done.customer_id):
            work.tell("changed", address=old_address)
        _decide(work, done, principal=officer.principal)
    return done


def reject_field(
    platform: Platform, request_id: str, place: Place, *, officer: Officer, reason: str, seen: str | None = None
) -> Correction:  # fmt: skip
    """Reject one field of a correction; she is told why.

    Args:
        seen: as `approve_field`; None asks nothing.

    Raises:
        NotFound: `unknown_request`, `unknown_correction`, `no_such_field`.
        Refused: `own_request`, `request_state`, `request_reason_needed`, `stale_approval`.
    """
    check_text(reason, needed=False, path="reason")
    if not reason.strip():
        raise Refused("request_reason_needed", "a rejection takes a reason, which she is told", path="reason")
    with working_on(platform, request_id, principal=officer.principal, act=ACT) as work:
        correction = _open(work, place, officer)
        if seen is not None:
            _require_seen(work, correction, seen)
        done = replace(correction, **decided(correction, REJECTED, by=officer.principal.name, reason=reason))
        _decide(work, done, principal=officer.principal)
    return done


def settle(
    work: Work, corrections: Sequence[Correction], *, found: Found, fresh: Sequence[Correction], principal: Principal
) -> None:
    """Queue notices about what was changed just now, and end the request when nothing of it waits any more."""
    for each in fresh:
        told = queue_notices(work.change.conn, work.in_force, found, each.request_id, each.place)
        work.change.facts["recipients"] = sorted({*work.change.facts.get("recipients", ()), *told})
    if any(each.state == PROPOSED for each in corrections):
        return
    reason = "\n".join(f"{each.place.field.replace('_', ' ')}: {each.reason}" for each in corrections if each.reason)
    if any(each.state == APPLIED for each in corrections):
        work.advance(Step.APPROVE, principal=principal, reason=reason, template="done")
    else:
        work.advance(Step.REFUSE, principal=principal, reason=reason, template="refused")


def _open(work: Work, place: Place, officer: Officer) -> Correction:
    """Return the correction of a field that can be decided now, by this officer."""
    require_other(work.change.conn, work.request, officer)
    request = work.request
    correction = one_of(corrections_of(work.change.conn, request.customer_id, request.request_id, work.key), place)
    if correction.state != PROPOSED or (request.state, Step.APPROVE) not in MOVES:
        hint = f"the request is {request.state}, the field {correction.state}"
        raise Refused("request_state", "the field cannot be decided now", path="field", hint=hint)
    return correction


def _require_seen(work: Work, correction: Correction, seen: str) -> None:
    """Do nothing if what the officer saw is what there is: what is proposed, and what stands in the store."""
    row = stored_row(work.change.conn, work.in_force, work.request.customer_id, correction.place, work.key)
    if seen_digest(work.platform.vault, correction, row.values.get(correction.place.field)) != seen:
        hint = "look at it again: `cdp correction show`"
        raise Refused("stale_approval", "what was decided is not what there is now", path="seen", hint=hint)


def _decide(work: Work, done: Correction, *, principal: Principal) -> None:
    conn, request = work.change.conn, work.request
    records.put(conn, done, work.key)
    step = "approve" if done.state == APPLIED else "reject"
    work.change.facts |= {
        "step": step,
        "kind": str(request.kind),
        "fields": [f"{done.place.entity}.{done.place.field}"],
    }
    work.note(f"{step}_field", principal=principal, reason=done.reason)
    ordinal = lock_customers(conn, work.in_force.catalogue, [done.customer_id])[done.customer_id].ordinal
    every = corrections_of(conn, done.customer_id, done.request_id, work.key)
    fresh = [done] if done.state == APPLIED else []
    settle(work, every, found=Found(done.customer_id, ordinal), fresh=fresh, principal=principal)


def _reload_identity(work: Work) -> None:
    """Have the request bear what names her now: this change was meant."""
    work.identify(identity_of(work.change.conn, work.platform.vault, work.request.customer_id))
