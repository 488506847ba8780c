"""Grants as they lie in the database: rows to and from what the services work with; what people wrote is sealed.

What is said about a grant over several customers is sealed once for each of them, under her own key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from audit.entries import parse_entry, timestamp
from cdp.errors import NotFound
from cdp.services.breakglass.states import Course, Step
from cdp.store.opening import GRANT, GRANT_CUSTOMER
from cdp.store.people import MERGE
from cdp.store.platform import LOG_ENTRY
from cdp.terms import Value
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault

ACT: Final = "break_glass"
REASON, LEGAL_REASON, WORDS = "reason", "legal_reason", "words"

_SEALER: Final = Sealer(GRANT_CUSTOMER.name, "said")
_FORMAT: Final = 1
_G: Final = GRANT.c
_C: Final = GRANT_CUSTOMER.c
_TIMES: Final = ("decided_at", "expires_at", "used_at", "ended_at", "delayed_until", "reviewed_at")
_WORDS: Final = ("decided_by", "ended_by", "delayed_by", "verdict", "reviewed_by")


@dataclass(frozen=True)
class Grant:
    """A grant, or what was asked for.

    Attributes:
        revision: grows with every step; what was decided on an older one is refused.
        staff: the account that asked; a name alone may stand for nobody any more.
        role: the role of the policy in which it is read.
        customers: over how many customers it is.
    """

    grant_id: str
    revision: int
    staff: str
    role: str
    views: tuple[str, ...]
    customers: int
    course: Course


@dataclass(frozen=True)
class Over:
    """One customer whom a grant is over, and what was said about it."""

    customer_id: str
    grant_id: str
    used_at: str | None
    told_at: str | None
    seen_at: str | None
    said: dict[str, Value]

    def words(self, name: str) -> str:
        """Return something that was said, or nothing."""
        return str(self.said.get(name, ""))


def unknown_grant() -> NotFound:
    """Return the answer for a grant that is not there, or is no id at all."""
    return NotFound("unknown_grant", "there is no such grant", path="break_glass", hint="see `cdp break-glass list`")


def moment(conn: Connection, now: datetime) -> datetime:
    """Return what time it is: by the clock, but never before what the log says last.

    INVARIANT: a clock that is put back does not let what was over begin again.
    """
    newest = select(func.max(LOG_ENTRY.c.number)).scalar_subquery()
    entry = conn.execute(select(LOG_ENTRY.c.entry).where(LOG_ENTRY.c.number == newest)).scalar_one_or_none()
    if entry is None:
        return now
    return max(now, datetime.fromisoformat(parse_entry(bytes(entry))["at"]))


def grants_query() -> Select[Any]:
    """Return the statement that reads grants; they are about nobody."""
    return select(GRANT)


def grant_of(row: Row[Any] | Any) -> Grant:
    """Return the grant that a row holds."""
    times = {name: _time(getattr(row, name)) for name in _TIMES}
    words = {name: getattr(row, name) for name in _WORDS}
    decision = Step(row.decision) if row.decision else None
    asked_at = datetime.fromisoformat(row.asked_at)
    said: dict[str, Any] = {**times, **words}
    course = Course(row.asked_by, asked_at, int(row.minutes), decision=decision, **said)
    views = tuple(orjson.loads(row.views))
    return Grant(row.grant_id, int(row.revision), row.staff, row.role, views, int(row.customers), course)


def load(conn: Connection, grant_id: str, *, locked: bool) -> Grant:
    """Return a grant, and keep others from changing it until the end of the transaction if it is to be locked.

    Raises:
        NotFound: `unknown_grant`.
    """
    wanted = grants_query().where(_G.grant_id == grant_id)
    row = conn.execute(wanted.with_for_update() if locked else wanted).one_or_none()
    if row is None:
        raise unknown_grant()
    return grant_of(row)


def add(conn: Connection, grant: Grant, *, form: str) -> None:
    """Insert what was asked for."""
    course = grant.course
    fixed = {
        "grant_id": grant.grant_id, "form": form, "asked_by": course.asked_by, "staff": grant.staff, "role": grant.role,
        "views": orjson.dumps(grant.views).decode(), "minutes": course.minutes, "customers": grant.customers,
        "asked_at": timestamp(course.asked_at),
    }  # fmt: skip
    conn.execute(insert(GRANT).values({**fixed, **_moving(grant)}))


def store(conn: Connection, grant: Grant, course: Course) -> Grant:
    """Write what has changed of a grant; return it in its new revision."""
    changed = replace(grant, course=course, revision=grant.revision + 1)
    conn.execute(update(GRANT).where(_G.grant_id == grant.grant_id).values(_moving(changed)))
    return changed


def put(conn: Connection, grant_id: str, customer_id: str, said: Mapping[str, Value], *, key: bytes) -> None:
    """Write down that a grant is over a customer, or anew what is said of it."""
    sealed = _SEALER.seal(key, grant_id, dict(said), schema=_FORMAT)
    mine = update(GRANT_CUSTOMER).where(_C.customer_id == customer_id, _C.grant_id == grant_id)
    if conn.execute(mine.values(sealed=sealed)).rowcount == 0:
        fresh = {"used_at": None, "told_at": None, "seen_at": None}
        conn.execute(insert(GRANT_CUSTOMER).values(customer_id=customer_id, grant_id=grant_id, sealed=sealed, **fresh))


def people_of(conn: Connection, vault: Vault, grant_id: str) -> list[Over]:
    """Return the customers of a grant; who was erased is not there any more."""
    return _over(conn, vault, select(GRANT_CUSTOMER).where(_C.grant_id == grant_id).order_by(_C.customer_id))


def over(conn: Connection, vault: Vault, grant_id: str, customer_id: str) -> Over | None:
    """Return one customer of a grant, None for somebody whom it is not over."""
    found = _over(conn, vault, select(GRANT_CUSTOMER).where(_C.grant_id == grant_id, _C.customer_id == customer_id))
    return next(iter(found), None)


def of_customers(conn: Connection, vault: Vault, customer_ids: Sequence[str]) -> list[tuple[Grant, Over]]:
    """Return every grant over these customers, the newest first."""
    hers = _over(conn, vault, select(GRANT_CUSTOMER).where(_C.customer_id.in_(customer_ids)))
    rows = conn.execute(grants_query().where(_G.grant_id.in_(sorted({each.grant_id for each in hers})))).all()
    grants = {each.grant_id: each for each in map(grant_of, rows)}
    pairs = [(grants[each.grant_id], each) for each in hers]
    return sorted(pairs, key=lambda pair: pair[0].course.asked_at, reverse=True)


def survivor_of(conn: Connection, customer_id: str) -> str:
    """Return who a customer is by now: herself, or of whom she became a part."""
    c = MERGE.c
    for _ in range(_LONGEST):
        into = select(c.customer_id).where(c.absorbed == customer_id, c.undone_at.is_(None))
        found = conn.execute(into).scalar_one_or_none()
        if found is None:
            break
        customer_id = str(found)
    return customer_id


_LONGEST: Final = 50


def _over(conn: Connection, vault: Vault, wanted: Select[Any]) -> list[Over]:
    rows = conn.execute(wanted).all()
    keys = vault.keys(sorted({row.customer_id for row in rows}))
    return [
        Over(
            row.customer_id, row.grant_id, row.used_at, row.told_at, row.seen_at,
            _SEALER.unseal(keys[row.customer_id], row.grant_id, bytes(row.sealed)),
        )
        for row in rows
        if row.customer_id in keys  # else she is being erased
    ]  # fmt: skip


def _moving(grant: Grant) -> dict[str, object]:
    course = grant.course
    times = {name: _written(getattr(course, name)) for name in _TIMES}
    words = {name: getattr(course, name) for name in _WORDS}
    decision = str(course.decision) if course.decision else None
    return {"revision": grant.revision, "decision": decision, **times, **words}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _written(at: datetime | None) -> str | None:
    return timestamp(at.astimezone(UTC)) if at else None
