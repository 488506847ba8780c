"""When a request is due and when an opt-out must have effect: pure functions of a regime and a time.

Periods of months end on the day of the same number, or on the last of the month (Regulation 1182/71 Art. 3(2)(c)). That
Regulation would let a period that ends on a day off run on to the next working day; here it does not, so that what is
computed is never later than what the law says. Days are those of UTC unless the time says otherwise.
"""

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from consent.regimes.regime import Clock, Period, Regime, RequestKind

Span: TypeAlias = tuple[datetime, datetime]

_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Due:
    """By when what has to be done; None where the regime asks for nothing of the kind.

    Attributes:
        extended: until when the answer may be put off, when the person is told why in time.
    """

    acknowledge: datetime | None
    answer: datetime
    extended: datetime | None
    source: str


def clock_of(regime: Regime, kind: RequestKind) -> Clock | None:
    """Return the clock that runs for a kind of request, or None where none does."""
    return next((clock for clock in regime.requests if kind in clock.kinds), None)


def due(
    regime: Regime, kind: RequestKind, received: datetime, *, holidays: Collection[date] = frozenset()
) -> Due | None:
    """Return when a request is due that was received at a time, or None where no clock runs.

    Args:
        holidays: days besides Saturdays and Sundays that are no business days.
    """
    clock = clock_of(regime, kind)
    return due_by(clock, received, holidays=holidays) if clock else None


def due_by(
    clock: Clock, received: datetime, *, pauses: Sequence[Span] = (), holidays: Collection[date] = frozenset()
) -> Due:
    """Return when a request is due by a clock.

    Args:
        pauses: when the clock stood still, begin and end; it does so only if it `pauses` at all.
        holidays: as for `due`.
    """
    stood = pauses if clock.pauses else ()
    answer = _later(received, clock.answer, stood, holidays)
    extended = None
    if clock.extension:
        extended = _later(after(received, clock.answer, holidays=holidays), clock.extension, stood, holidays)
    acknowledge = after(received, clock.acknowledge, holidays=holidays) if clock.acknowledge else None
    return Due(acknowledge, answer, extended, clock.source)


def _later(start: datetime, period: Period, pauses: Sequence[Span], holidays: Collection[date]) -> datetime:
    """Return the end of a period that stood still meanwhile; one of business days is longer by whole ones only."""
    if period.business_days is None:
        return after(start, period) + sum((end - begin for begin, end in pauses), timedelta())
    stood = sum(_whole_business_days(begin, end, holidays) for begin, end in pauses)
    return after(start, Period(business_days=period.business_days + stood), holidays=holidays)


def _whole_business_days(begin: datetime, end: datetime, holidays: Collection[date]) -> int:
    count = 0
    while (begin := _business_days(begin, 1, holidays)) <= end:
        count += 1
    return count


def effect_due(regime: Regime, received: datetime, *, holidays: Collection[date] = frozenset()) -> datetime | None:
    """Return by when an opt-out must have effect. Here it has at once; this is for those to whom it is passed on."""
    limit = regime.opt_out_effect
    return after(received, limit.within, holidays=holidays) if limit else None


def after(start: datetime, period: Period, *, holidays: Collection[date] = frozenset()) -> datetime:
    """Return the time that lies a period after another."""
    if period.months is not None:
        return _months(start, period.months)
    if period.business_days is not None:
        return _business_days(start, period.business_days, holidays)
    return start + timedelta(days=period.days or 0, hours=period.hours or 0)


def _months(start: datetime, count: int) -> datetime:
    years, month = divmod(start.month - 1 + count, 12)
    year = start.year + years
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def _business_days(start: datetime, count: int, holidays: Collection[date]) -> datetime:
    reached = start
    while count:
        reached += timedelta(days=1)
        if reached.weekday() < _SATURDAY and reached.date() not in holidays:
            count -= 1
    return reached
