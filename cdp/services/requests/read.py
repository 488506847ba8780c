"""Lists and details of requests. Each look is an access about those whom it shows, and has its entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, select

from audit.entries import HERSELF, Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.customers import find_customer
from cdp.services.letters.outbox import Kept, letters_about
from cdp.services.requests.attachments import Attachment, attachments_of
from cdp.services.requests.records import (
    Request,
    Taken,
    key_of,
    load,
    request_of,
    steps_taken,
    unknown_request,
    whose,
)
from cdp.services.requests.states import AMONG_OFFICERS, OPEN
from cdp.store.asking import REQUEST
from cdp.store.lookup import find_ordinals

ACT: Final = "read_requests"
_R: Final = REQUEST.c


@dataclass(frozen=True)
class Detail:
    """A request with its history, what was added to it, and the letters about it."""

    request: Request
    steps: Sequence[Taken]
    attachments: Sequence[Attachment]
    letters: Sequence[Kept]


def list_requests(
    platform: Platform, *, principal: Principal, everything: bool = False, customer: str | None = None, limit: int = 100
) -> list[Request]:
    """Return requests, those first that are due first; without `everything`, those that wait for an answer.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force()
    wanted = select(REQUEST).order_by(_R.due_at == "", _R.due_at, _R.request_id).limit(limit)
    if not everything:
        wanted = wanted.where(_R.state.in_([str(each) for each in OPEN]))
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        if customer is not None:
            found = find_customer(change.conn, in_force, platform.vault, customer)
            wanted = wanted.where(_R.customer_id == found.customer_id)
        rows = change.conn.execute(wanted).all()
        keys = platform.vault.keys(sorted({row.customer_id for row in rows}))
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted(keys))
    return [request_of(row, keys[row.customer_id]) for row in rows if row.customer_id in keys]


def read_request(platform: Platform, request_id: str, *, principal: Principal) -> Detail:
    """Return one request with all that belongs to it, for an officer.

    Raises:
        NotFound: `unknown_request`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        owner = whose(change.conn, request_id)
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [owner])
        change.facts["request"] = request_id
        return _detail(change.conn, platform, owner, request_id)


def is_there(platform: Platform, request_id: str) -> bool:
    """Return whether there is such a request; whoever is erased has none any more."""
    return platform.door.waits(REQUEST, _R.request_id == request_id)


def own_requests(platform: Platform, customer_id: str) -> list[Request]:
    """Return all requests of the person who is signed in, the newest first.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions)) as change:
        _herself(change.conn, in_force, platform, customer_id, change.subjects)
        key = key_of(platform, customer_id)
        mine = select(REQUEST).where(_R.customer_id == customer_id).order_by(_R.received_at.desc(), _R.request_id)
        return [request_of(row, key) for row in change.conn.execute(mine)]


def own_request(platform: Platform, customer_id: str, request_id: str) -> Detail:
    """Return one request of the person who is signed in; another's is as unknown as one that is not there.

    Raises:
        NotFound: `unknown_request`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions)) as change:
        _herself(change.conn, in_force, platform, customer_id, change.subjects)
        change.facts["request"] = request_id if _is_hers(change.conn, customer_id, request_id) else ""
        found = _detail(change.conn, platform, customer_id, request_id)
        return replace(found, steps=[_as_told(each) for each in found.steps])


def _as_told(step: Taken) -> Taken:
    """Return a step as the person herself reads it: what officers say to each other is not said to her."""
    return replace(step, reason="", letter="") if step.step in AMONG_OFFICERS else step


def _herself(
    conn: Connection, in_force: InForce, platform: Platform, customer_id: str, subjects: list[int]
) -> None:  # fmt: skip
    try:
        subjects.append(find_customer(conn, in_force, platform.vault, customer_id).ordinal)
    except NotFound:
        raise unknown_request() from None


def _is_hers(conn: Connection, customer_id: str, request_id: str) -> bool:
    mine = select(_R.request_id).where(_R.customer_id == customer_id, _R.request_id == request_id)
    return conn.execute(mine).first() is not None


def _detail(conn: Connection, platform: Platform, customer_id: str, request_id: str) -> Detail:
    request, key = load(conn, platform, customer_id, request_id), key_of(platform, customer_id)
    return Detail(
        request,
        steps_taken(conn, request, key),
        attachments_of(conn, customer_id, request_id, key),
        letters_about(conn, customer_id, request_id, key),
    )
