"""What waits for an answer, a page at a time: what is late first, then what is due soon, last what stands still.

Pages go on after a key, in the order of the index `cdp_request_waiting`; nothing is counted and nothing is skipped.
The look is an access about those whom the page shows, and has its entry.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, or_, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.requests.read import ACT
from cdp.services.requests.records import Request, request_of
from cdp.services.requests.states import OPEN, Kind, State
from cdp.store.asking import REQUEST
from cdp.store.lookup import find_ordinals

PAGE: Final = 50
_R: Final = REQUEST.c
_AFTER: Final = re.compile(r"([0-9T:.+-]{0,40})~([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of what waits.

    Attributes:
        taken_by: the principal who goes on with it; empty for nobody, None for whoever.
        late: only what should have been answered.
        after: where the page before ended.
    """

    kind: Kind | None = None
    state: State | None = None
    taken_by: str | None = None
    late: bool = False
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page; `after` is where the next one begins, or empty."""

    requests: list[Request]
    after: str


def list_waiting(platform: Platform, wanted: Wanted, *, principal: Principal, now: datetime) -> Waiting:
    """Return a page of what waits.

    Raises:
        BadInput: `bad_cursor`.
    """
    begin = _begin(wanted.after)
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        rows = _rows(change.conn, wanted, begin, timestamp(now))
        keys = platform.vault.keys(sorted({row.customer_id for row in rows}))
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted(keys))
    shown = rows[: wanted.limit]
    found = [request_of(row, keys[row.customer_id]) for row in shown if row.customer_id in keys]
    return Waiting(found, f"{shown[-1].due_at}~{shown[-1].request_id}" if len(rows) > len(shown) else "")


def place_of(request: Request) -> str:
    """Return where a page goes on that begins after a request."""
    return f"{'' if request.course.stands else timestamp(request.course.due_at)}~{request.request_id}"


def _begin(after: str) -> tuple[str, str] | None:
    if not after:
        return None
    found = _AFTER.fullmatch(after)
    if found is None:
        raise BadInput("bad_cursor", "there is no page that begins so", path="after")
    return found[1], found[2]


def _rows(conn: Connection, wanted: Wanted, begin: tuple[str, str] | None, now: str) -> list[Row[Any]]:
    """Return one row more than the page has, if there is one: those with a day first, then those whose clock stands."""
    most, rows = wanted.limit + 1, list[Row[Any]]()
    if begin is None or begin[0]:
        due = _matching(wanted).where(_R.due_at > "")
        if wanted.late:
            due = due.where(_R.due_at < now)
        if begin is not None:
            due = due.where(or_(_R.due_at > begin[0], and_(_R.due_at == begin[0], _R.request_id > begin[1])))
        rows += conn.execute(due.limit(most)).all()
        begin = None
    if len(rows) < most and not wanted.late:
        stand = _matching(wanted).where(_R.due_at == "")
        if begin is not None:
            stand = stand.where(_R.request_id > begin[1])
        rows += conn.execute(stand.limit(most - len(rows))).all()
    return rows


def _matching(wanted: Wanted) -> Select[Any]:
    found = select(REQUEST).where(_R.closed_at.is_(None)).order_by(_R.closed_at, _R.due_at, _R.request_id)
    if wanted.kind is not None:
        found = found.where(_R.kind == str(wanted.kind))
    if wanted.state is not None:
        found = found.where(_R.state == str(wanted.state))
    if wanted.taken_by is not None:
        found = found.where(_R.taken_by == wanted.taken_by if wanted.taken_by else _R.taken_by.is_(None))
    return found


STATES: Final = tuple(state for state in State if state in OPEN)
"""In which states something waits."""
