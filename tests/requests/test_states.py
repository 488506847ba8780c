"""The course of a request against a model that knows only lists of what happened: any steps, at any times."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cdp.errors import Refused
from cdp.services.requests.states import MOVES, Kind, State, Step, advance, received, steps_of
from consent.regimes.clocks import clock_of
from consent.regimes.regime import RegimeName, load_regime

START = datetime(2026, 1, 30, 9, tzinfo=UTC)

AFTER = {
    "": {"take", "assign", "pause", "extend", "approve", "refuse", "withdraw"},
    "take": {"take", "assign", "pause", "extend", "approve", "refuse", "withdraw"},
    "pause": {"resume", "assign", "refuse", "withdraw"},
    "resume": {"take", "assign", "pause", "extend", "approve", "refuse", "withdraw"},
    "approve": {"lift"}, "refuse": set(), "withdraw": set(), "lift": set(),
}  # fmt: skip
"""What may follow the last step that moved it; an extension moves nothing, and giving it to somebody takes it."""

NAMED = {
    "": "received", "take": "taken", "resume": "taken", "pause": "paused", "approve": "done", "refuse": "refused",
    "withdraw": "withdrawn", "lift": "lifted",
}  # fmt: skip


def plus_months(at: datetime, months: int) -> datetime:
    """Written apart from the code: step by step, the last day of a month that is too short."""
    day = at.day
    for _ in range(months):
        first = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = ((first + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day
        at = first.replace(day=min(day, last))
    return at


def plus_working_days(at: datetime, days: int) -> datetime:
    while days:
        at += timedelta(days=1)
        days -= at.strftime("%a") not in ("Sat", "Sun")
    return at


class Requests(RuleBasedStateMachine):
    """One request, and a plain list of what was done with it."""

    @initialize(kind=st.sampled_from(Kind), name=st.sampled_from([each for each in RegimeName if each != "none"]))
    def begin(self, kind: Kind, name: RegimeName) -> None:
        self.name, self.now = name, START
        self.course = received(kind, clock_of(load_regime(name), kind), START)
        self.last, self.extended, self.stood, self.since, self.steps = "", False, timedelta(), None, 0

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(step=st.sampled_from([Step.TAKE, Step.ASSIGN, Step.PAUSE, Step.RESUME, Step.EXTEND]))
    def it_goes_on(self, step: Step) -> None:
        self.try_step(step, reasoned=True)

    @rule(step=st.sampled_from([Step.PAUSE, Step.EXTEND, Step.REFUSE]))
    def nobody_says_why(self, step: Step) -> None:
        self.try_step(step, reasoned=False)

    @precondition(lambda self: self.steps > 12)
    @rule(step=st.sampled_from([Step.APPROVE, Step.REFUSE, Step.WITHDRAW, Step.LIFT]))
    def it_ends(self, step: Step) -> None:
        self.try_step(step, reasoned=True)

    def try_step(self, step: Step, *, reasoned: bool) -> None:
        self.steps += 1
        allowed = str(step) in AFTER[self.last]
        if step is Step.LIFT:
            allowed = allowed and self.course.kind == "restriction"
        if step in ("pause", "extend", "refuse"):
            allowed = allowed and reasoned
        if step is Step.EXTEND:
            allowed = allowed and self._longer() and not self.extended and self.now <= self._due()
        try:
            self.course = advance(self.course, step, at=self.now, reason="because" if reasoned else "  ")
        except Refused:
            assert not allowed, step
            return
        assert allowed, step
        if step is Step.EXTEND:
            self.extended = True
            return
        if step is Step.ASSIGN:  # what is paused stays so, and its clock stands on
            self.last = self.last if self.last == "pause" else "take"
            return
        if self.since is not None:
            self.stood, self.since = self.stood + (self.now - self.since), None
        if step is Step.PAUSE:
            self.since = self.now
        self.last = str(step)

    def _longer(self) -> bool:
        legal = self.course.kind in ("access", "correction", "erasure", "portability")
        european = legal or self.course.kind in ("restriction", "objection", "human_review")
        return (self.name in ("gdpr", "uk_gdpr") and european) or (self.name == "ccpa" and legal)

    def _due(self) -> datetime:
        if self.name in ("gdpr", "uk_gdpr"):
            stands = self.course.kind != "question"
            return plus_months(plus_months(START, 1), 2 if self.extended else 0) + (
                self.stood if stands else timedelta()
            )
        if self.name == "ccpa":
            if self.course.kind in ("objection", "restriction"):
                return plus_working_days(START, 15)
            return START + timedelta(days=90 if self.extended else 45)
        return plus_working_days(START, 15) if self.name == "pipl" else START + timedelta(days=15)

    @invariant()
    def state_and_clock_are_those_of_the_model(self) -> None:
        assert self.course.state == NAMED[self.last]
        assert self.course.due_at == self._due()
        waits = self.course.state in ("received", "taken", "paused")
        stands = self.course.state == "paused" and self.name in ("gdpr", "uk_gdpr") and self.course.kind != "question"
        assert self.course.late(self.now) == (waits and not stands and self.now > self._due())
        told = {str(each) for each in steps_of(self.course, now=self.now)}
        assert told <= AFTER[self.last]


TestRequests = Requests.TestCase
TestRequests.settings = settings(max_examples=150, stateful_step_count=40)


@pytest.mark.parametrize(("state", "step"), [each for each in product(State, Step) if each not in MOVES])
def test_a_step_that_is_not_in_the_table_is_refused(state: State, step: Step) -> None:
    from dataclasses import replace

    course = replace(received(Kind.RESTRICTION, None, START), state=state)
    with pytest.raises(Refused) as caught:
        advance(course, step, at=START, reason="because")
    assert caught.value.code == "request_state"


def test_an_extension_is_told_within_the_first_period_or_not_taken() -> None:
    course = received(Kind.ACCESS, clock_of(load_regime(RegimeName.GDPR), Kind.ACCESS), START)
    last = datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert advance(course, Step.EXTEND, at=last, reason="many files").due_at == datetime(2026, 4, 28, 9, tzinfo=UTC)
    with pytest.raises(Refused) as caught:
        advance(course, Step.EXTEND, at=last + timedelta(seconds=1), reason="many files")
    assert caught.value.code == "extension_too_late"


def test_a_clock_that_was_put_back_takes_nothing_from_her() -> None:
    course = received(Kind.ACCESS, clock_of(load_regime(RegimeName.GDPR), Kind.ACCESS), START)
    paused = advance(course, Step.PAUSE, at=START, reason="who are you")
    assert advance(paused, Step.RESUME, at=START - timedelta(days=3)).due_at == course.due_at
