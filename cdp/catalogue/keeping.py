"""For how long something is kept: periods as the catalogue writes them, added to a day by the calendar. Pure.

`P3Y` as ISO 8601 has it, or `3 years`, `90 days`, `3y`. A month after the 31st is the last of a shorter month.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

PERIOD: Final = r"^(P[1-9][0-9]{0,4}[DWMY]|[1-9][0-9]{0,4} ?([dwmy]|(day|week|month|year)s?))$"
_PARTS: Final = re.compile(r"P?([0-9]+) ?([dwmyDWMY])")
_LAST_YEAR: Final = 9999


@dataclass(frozen=True, slots=True)
class Period:
    """So many days, or so many months."""

    days: int
    months: int


def parse_period(text: str) -> Period:
    """Read a period that the catalogue has taken."""
    found = _PARTS.match(text)
    if found is None:
        raise ValueError
    number, unit = int(found[1]), found[2].lower()
    if unit in "dw":
        return Period(number * (7 if unit == "w" else 1), 0)
    return Period(0, number * (12 if unit == "y" else 1))


def later(day: date, period: Period) -> date:
    """Return the day that is a period later; the last day there is, for one beyond all calendars."""
    months = day.year * 12 + day.month - 1 + period.months
    year, month = divmod(months, 12)
    if year > _LAST_YEAR or (_LAST_YEAR - year) * 365 < period.days:
        return date.max
    moved = date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    return moved + timedelta(days=period.days)


def earlier(day: date, period: Period) -> date:
    """Return a day such that everything of that day or before is older than the period on `day`."""
    found = date.min
    low, high = date.min.toordinal(), day.toordinal()
    while low <= high:  # `later` never goes back with a later day
        middle = (low + high) // 2
        if later(date.fromordinal(middle), period) <= day:
            found, low = date.fromordinal(middle), middle + 1
        else:
            high = middle - 1
    return found


def end_of_month(day: date) -> date:
    """Return the first day after the month of a day: by so much is a hold rounded, so that few keys hold many rows."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return date.max if year > _LAST_YEAR else date(year, month + 1, 1)


def midnight(day: date) -> datetime:
    """Return the beginning of a day, in UTC."""
    return datetime.combine(day, time.min, UTC)
