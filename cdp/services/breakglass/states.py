"""The course of a grant: where it stands at a time, and who may take which step. Pure.

What time does is nowhere written down: a grant that is over by its hour is over for whoever looks at it after that,
whether or not any process ran meanwhile.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cdp.errors import BadInput, Refused

ASK_HOLDS: Final = timedelta(hours=24)
"""So long somebody may grant what was asked for; what was urgent yesterday is asked for anew."""

JUSTIFIED, NOT_JUSTIFIED = "justified", "not_justified"


class State(StrEnum):
    """Where a grant stands."""

    ASKED = "asked"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    GRANTED = "granted"
    ENDED = "ended"
    REVIEWED = "reviewed"


class Step(StrEnum):
    """What can be done with one."""

    WITHDRAW = "withdraw"
    DECLINE = "decline"
    GRANT = "grant"
    USE = "use"
    END = "end"
    DELAY = "delay"
    TELL_NOW = "tell_now"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Course:
    """What has happened to a grant so far; `decision` is the step that decided it."""

    asked_by: str
    asked_at: datetime
    minutes: int
    decision: Step | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    expires_at: datetime | None = None
    used_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    delayed_by: str | None = None
    delayed_until: datetime | None = None
    verdict: str | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """Return where it stands at a time."""
        if self.reviewed_at is not None:
            return State.REVIEWED
        if self.decision is None:
            return State.ASKED if now < self.asked_at + ASK_HOLDS else State.LAPSED
        if self.decision is not Step.GRANT:
            return State.WITHDRAWN if self.decision is Step.WITHDRAW else State.DECLINED
        over = self.ended_at is not None or self.expires_at is None or now >= self.expires_at
        return State.ENDED if over else State.GRANTED

    def withheld(self, now: datetime) -> bool:
        """Return whether its customers are not to know of it yet."""
        return self.delayed_until is not None and now < self.delayed_until

    def waits_for_review(self, now: datetime) -> bool:
        """Return whether somebody has to say whether it was justified: it was used, and is over."""
        return self.used_at is not None and self.state(now) is State.ENDED


_WHEN: Final = {
    Step.WITHDRAW: {State.ASKED}, Step.DECLINE: {State.ASKED}, Step.GRANT: {State.ASKED},
    Step.USE: {State.GRANTED}, Step.END: {State.GRANTED}, Step.REVIEW: {State.ENDED},
    Step.DELAY: {State.ASKED, State.GRANTED, State.ENDED},
    Step.TELL_NOW: {State.ASKED, State.GRANTED, State.ENDED, State.REVIEWED},
}  # fmt: skip
_HERS: Final = {Step.WITHDRAW, Step.USE}
_ANOTHERS: Final = {Step.DECLINE, Step.GRANT, Step.DELAY, Step.TELL_NOW, Step.REVIEW}


def require(course: Course, step: Step, *, actor: str, now: datetime) -> None:
    """Do nothing if somebody may take a step now.

    Raises:
        Refused: `own_act`, `not_yours`, `break_glass_state`, `break_glass_told`.
    """
    if step in _ANOTHERS and actor == course.asked_by:
        raise Refused("own_act", "nobody decides on what she did herself", hint="ask another officer")
    if step is Step.REVIEW and actor == course.decided_by:
        raise Refused("own_act", "nobody reviews what she granted herself", hint="ask a third person")
    if step in _HERS and actor != course.asked_by:
        raise Refused("not_yours", "only who asked for it may do that", path="break_glass")
    if course.state(now) not in _WHEN[step] or (step is Step.REVIEW and not course.waits_for_review(now)):
        raise Refused("break_glass_state", "this is not possible where it stands now", path="break_glass")
    if step is Step.TELL_NOW and not course.withheld(now):
        raise Refused("break_glass_state", "nothing is delayed", path="break_glass")
    if step is Step.DELAY and course.used_at is not None and not course.withheld(now):
        raise Refused("break_glass_told", "the customer was told when it was used", path="delayed_until")


def steps_of(course: Course, *, actor: str, now: datetime) -> list[Step]:
    """Return the steps that somebody may take now."""
    found = []
    for step in Step:
        with suppress(Refused):
            require(course, step, actor=actor, now=now)
            found.append(step)
    return found


def require_delay(course: Course, until: datetime, *, now: datetime, most: timedelta) -> None:
    """Do nothing if a delay may last until then: it has an end, and that is never put off beyond a bound.

    Raises:
        BadInput: `bad_delay`.
    """
    if not now < until <= course.asked_at + most:
        hint = f"within {most.days} days of when it was asked for (CDP_BREAK_GLASS_DELAY_DAYS)"
        raise BadInput("bad_delay", "a delay ends on a day to come that is not too far", path="until", hint=hint)


def advance(course: Course, step: Step, *, actor: str, now: datetime) -> Course:
    """Return the course after a step that says nothing more than that it was taken.

    Raises:
        Refused: as `require`.
    """
    require(course, step, actor=actor, now=now)
    match step:
        case Step.GRANT:
            expires = now + timedelta(minutes=course.minutes)
            return replace(course, decision=step, decided_by=actor, decided_at=now, expires_at=expires)
        case Step.DECLINE | Step.WITHDRAW:
            return replace(course, decision=step, decided_by=actor, decided_at=now)
        case Step.USE:
            return replace(course, used_at=course.used_at or now)
        case Step.END:
            return replace(course, ended_by=actor, ended_at=now)
        case Step.TELL_NOW:
            return replace(course, delayed_until=now)
        case _:
            raise AssertionError(f"{step} says more than that")


def delay(course: Course, until: datetime, *, actor: str, now: datetime, most: timedelta) -> Course:
    """Return the course with its customers told later.

    Raises:
        Refused: as `require`.
        BadInput: as `require_delay`.
    """
    require(course, Step.DELAY, actor=actor, now=now)
    require_delay(course, until, now=now, most=most)
    return replace(course, delayed_by=actor, delayed_until=until)


def review(course: Course, verdict: str, *, actor: str, now: datetime) -> Course:
    """Return the course with what the review said.

    Raises:
        Refused: as `require`.
    """
    require(course, Step.REVIEW, actor=actor, now=now)
    return replace(course, verdict=verdict, reviewed_by=actor, reviewed_at=now)
