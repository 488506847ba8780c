"""One step of one grant, as every step is taken: locked, loaded, checked, written, on the log.

1. lock the grant: every other step of it, and every first use, waits or is over
2. see that the form was made for what stands there now
3. see that who acts is none of its customers
4. write the new course; the entry names the grant and is about its customers
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection

from audit.door import Change
from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.erasure.register import part_of
from cdp.errors import CdpError, NotFound, Refused
from cdp.services.breakglass.records import ACT, Grant, Over, load, moment, people_of, put, store, survivor_of
from cdp.services.breakglass.states import Course, Step
from cdp.services.requests.officer import Officer
from cdp.store.lookup import find_ordinals

ANY: Final = 0
"""A revision for steps that may be taken whatever happened meanwhile: ending, for example."""


@dataclass
class Work:
    """A grant under one step: its transaction, and the grant as it stands in it."""

    platform: Platform
    change: Change
    in_force: InForce
    grant: Grant
    people: Sequence[Over]
    now: datetime

    def store(self, course: Course) -> Grant:
        """Write the new course."""
        self.grant = store(self.change.conn, self.grant, course)
        return self.grant

    def say(self, **said: str) -> None:
        """Keep what was said, for each of the customers, under her key."""
        keys = self.platform.vault.keys([each.customer_id for each in self.people])
        for each in self.people:
            put(
                self.change.conn,
                self.grant.grant_id,
                each.customer_id,
                {**each.said, **said},
                key=keys[each.customer_id],
            )


@contextmanager
def working_on(
    platform: Platform, grant_id: str, step: Step, *, officer: Officer, revision: int, now: datetime | None = None,
    reason: str = "",
) -> Iterator[Work]:  # fmt: skip
    """Yield a grant that nobody else changes meanwhile; what is refused has its entry.

    Args:
        reason: why, in the officer's words; kept sealed beside the log.

    Raises:
        NotFound: `unknown_grant`.
        Refused: `break_glass_moved`, `own_request`.
    """
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", ACT, officer.principal, in_force.versions, {"step": str(step)}, reason=reason)
    try:
        with platform.door.record(entry) as change:
            grant = load(change.conn, grant_id, locked=True)  # 1
            _require_unmoved(grant, revision)  # 2
            people = people_of(change.conn, platform.vault, grant_id)
            require_none_of(change.conn, [each.customer_id for each in people], officer)  # 3
            change.facts["break_glass"] = grant_id
            change.subjects += ordinals_of(change.conn, in_force, [each.customer_id for each in people])
            yield Work(platform, change, in_force, grant, people, moment(change.conn, now or datetime.now(UTC)))  # 4
    except (Refused, NotFound) as error:
        platform.door.note(refusal(error, officer.principal, in_force))
        raise


def _require_unmoved(grant: Grant, revision: int) -> None:
    if revision not in (ANY, grant.revision):
        hint = "open it again, and look at what has changed"
        raise Refused("break_glass_moved", "it has changed since this page was made", path="revision", hint=hint)


def require_none_of(conn: Connection, customer_ids: Sequence[str], officer: Officer) -> None:
    """Do nothing if an officer is none of these customers: nobody opens, or decides on opening, what is about her.

    Raises:
        Refused: `own_request`.
    """
    hers = {*customer_ids, *(survivor_of(conn, each) for each in customer_ids)}
    if officer.customer_id is not None and officer.customer_id in {*hers, *part_of(conn, sorted(hers))}:
        hint = "somebody else has to decide"
        raise Refused("own_request", "nobody decides about a request of his own", path="customer", hint=hint)


def ordinals_of(conn: Connection, in_force: InForce, customer_ids: Sequence[str]) -> list[int]:
    """Return the ordinals that entries about these customers name; of who became part of another, the other's."""
    return find_ordinals(conn, in_force.catalogue, sorted({survivor_of(conn, each) for each in customer_ids}))


def refusal(error: CdpError, principal: Principal, in_force: InForce, facts: Mapping[str, str] | None = None) -> Entry:
    """Return the entry of a step that was refused; it names nobody."""
    return Entry("refusal", ACT, principal, in_force.versions, {"code": error.code, **(facts or {})})
