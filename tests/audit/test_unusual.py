"""The rules about unusual reads: what makes one speak, and what must not matter."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from audit.unusual import Hour, Hours, Limits, Rule, Unusual, find_unusual

ALWAYS = Hours(frozenset(range(7)), 0, 24, UTC)
OFFICE = Hours.parse("Mon-Fri 07-20 UTC")
LIMITS = Limits(OFFICE, times=3, customers=50, outside=4, refusals=6, habit=14, few=3)
FIRST = date(2026, 3, 2)  # a Monday
DAYS = [(FIRST + timedelta(days=step)).isoformat() for step in range(21)]
LAST = DAYS[16]  # a Wednesday


def found(hours: list[Hour], day: str = LAST) -> list[Unusual]:
    return find_unusual(hours, LIMITS, since=day, until=day)


def habit(customers: int, *, refusals: int = 0, hour: str = "10", who: str = "staff:iris") -> list[Hour]:
    return [Hour(who, f"{day}T{hour}", 2, customers, refusals) for day in DAYS[11:16]]


def test_volume_speaks_from_times_the_middle_of_the_days_before() -> None:
    for customers, speaks in ((300, False), (301, True)):
        stands = found([*habit(100), Hour("staff:iris", f"{LAST}T11", 1, customers)])
        assert [(each.rule, each.count, each.limit, each.usual, each.days) for each in stands] == (
            [(Rule.VOLUME, 301, 301, 100, 5)] if speaks else []
        )
    assert found([*habit(1), Hour("staff:iris", f"{LAST}T11", 1, 49)]) == []


def test_who_has_no_habit_is_new_and_no_more() -> None:
    for customers, speaks in ((149, []), (150, [Rule.NEWCOMER])):
        assert [each.rule for each in found([Hour("app:shop", f"{LAST}T11", 1, customers)])] == speaks


def test_out_of_hours_is_of_people_only_and_against_their_own_evenings() -> None:
    night = f"{LAST}T23"
    assert [each.rule for each in found([*habit(5), Hour("staff:iris", night, 4, 1)])] == [Rule.OUTSIDE]
    assert found([*habit(5, who="app:shop"), Hour("app:shop", night, 400, 1)]) == []
    assert found([*habit(5, hour="23"), Hour("staff:iris", night, 6, 1)]) == []  # she always works then
    assert [each.rule for each in found([Hour("os:root", f"{DAYS[12]}T10", 4, 1)], DAYS[12])] == [Rule.OUTSIDE]


def test_many_refusals_speak() -> None:
    assert [each.rule for each in found([*habit(5, refusals=1), Hour("app:shop", f"{LAST}T10", refusals=6)])] == [
        Rule.REFUSALS
    ]
    assert found([*habit(5, refusals=2), Hour("staff:iris", f"{LAST}T10", refusals=6)]) == []


HOURS = st.lists(
    st.builds(
        Hour, st.sampled_from(["staff:iris", "os:root", "app:shop"]),
        st.builds("{}T{:02}".format, st.sampled_from(DAYS), st.integers(0, 23)),
        st.integers(0, 9), st.integers(0, 400), st.integers(0, 30),
    ),
    max_size=40,
)  # fmt: skip


@settings(deadline=None)
@given(HOURS, st.randoms(use_true_random=False))
def test_order_and_grain_do_not_matter_and_nobody_else_does(hours: list[Hour], random: object) -> None:
    whole = find_unusual(hours, LIMITS, since=DAYS[0], until=DAYS[-1])
    halves = [
        part
        for each in hours
        for part in (
            Hour(each.principal, each.hour, each.reads // 2, each.customers // 2, each.refusals // 2),
            Hour(each.principal, each.hour, -(-each.reads // 2), -(-each.customers // 2), -(-each.refusals // 2)),
        )
    ]
    random.shuffle(halves)
    assert find_unusual(halves, LIMITS, since=DAYS[0], until=DAYS[-1]) == whole
    for who in ("staff:iris", "app:shop"):
        own = find_unusual([each for each in hours if each.principal == who], LIMITS, since=DAYS[0], until=DAYS[-1])
        assert own == [each for each in whole if each.principal == who]
    assert all(each.count >= each.limit > LIMITS.times * each.usual for each in whole)


@settings(deadline=None)
@given(HOURS, st.integers(1, 500))
def test_reading_more_never_hides_anything_of_that_day(hours: list[Hour], more: int) -> None:
    before = find_unusual(hours, LIMITS, since=LAST, until=LAST)
    added = [*hours, *(Hour(each.principal, f"{LAST}T22", more, more, more) for each in before)]
    after = {(each.principal, each.rule) for each in find_unusual(added, LIMITS, since=LAST, until=LAST)}
    assert {(each.principal, each.rule) for each in before} <= after


def test_hours_are_read_and_hold_where_people_work() -> None:
    berlin = Hours.parse("Mon-Fri 07-20 Europe/Berlin")
    assert berlin.zone == ZoneInfo("Europe/Berlin")
    assert berlin.hold("2026-03-02T06")  # seven in Berlin
    assert not berlin.hold("2026-03-02T05")
    assert not berlin.hold("2026-03-01T10")  # a Sunday
    night = Hours.parse("Sat-Mon 22-06 UTC")
    assert night.days == {5, 6, 0}
    assert [night.hold(f"2026-03-02T{hour:02}") for hour in (21, 22, 23, 5, 6)] == [False, True, True, True, False]
    assert ALWAYS.hold("2026-03-01T03")
    for wrong in ("", "Mon-Fri 7-20 UTC", "Mon-Fry 07-20 UTC", "Mon-Fri 07-25 UTC", "Mon-Fri 07-07 UTC",
                  "Mon-Fri 07-20 Nowhere/Town", "Mon-Fri 07-20 ../../etc/passwd"):  # fmt: skip
        with pytest.raises(ValueError, match="hours"):
            Hours.parse(wrong)
