"""What is unusual among reads: a few plain rules, each with the numbers by which it speaks.

Nobody is compared with others: a principal's day is held against his own days before it. Pure: numbers come in, what
stands out goes out. The rules are told in docs/log.md.

    volume     many more customers than on his other days
    newcomer   many customers, and few days before by which to tell whether that is much for him
    outside    reads outside of working hours, more than on his other days; of people only: programs have no evening
    refusals   many more refusals than on his other days
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from statistics import median_low
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WRITTEN: Final = re.compile(r"([A-Z][a-z]{2})-([A-Z][a-z]{2}) ([0-9]{2})-([0-9]{2}) ([A-Za-z0-9_/+-]{1,60})")
_NO_HOURS: Final = "these are no working hours"
PEOPLE: Final = ("staff:", "os:")
"""How names of people begin."""


class Rule(StrEnum):
    """Which rule speaks."""

    VOLUME = "volume"
    NEWCOMER = "newcomer"
    OUTSIDE = "outside"
    REFUSALS = "refusals"


@dataclass(frozen=True)
class Hours:
    """When people work: from the beginning of one hour to that of another, on some days of the week."""

    days: frozenset[int]
    begin: int
    end: int
    zone: tzinfo

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Read hours as `Mon-Fri 07-20 Europe/Berlin`; from 22 to 06 is over night.

        Raises:
            ValueError: this is none.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(_NO_HOURS)
        if found[1] not in _DAYS or found[2] not in _DAYS:
            raise ValueError(_NO_HOURS)
        first, last = _DAYS.index(found[1]), _DAYS.index(found[2])
        begin, end = int(found[3]), int(found[4])
        if not (0 <= begin < 24 and 0 < end <= 24 and begin != end):
            raise ValueError(_NO_HOURS)
        days = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
        try:
            zone = UTC if found[5] == "UTC" else ZoneInfo(found[5])
        except (KeyError, OSError, ValueError):
            raise ValueError(_NO_HOURS) from None
        return cls(days, begin, end, zone)

    def hold(self, hour: str) -> bool:
        """Return whether an hour in UTC, as `2026-11-27T09`, begins within them."""
        here = datetime.fromisoformat(f"{hour}:00:00+00:00").astimezone(self.zone)
        within = (
            (self.begin <= here.hour < self.end) if self.begin < self.end else not self.end <= here.hour < self.begin
        )
        return here.weekday() in self.days and within


@dataclass(frozen=True)
class Limits:
    """From when on a rule speaks.

    Attributes:
        times: so many times as much as usual, and more.
        customers, outside, refusals: and at least so many; a newcomer, `times` that many customers.
        habit: of so many days before.
        few: with fewer days than that among them nobody has a habit.
    """

    hours: Hours
    times: int = 5
    customers: int = 100
    outside: int = 10
    refusals: int = 20
    habit: int = 28
    few: int = 3


@dataclass(frozen=True, slots=True)
class Hour:
    """What a principal did in an hour: reads about customers, how many these were, and what was refused to him."""

    principal: str
    hour: str
    reads: int = 0
    customers: int = 0
    refusals: int = 0


@dataclass(frozen=True, order=True, slots=True)
class Unusual:
    """What stands out: on this day of this principal it was `count`; `usual` is the middle of `days` days before.

    Attributes:
        limit: from here on the rule speaks.
    """

    day: str
    principal: str
    rule: Rule
    count: int
    limit: int
    usual: int
    days: int


@dataclass(slots=True)
class _Day:
    counts: dict[Rule, int] = field(default_factory=lambda: defaultdict(int))


def find_unusual(hours: Iterable[Hour], limits: Limits, *, since: str, until: str) -> list[Unusual]:
    """Return what stands out on days from `since` to `until`, the newest first.

    Args:
        hours: of those days and of `limits.habit` days before.
        limits: from when on a rule speaks.
        since: the first day that is looked at, as `2026-11-27`.
        until: the last one.
    """
    found: list[Unusual] = []
    for principal, days in _by_day(hours, limits.hours).items():
        for day in (each for each in days if since <= each <= until):
            first = (date.fromisoformat(day) - timedelta(days=limits.habit)).isoformat()
            before = [days[each] for each in days if first <= each < day]
            found += _judged(principal, day, days[day], before, limits)
    return sorted(found, key=lambda each: (each.day, each.count // each.limit, each), reverse=True)


def _by_day(hours: Iterable[Hour], working: Hours) -> dict[str, dict[str, _Day]]:
    found: dict[str, dict[str, _Day]] = defaultdict(lambda: defaultdict(_Day))
    for each in hours:
        counts = found[each.principal][each.hour[:10]].counts
        counts[Rule.VOLUME] += each.customers
        counts[Rule.REFUSALS] += each.refusals
        if each.principal.startswith(PEOPLE) and not working.hold(each.hour):
            counts[Rule.OUTSIDE] += each.reads
    return found


def _judged(principal: str, day: str, now: _Day, before: Sequence[_Day], limits: Limits) -> Iterable[Unusual]:
    known = len(before) >= limits.few
    least: Mapping[Rule, int] = {
        Rule.VOLUME: limits.customers * (1 if known else limits.times),
        Rule.OUTSIDE: limits.outside,
        Rule.REFUSALS: limits.refusals,
    }
    for rule, minimum in least.items():
        usual = median_low([each.counts[rule] for each in before]) if known else 0
        limit, count = max(minimum, limits.times * usual + 1), now.counts[rule]
        if count >= limit:
            told = Rule.NEWCOMER if rule is Rule.VOLUME and not known else rule
            yield Unusual(day, principal, told, count, limit, usual, len(before))
