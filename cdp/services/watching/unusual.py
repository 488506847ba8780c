"""Reads that are unlike the reader's own habit: the numbers of the log, and the rules of `audit.unusual` over them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from audit.entries import HERSELF, Entry, Principal
from audit.indexing import daily
from audit.unusual import Hour, Hours, Limits, Unusual, find_unusual
from cdp.bootstrap import Platform
from cdp.config import Settings
from cdp.errors import BadInput

DAYS: Final = 7
MOST_DAYS: Final = 90


def unusual_reads(platform: Platform, *, principal: Principal, now: datetime, days: int = DAYS) -> list[Unusual]:
    """Return what stands out in the last days, the newest first. That somebody looked is on the log.

    Raises:
        BadInput: `bad_setting`.
        Unavailable: the database or the log cannot serve.
    """
    limits = limits_of(platform.settings)
    entry = Entry("disclosure", "log_unusual", principal, platform.in_force().versions, {"days": days})
    platform.door.note(entry)
    return stands_out(platform, limits, now=now, days=days)


def stands_out(platform: Platform, limits: Limits, *, now: datetime, days: int = DAYS) -> list[Unusual]:
    """Return what stands out in the last days, the newest first; it is about nobody whose data is here."""
    today = now.date()
    since = today - timedelta(days=days - 1)
    first = since - timedelta(days=limits.habit)
    hours = _hours(platform, limits, first, today)
    return find_unusual(hours, limits, since=since.isoformat(), until=today.isoformat())


def limits_of(settings: Settings) -> Limits:
    """Return from when on the rules speak.

    Raises:
        BadInput: `bad_setting`.
    """
    try:
        hours = Hours.parse(settings.work_hours)
    except ValueError:
        hint = "write them as `Mon-Fri 07-20 Europe/Berlin`"
        raise BadInput("bad_setting", "a setting is malformed", path="CDP_WORK_HOURS", hint=hint) from None
    return Limits(
        hours, times=settings.unusual_times, customers=settings.unusual_customers, outside=settings.unusual_outside,
        refusals=settings.unusual_refusals,
    )  # fmt: skip


def _hours(platform: Platform, limits: Limits, first: date, last: date) -> Iterator[Hour]:
    """Yield what each principal did in hours of work and outside; a customer who acts on her own data is none."""
    every = (f"{first + timedelta(days=day)}T{hour:02}" for day in range((last - first).days + 1) for hour in range(24))
    outside = {hour for hour in every if not limits.hours.hold(hour)}
    known = platform.door.newest.known
    for line, tally in daily(platform.door.lookup, since=first.isoformat(), apart=outside, known=known):
        if line.principal == HERSELF.name:
            continue
        if line.what == "refusal":
            yield Hour(line.principal, line.hour, refusals=tally.acts)
        else:
            yield Hour(line.principal, line.hour, reads=tally.acts, customers=tally.customers)
