"""The course of a request: its states, who may take which step when, and when it is due. Pure; the only such place.

    received ──take──▶ taken ──approve──▶ done ──lift──▶ lifted      (only a restriction is lifted)
        │                │ ▲
        │              pause resume       refuse ──▶ refused          (from received, taken and paused)
        │                ▼ │              withdraw ──▶ withdrawn      (from received, taken and paused)
        └───pause────▶ paused

`extend` changes no state: the period is longer, once, and only where the law has it, before it is over, with a reason.
`assign` gives it to somebody of staff: what was received is taken then, and what is paused stays so, its clock as well.
A step that is not in the table is refused. Who asked, and who is asked about, decides nothing (attacks, "Authority").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cdp.errors import Refused
from consent.regimes.clocks import Due, Span, due_by
from consent.regimes.regime import Clock, Period, RequestKind

Kind = RequestKind


class State(StrEnum):
    """Where a request is."""

    RECEIVED = "received"
    TAKEN = "taken"
    PAUSED = "paused"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LIFTED = "lifted"


class Step(StrEnum):
    """What can be done about one."""

    TAKE = "take"
    ASSIGN = "assign"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LIFT = "lift"


PROPOSE: Final = "propose"
SEND_BACK: Final = "send_back"
"""What two officers do about a grant that takes both; neither moves the request (`cdp.services.requests.second`)."""

AMONG_OFFICERS: Final = frozenset({Step.ASSIGN, PROPOSE, SEND_BACK})
"""Steps whose reasons are for officers alone."""

OPEN: Final = frozenset({State.RECEIVED, State.TAKEN, State.PAUSED})
"""States in which somebody still waits for an answer."""

MOVES: Final[dict[tuple[State, Step], State]] = {
    (State.RECEIVED, Step.TAKE): State.TAKEN,
    (State.TAKEN, Step.TAKE): State.TAKEN,  # somebody else goes on with it
    (State.RECEIVED, Step.ASSIGN): State.TAKEN,
    (State.TAKEN, Step.ASSIGN): State.TAKEN,
    (State.PAUSED, Step.ASSIGN): State.PAUSED,
    (State.RECEIVED, Step.PAUSE): State.PAUSED,
    (State.TAKEN, Step.PAUSE): State.PAUSED,
    (State.PAUSED, Step.RESUME): State.TAKEN,
    (State.RECEIVED, Step.EXTEND): State.RECEIVED,
    (State.TAKEN, Step.EXTEND): State.TAKEN,
    (State.RECEIVED, Step.APPROVE): State.DONE,
    (State.TAKEN, Step.APPROVE): State.DONE,
    **{(state, Step.REFUSE): State.REFUSED for state in OPEN},
    **{(state, Step.WITHDRAW): State.WITHDRAWN for state in OPEN},
    (State.DONE, Step.LIFT): State.LIFTED,
}

REASONED: Final = frozenset({Step.PAUSE, Step.EXTEND, Step.REFUSE})
"""Steps of which she is told why."""

DECIDES: Final = frozenset({Step.EXTEND, Step.APPROVE, Step.REFUSE})
"""Steps by which somebody decides about a request; nobody does about his own."""

HERS: Final = frozenset({Step.WITHDRAW, Step.LIFT})
"""Steps that are the person's own; staff takes them on her recorded word."""

OWN_PROMISE: Final = Clock(
    kinds=tuple(Kind), answer=Period(months=1), source="no law sets a period: the organisation's own promise"
)
"""The clock where the regime has none."""


@dataclass(frozen=True, slots=True)
class Course:
    """A request as far as its course goes; nothing of what is in it.

    Attributes:
        clock: that of her regime when it was received: a later version of the law's file changes no promise.
        pauses: when the clock stood; begin and end.
        paused_at: since when it stands now.
    """

    kind: Kind
    state: State
    clock: Clock
    received_at: datetime
    extended: bool = False
    pauses: tuple[Span, ...] = ()
    paused_at: datetime | None = None

    @property
    def due(self) -> Due:
        """When it is due, by its clock alone."""
        return due_by(self.clock, self.received_at, pauses=self.pauses)

    @property
    def due_at(self) -> datetime:
        """By when it is to be answered, as things stand; while the clock stands, later by as long as it does."""
        by = self.due
        return by.extended if self.extended and by.extended else by.answer

    @property
    def stands(self) -> bool:
        """Whether the clock stands still now."""
        return self.state is State.PAUSED and self.clock.pauses

    def late(self, now: datetime) -> bool:
        """Return whether it should have been answered."""
        return self.state in OPEN and not self.stands and now > self.due_at


def received(kind: Kind, clock: Clock | None, at: datetime) -> Course:
    """Return the course of a request that has just come."""
    return Course(kind, State.RECEIVED, clock or OWN_PROMISE, at)


def steps_of(course: Course, *, now: datetime) -> Sequence[Step]:
    """Return the steps that can be taken now, whoever takes them."""
    found = []
    for step in Step:
        try:
            advance(course, step, at=now, reason="asked")
        except Refused:
            continue
        found.append(step)
    return found


def advance(course: Course, step: Step, *, at: datetime, reason: str = "") -> Course:
    """Return the course after a step.

    Raises:
        Refused: `request_state`, `request_reason_needed`, `no_extension`, `extension_too_late`.
    """
    state = MOVES.get((course.state, step))
    if state is None or (step is Step.LIFT and course.kind is not Kind.RESTRICTION):
        hint = f"it is {course.state}"
        raise Refused("request_state", f"a request in this state takes no `{step}`", path="request", hint=hint)
    if step in REASONED and not reason.strip():
        message = f"`{step}` takes a reason, which she is told"
        raise Refused("request_reason_needed", message, path="reason", hint="say it with `--reason`")
    if step is Step.EXTEND:
        _require_extension(course, at)
        return replace(course, extended=True)
    if step is Step.PAUSE:
        return replace(course, state=state, paused_at=at)
    if step is Step.ASSIGN:
        return replace(course, state=state)
    return replace(_unpaused(course, at), state=state)


def _require_extension(course: Course, at: datetime) -> None:
    if course.extended or course.clock.extension is None:
        raise Refused("no_extension", "the period is not extended, or not again", path="request")
    if at > course.due_at:  # INVARIANT: she is told within the first period (GDPR Art. 12(3))
        raise Refused("extension_too_late", "a period that is over cannot be extended", path="request")


def _unpaused(course: Course, at: datetime) -> Course:
    if course.paused_at is None:
        return course
    span = (course.paused_at, max(at, course.paused_at))  # a clock that was put back takes nothing from her
    return replace(course, pauses=(*course.pauses, span), paused_at=None)
