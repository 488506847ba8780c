"""Reading a customer by a grant: through the view that the policy names, with an entry that names the grant.

1. the use is recorded, and she is told, or it is noted that she has to be; that is durable before any row is read
2. the view is compiled for the role with the grant, as every read is compiled
3. in the transaction of each chunk, before and after its rows are read, it is asked whether the grant stands: for this
   account, this customer and this view, at this time. INVARIANT: what has ended before a read began gives no row
4. the door writes the entry, and only then hands the rows out

Whatever is wrong, an expired grant, another's, one over somebody else, the answer is one: `grant_needed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection, select, update

from audit.entries import Entry, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import CdpError, NotFound, Refused, Unavailable
from cdp.services.breakglass.records import ACT, REASON, Grant, Over, load, moment, over, store
from cdp.services.breakglass.states import State, Step, advance
from cdp.services.breakglass.tell import tell_used
from cdp.services.breakglass.work import ordinals_of, refusal
from cdp.services.read import plan_view
from cdp.services.staff.accounts import Account
from cdp.store.lookup import find_ordinals
from cdp.store.opening import GRANT_CUSTOMER
from cdp.store.staff import STAFF
from cdp.terms import Value
from views.conditions import Comparison, Op
from views.plan import Column
from views.policy import View
from views.request import ViewRequest
from views.run import ViewReading, grant_needed

MOST_ROWS: Final = 100
"""So many rows of a view are shown; a customer's orders may be more."""

_C: Final = GRANT_CUSTOMER.c


@dataclass(frozen=True)
class Opened:
    """What one view of a grant shows of a customer; `more` says that there are rows besides."""

    view: View
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    more: bool


def read_opened(
    platform: Platform, account: Account, grant_id: str, customer_id: str, *, now: datetime | None = None
) -> list[Opened]:
    """Read a customer in full through every view of a grant.

    Raises:
        Refused: `grant_needed`; it has its entry.
        Unavailable: the database, the keys or the log cannot serve.
    """
    for fresh in (False, True):
        in_force = platform.in_force(fresh=fresh)
        reader = _Reader(platform, in_force, account, grant_id, customer_id, now)
        try:
            grant, reason = reader.begin()
            return [reader.read(view, reason) for view in grant.views]
        except Unavailable as error:
            if error.code != "superseded" or fresh:
                raise
    raise AssertionError("the second time either answers or raises")


@dataclass(frozen=True)
class _Reader:
    """One person's reading of one customer by one grant."""

    platform: Platform
    in_force: InForce
    account: Account
    grant_id: str
    customer_id: str
    now: datetime | None

    def begin(self) -> tuple[Grant, str]:
        """Record the use; return the grant and why it was asked for."""
        platform, facts = self.platform, {"step": str(Step.USE), "break_glass": self.grant_id}
        entry = Entry("change", ACT, self.account.principal, self.in_force.versions, facts)
        try:
            with platform.door.record(entry) as change:
                conn = change.conn
                grant, whom, now = self._standing(conn, locked=True)
                change.subjects += ordinals_of(conn, self.in_force, [self.customer_id])
                if grant.course.used_at is None:
                    used = advance(grant.course, Step.USE, actor=self.account.principal.name, now=now)
                    grant = store(conn, grant, used)
                if whom.used_at is None:
                    whom = replace(whom, used_at=timestamp(now))
                    mine = update(GRANT_CUSTOMER).where(
                        _C.customer_id == self.customer_id, _C.grant_id == self.grant_id
                    )
                    conn.execute(mine.values(used_at=whom.used_at))
                tell_used(conn, platform, self.in_force, grant, whom, now=now)
                return grant, whom.words(REASON)
        except (Refused, NotFound) as error:
            self._note(error)
            raise grant_needed() from None

    def read(self, name: str, reason: str) -> Opened:
        """Read one view. Who it is about is put here, and never by what a browser sent."""
        request = ViewRequest(
            name, self.account.role, where=(Comparison("customer_id", Op.EQ, (self.customer_id,)),),
            limit=MOST_ROWS + 1, reason=reason, break_glass=self.grant_id,
        )  # fmt: skip
        plan = plan_view(self.platform, request, principal=self.account.principal)
        reading = ViewReading(
            plan, vault=self.platform.vault, dialect=self.platform.door.dialect, held=partial(self.held, name)
        )
        try:
            rows = [row for chunk in self.platform.door.disclose(reading, self.account.principal) for row in chunk]
        except Refused as error:
            self._note(error)
            raise
        return Opened(plan.view, plan.columns, rows[:MOST_ROWS], more=len(rows) > MOST_ROWS)

    def held(self, view: str, conn: Connection, subjects: Sequence[int]) -> None:
        """Do nothing if the grant stands, is for this view, and the rows are about its customer and nobody else.

        Raises:
            Refused: `grant_needed`.
        """
        grant, whom, _ = self._standing(conn, locked=False)
        hers = set(find_ordinals(conn, self.in_force.catalogue, [whom.customer_id])) if subjects else set()
        opened = grant.course.used_at is not None and whom.used_at is not None
        if view not in grant.views or not opened or not set(subjects) <= hers:
            raise grant_needed()

    def _standing(self, conn: Connection, *, locked: bool) -> tuple[Grant, Over, datetime]:
        """Return the grant as it stands, its customer, and what time it is.

        Raises:
            Refused: `grant_needed`; for an account that was disabled, or has another role by now, too.
        """
        try:
            grant = load(conn, self.grant_id, locked=locked)
        except NotFound:
            raise grant_needed() from None
        now = moment(conn, self.now or datetime.now(UTC))
        whom = over(conn, self.platform.vault, self.grant_id, self.customer_id)
        c = STAFF.c
        standing = select(c.staff).where(c.staff == grant.staff, c.role == grant.role, c.disabled_at.is_(None))
        hers = (grant.staff, grant.role) == (self.account.staff, self.account.role)
        if whom is None or not hers or grant.course.state(now) is not State.GRANTED:
            raise grant_needed()
        if conn.execute(standing).first() is None:
            raise grant_needed()
        return grant, whom, now

    def _note(self, error: CdpError) -> None:
        self.platform.door.note(refusal(error, self.account.principal, self.in_force, {"step": str(Step.USE)}))
