"""The course of a grant against a model that knows only a list of what happened: any steps, by anybody, at any time."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cdp.errors import BadInput, Refused
from cdp.services.breakglass.states import Course, Step, advance, delay, review

START = datetime(2026, 1, 30, 9, tzinfo=UTC)
MOST = timedelta(days=30)
PEOPLE = ("sue", "olga", "iris")


class Grants(RuleBasedStateMachine):
    """One grant that sue asks for, and a plain list of what was done with it, by whom and when."""

    @initialize(minutes=st.integers(1, 90))
    def begin(self, minutes: int) -> None:
        self.now, self.minutes = START, minutes
        self.course = Course("sue", START, minutes)
        self.done: list[tuple[str, str, datetime]] = []
        self.told_from: datetime | None = None

    @rule(minutes=st.integers(0, 60))
    def minutes_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(hours=st.sampled_from([23, 24, 25, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(step=st.sampled_from([each for each in Step if each not in (Step.DELAY, Step.REVIEW)]),
          who=st.sampled_from(PEOPLE))  # fmt: skip
    def somebody_acts(self, step: Step, who: str) -> None:
        def act() -> Course:
            return advance(self.course, step, actor=who, now=self.now)

        if self.try_step(step, who, act) and step is Step.TELL_NOW:
            self.told_from = self.now

    @rule(who=st.sampled_from(PEOPLE), minutes=st.integers(-60, 60 * 24 * 35))
    def somebody_delays(self, who: str, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        fits = self.now < until <= START + MOST
        try:
            done = self.try_step(Step.DELAY, who, lambda: delay(self.course, until, actor=who, now=self.now, most=MOST))
        except BadInput:
            assert not fits
            return
        assert fits or not done
        if done:
            self.told_from = until

    @rule(who=st.sampled_from(PEOPLE), verdict=st.sampled_from(["justified", "not_justified"]))
    def somebody_reviews(self, who: str, verdict: str) -> None:
        self.try_step(Step.REVIEW, who, lambda: review(self.course, verdict, actor=who, now=self.now))

    def try_step(self, step: Step, who: str, act) -> bool:
        allowed = self.may(str(step), who)
        try:
            self.course = act()
        except Refused:
            assert not allowed, (step, who, self.done)
            return False
        assert allowed, (step, who, self.done)
        self.done.append((str(step), who, self.now))
        return True

    def when(self, step: str) -> datetime | None:
        return next((at for name, _, at in self.done if name == step), None)

    def reads(self) -> bool:
        """Whether sue may read now, by the words of the issue: granted by another, its hour not over, not ended."""
        granted = self.when("grant")
        hour = timedelta(minutes=self.minutes)
        return granted is not None and self.now < granted + hour and self.when("end") is None

    def hidden(self) -> bool:
        return self.told_from is not None and self.now < self.told_from

    def may(self, step: str, who: str) -> bool:
        decided = any(self.when(each) for each in ("grant", "decline", "withdraw"))
        open_ = not decided and self.now < START + timedelta(hours=24)
        granted, used = self.when("grant") is not None, self.when("use") is not None
        over = granted and not self.reads()
        reviewed = self.when("review") is not None
        granter = next((by for name, by, _ in self.done if name == "grant"), None)
        alive = open_ or (granted and not reviewed)
        return {
            "withdraw": open_ and who == "sue",
            "decline": open_ and who != "sue",
            "grant": open_ and who != "sue",
            "use": self.reads() and who == "sue",
            "end": self.reads(),
            "delay": alive and who != "sue" and (not used or self.hidden()),
            "tell_now": (alive or reviewed) and who != "sue" and self.hidden(),
            "review": over and used and not reviewed and who not in ("sue", granter),
        }[step]

    @invariant()
    def nobody_reads_or_keeps_silent_but_as_the_model_has_it(self) -> None:
        assert (self.course.state(self.now) == "granted") == self.reads()
        assert self.course.withheld(self.now) == self.hidden()
        assert not self.course.withheld(START + MOST)
        asked, granters = "sue", {by for name, by, _ in self.done if name in ("grant", "review", "delay")}
        assert asked not in granters


TestGrants = Grants.TestCase
TestGrants.settings = settings(max_examples=200, stateful_step_count=30)
