"""Reading what a law keeps of people who were erased: for its one purpose, with a reason, on the log.

No view shows it, and no other purpose reaches it. Decision 37.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, func, select

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.erasure.holding import SEALER
from cdp.errors import CdpError, NotFound, Refused
from cdp.store.people import HELD
from cdp.terms import Value
from views.request import check_reason

ACT = "read_held"
MOST = 1_000
_H = HELD.c


@dataclass(frozen=True, slots=True)
class HeldSet:
    """What is held of one erasure for one purpose until one day; its id is nobody's."""

    hold_id: str
    erasure_id: str
    purpose: str
    until: str
    rows: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row of it: of which entity, and the held values alone."""

    entity: str
    values: dict[str, Value]


def list_held(platform: Platform, *, principal: Principal, limit: int = 100) -> list[HeldSet]:
    """Return what is held, the first to end first; none of the values."""
    which = (_H.customer_id, _H.erasure_id, _H.purpose, _H.until)
    wanted = select(*which, func.count()).group_by(*which).order_by(_H.until, _H.customer_id).limit(limit)
    with platform.door.record(Entry("disclosure", "list_held", principal, None)) as change:
        return [HeldSet(*row) for row in change.conn.execute(wanted)]


def read_held(
    platform: Platform, hold_id: str, *, principal: Principal, purpose: str, reason: str, today: date
) -> Sequence[HeldRow]:
    """Return held values, at most a thousand rows.

    Args:
        principal: in a role that has a view of this purpose; the policy says so.
        purpose: for what: the hold's own, or nothing is shown.

    Raises:
        NotFound: `unknown_hold`: there is none, it is over, or it is for another purpose; they look the same.
        Refused: `not_permitted`, `reason_needed`.
    """
    in_force = platform.in_force(fresh=True)
    facts = {"purpose": purpose if purpose in in_force.policy.purposes else "", "hold": hold_id[:36]}
    try:
        if not reason.strip():
            raise Refused("reason_needed", "held values are read with a reason", path="reason", hint="say why")
        check_reason(reason)
        views = in_force.policy.views.values()
        if not any(principal.role in view.roles and view.purpose == purpose for view in views):
            raise Refused("not_permitted", "the policy gives this role no view of that purpose", path="purpose")
        entry = Entry("disclosure", ACT, principal, in_force.versions, facts, reason=reason)
        with platform.door.record(entry) as change:
            here = (_H.customer_id == hold_id, _H.purpose == purpose, _H.until > today.isoformat())
            rows = _rows(platform, change.conn, hold_id, here)
            change.facts["rows"] = len(rows)
    except CdpError as error:
        platform.door.note(Entry("refusal", ACT, principal, in_force.versions, {**facts, "code": error.code}))
        raise
    return rows


def _rows(platform: Platform, conn: Connection, hold_id: str, here: tuple[ColumnElement[bool], ...]) -> list[HeldRow]:
    wanted = select(_H.number, _H.entity, _H.sealed).where(*here).order_by(_H.number).limit(MOST)
    found = conn.execute(wanted).all()
    key = platform.vault.keys([hold_id]).get(hold_id)
    if not found or key is None:
        raise NotFound(
            "unknown_hold", "there is no such hold for this purpose", path="hold", hint="see `cdp held list`"
        )
    return [HeldRow(entity, SEALER.unseal(key, str(number), bytes(sealed))) for number, entity, sealed in found]
