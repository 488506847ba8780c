"""One step of one request, as every step is taken: locked, loaded, checked, written, told, on the log.

1. find whose it is, and lock her: whoever is being erased, and every other step of hers, waits or is over
2. check the officer, and the step by `cdp.services.requests.states`
3. write the new course and the step with its entry
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from audit.door import Change
from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import CdpError, NotFound, Refused
from cdp.services.requests.file import ACT
from cdp.services.requests.records import Request, add_step, end_fields, key_of, load, store, unknown_request, whose
from cdp.services.requests.states import Step, advance
from cdp.services.requests.tell import Besides, tell
from cdp.store.lookup import lock_customers

_ENDS: Final = {Step.REFUSE: "rejected", Step.WITHDRAW: "withdrawn"}
"""What becomes of the fields of a correction that still wait when it ends so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody decides on.

    Attributes:
        revision: that of the request as it was shown; None asks nothing.
        letter: the text of the letter as the officer would have it, in place of its template's.
    """

    revision: int | None = None
    letter: str = ""


UNSEEN: Final = Seen()


@dataclass
class Work:
    """A request under one step: its transaction, and the request as it stands in it."""

    platform: Platform
    change: Change
    in_force: InForce
    request: Request
    key: bytes
    now: datetime
    seen: Seen = UNSEEN

    def advance(self, step: Step, *, principal: Principal, reason: str = "", template: str = "") -> Request:
        """Take the step, and tell her by a letter, if a template is given.

        Raises:
            Refused: as `cdp.services.requests.states.advance`.
        """
        course = advance(self.request.course, step, at=self.now, reason=reason)
        taken_by = principal.name if step in (Step.TAKE, Step.RESUME) else self.request.taken_by
        self.request = replace(self.request, course=course, taken_by=taken_by)
        self.request = store(self.change.conn, self.request, at=self.now)
        add_step(
            self.change, self.request, step, principal=principal, at=self.now, reason=reason, key=self.key
        )  # fmt: skip
        if step in _ENDS:
            end_fields(self.change.conn, self.request, _ENDS[step], actor=principal.name, at=self.now)
        self.change.facts |= {"step": self.change.facts.get("step", str(step)), "kind": str(self.request.kind)}
        if template:
            self.tell(template, reason, letter=self.seen.letter)
        return self.request

    def mark(self, step: str, *, principal: Principal, reason: str = "", letter: str = "") -> Request:
        """Write down a step that changes the request by itself or not at all, in a new revision."""
        self.request = store(self.change.conn, self.request, at=self.now)
        add_step(
            self.change, self.request, step, principal=principal, at=self.now, reason=reason, key=self.key,
            letter=letter,
        )  # fmt: skip
        self.change.facts |= {"step": step, "kind": str(self.request.kind)}
        return self.request

    def note(self, step: str, *, principal: Principal, reason: str = "") -> None:
        """Write down something that happened to the request and does not move it."""
        add_step(
            self.change, self.request, step, principal=principal, at=self.now, reason=reason, key=self.key
        )  # fmt: skip

    def identify(self, identity: str) -> None:
        """Keep what names her now: somebody has made sure that it is she."""
        self.request = replace(self.request, identity=identity)

    def tell(self, template: str, reason: str = "", *, address: str | None = None, letter: str = "") -> None:
        """Queue a letter to her about it."""
        more = Besides(reason, letter, address)
        tell(self.change.conn, self.platform, self.in_force, self.request, template, key=self.key, more=more)


@contextmanager
def working_on(
    platform: Platform, request_id: str, *, principal: Principal, act: str = ACT, customer_id: str | None = None,
    seen: Seen = UNSEEN,
) -> Iterator[Work]:  # fmt: skip
    """Yield a request that nobody else changes meanwhile; what is refused has its entry.

    Args:
        customer_id: whose it must be, for a person's own: another's is as unknown as one that is not there.

    Raises:
        NotFound: `unknown_request`.
        Refused: `stale_request`, where it is no longer as it was seen.
    """
    in_force = platform.in_force(fresh=True)
    try:
        with platform.door.record(Entry("change", act, principal, in_force.versions)) as change:
            owner = whose(change.conn, request_id)
            if customer_id is not None and owner != customer_id:
                raise unknown_request()
            people = lock_customers(change.conn, in_force.catalogue, [owner])
            if owner not in people:
                raise unknown_request()
            change.subjects.append(people[owner].ordinal)
            change.facts["request"] = request_id
            request = load(change.conn, platform, owner, request_id)
            _require_fresh(request, seen)
            yield Work(platform, change, in_force, request, key_of(platform, owner), datetime.now(UTC), seen)
    except (Refused, NotFound) as error:
        platform.door.note(_refusal(error, act, principal, in_force))
        raise


def _require_fresh(request: Request, seen: Seen) -> None:
    if seen.revision not in (None, request.revision):
        hint = "look at it again: `cdp request show`"
        raise Refused("stale_request", "the request has changed since it was shown", path="request", hint=hint)


def _refusal(error: CdpError, act: str, principal: Principal, in_force: InForce) -> Entry:
    return Entry("refusal", act, principal, in_force.versions, {"code": error.code})
