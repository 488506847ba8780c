"""Requests as they lie in the database: rows to and from what the services work with; what people wrote is sealed.

A change of one customer's requests is made while her row is locked (`cdp.store.lookup.lock_customers`): steps of one
request follow each other, and whoever is being erased gets no new rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, func, insert, select, update

from audit.door import Change
from audit.entries import Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.requests.states import OPEN, Course, Kind, State
from cdp.store.asking import CORRECTION, REQUEST, REQUEST_STEP
from cdp.terms import Value
from cdp.vault.seal import Sealer
from consent.regimes.regime import Clock

SEALER: Final = Sealer(REQUEST.name, "request")
STEP_SEALER: Final = Sealer(REQUEST_STEP.name, "step")
FORMAT: Final = 1
_R: Final = REQUEST.c
_S: Final = REQUEST_STEP.c


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes:
        revision: grows with every change; what was decided on an older one is refused.
        filed_by: the principal who filed it: the customer herself, or staff on her word.
        identity: a keyed digest of what named her when it was last known that it was she.
        said: what she wrote and chose, as the kind has it.
    """

    customer_id: str
    request_id: str
    course: Course
    revision: int
    filed_by: str
    taken_by: str | None
    regime: str
    language: str
    reminded: str
    closed_at: str | None
    identity: str
    said: dict[str, Value]

    @property
    def kind(self) -> Kind:
        """What is asked for."""
        return self.course.kind

    @property
    def state(self) -> State:
        """Where it is."""
        return self.course.state

    @property
    def text(self) -> str:
        """What she wrote."""
        return str(self.said.get("text", ""))


@dataclass(frozen=True)
class Taken:
    """A step that was taken, and why; with the letter of a grant that waits for a second officer."""

    number: int
    step: str
    actor: str
    at: str
    entry: int | None
    reason: str
    letter: str = ""


def unknown_request() -> NotFound:
    """Return the answer for a request that is not there, is another's, or is no id at all: they look the same."""
    return NotFound("unknown_request", "there is no such request", path="request", hint="see `cdp request list`")


def key_of(platform: Platform, customer_id: str) -> bytes:
    """Return the key under which what she writes is sealed.

    Raises:
        NotFound: `unknown_request`, for somebody who is erased.
    """
    key = platform.vault.keys([customer_id]).get(customer_id)
    if key is None:
        raise unknown_request()
    return key


def whose(conn: Connection, request_id: str) -> str:
    """Return whose a request is.

    Raises:
        NotFound: `unknown_request`.
    """
    found = conn.execute(select(_R.customer_id).where(_R.request_id == request_id)).scalar_one_or_none()
    if found is None:
        raise unknown_request()
    return str(found)


def load(conn: Connection, platform: Platform, customer_id: str, request_id: str) -> Request:
    """Return a request of a customer.

    Raises:
        NotFound: `unknown_request`.
    """
    mine = select(REQUEST).where(_R.customer_id == customer_id, _R.request_id == request_id)
    row = conn.execute(mine).one_or_none()
    if row is None:
        raise unknown_request()
    return request_of(row, key_of(platform, customer_id))


def request_of(row: Row[Any], key: bytes) -> Request:
    """Return the request that a row holds."""
    return Request(
        row.customer_id, row.request_id, course_of(row), row.revision, row.filed_by, row.taken_by, row.regime,
        row.language, row.reminded, row.closed_at, row.identity,
        SEALER.unseal(key, row.request_id, bytes(row.sealed)),
    )  # fmt: skip


def course_of(row: Row[Any]) -> Course:
    """Return the course of the request that a row holds."""
    pauses = tuple((_time(begin), _time(end)) for begin, end in orjson.loads(row.pauses))
    clock = Clock.model_validate_json(row.clock)
    paused_at = _time(row.paused_at) if row.paused_at else None
    return Course(
        Kind(row.kind), State(row.state), clock, _time(row.received_at), bool(row.extended), pauses, paused_at
    )


def add(conn: Connection, request: Request, *, form: str, key: bytes) -> None:
    """Insert a new request."""
    fixed = {
        "customer_id": request.customer_id, "request_id": request.request_id, "kind": str(request.kind), "form": form,
        "filed_by": request.filed_by, "regime": request.regime, "language": request.language,
        "clock": request.course.clock.model_dump_json(exclude_defaults=True),
        "received_at": timestamp(request.course.received_at),
        "sealed": SEALER.seal(key, request.request_id, request.said, schema=FORMAT),
    }  # fmt: skip
    conn.execute(insert(REQUEST).values({**fixed, **_moving(request)}))


def store(conn: Connection, request: Request, *, at: datetime) -> Request:
    """Write what has changed of a request; return it in its new revision. What she wrote stays as it is."""
    closed = timestamp(at) if request.state not in OPEN else None
    changed = replace(request, revision=request.revision + 1, closed_at=closed)
    mine = update(REQUEST).where(_R.customer_id == request.customer_id, _R.request_id == request.request_id)
    conn.execute(mine.values(_moving(changed)))
    return changed


def end_fields(conn: Connection, request: Request, state: str, *, actor: str, at: datetime) -> None:
    """Have what of a correction still waits end with its request."""
    c = CORRECTION.c
    mine = (c.customer_id == request.customer_id, c.request_id == request.request_id, c.state == "proposed")
    conn.execute(update(CORRECTION).where(*mine).values(state=state, decided_by=actor, decided_at=timestamp(at)))


def _moving(request: Request) -> dict[str, object]:
    course = request.course
    pauses = [[timestamp(begin), timestamp(end)] for begin, end in course.pauses]
    return {
        "state": str(course.state), "revision": request.revision, "taken_by": request.taken_by,
        "due_at": "" if course.stands else timestamp(course.due_at), "extended": course.extended,
        "pauses": orjson.dumps(pauses).decode(),
        "paused_at": timestamp(course.paused_at) if course.paused_at else None, "closed_at": request.closed_at,
        "reminded": request.reminded, "identity": request.identity,
    }  # fmt: skip


def add_step(
    change: Change, request: Request, step: str, *, principal: Principal, at: datetime, reason: str, key: bytes,
    letter: str = "",
) -> None:  # fmt: skip
    """Append a step to a request's history, with the number of the entry that the change will have."""
    conn, mine = change.conn, (_S.customer_id == request.customer_id, _S.request_id == request.request_id)
    last = conn.execute(select(func.max(_S.number)).where(*mine)).scalar_one()
    number = (last or 0) + 1
    said: dict[str, Value] = {"reason": reason, **({"letter": letter} if letter else {})}
    sealed = STEP_SEALER.seal(key, f"{request.request_id}/{number}", said, schema=FORMAT)
    conn.execute(
        insert(REQUEST_STEP).values(
            customer_id=request.customer_id, request_id=request.request_id, number=number, step=step,
            actor=principal.name, at=timestamp(at), entry=None, sealed=sealed,
        )
    )  # fmt: skip
    before = change.when_numbered

    def numbered(entry: int) -> None:
        conn.execute(update(REQUEST_STEP).where(*mine, _S.number == number).values(entry=entry))
        if before is not None:
            before(entry)

    change.when_numbered = numbered


def steps_taken(conn: Connection, request: Request, key: bytes) -> Sequence[Taken]:
    """Return the history of a request, oldest first."""
    mine = select(REQUEST_STEP).where(_S.customer_id == request.customer_id, _S.request_id == request.request_id)
    found = []
    for row in conn.execute(mine.order_by(_S.number)):
        said = STEP_SEALER.unseal(key, f"{request.request_id}/{row.number}", bytes(row.sealed))
        reason, letter = str(said.get("reason", "")), str(said.get("letter", ""))
        found.append(Taken(row.number, row.step, row.actor, row.at, row.entry, reason, letter))
    return found


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
