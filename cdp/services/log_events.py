"""The log as a stream of OCSF events, from any entry on: a file today, the next ones tomorrow."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

from sqlalchemy import select

from audit.entries import Entry, Principal, parse_entry
from audit.ocsf import event_of
from cdp.bootstrap import Platform
from cdp.store.platform import LOG_ENTRY

BATCH: Final = 1_000


def log_events(
    platform: Platform, *, principal: Principal, after: int | None = None, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the entries behind a number as events, oldest first; an event has its number as `metadata.sequence`.

    What is there when it begins is given, and no more. That somebody reads the log is on the log before he does.

    Args:
        platform: the open store.
        principal: who reads.
        after: the number of the last entry that was taken over; from the first kept one, if it is not given.
        limit: at most so many.

    Raises:
        Unavailable: the database or the log cannot serve.
    """
    facts = {} if after is None else {"after": after}
    end = platform.door.note(Entry("disclosure", "log_events", principal, None, facts)) + 1
    origin, ours = platform.settings.log_origin, version("customer-data-platform")
    start, left = 0 if after is None else after + 1, limit
    c = LOG_ENTRY.c
    while start < end and left != 0:
        take = BATCH if left is None else min(BATCH, left)
        wanted = select(c.number, c.entry).where(c.number >= start, c.number < end).order_by(c.number).limit(take)
        rows = platform.door.lookup(wanted)
        if not rows:
            return
        for number, data in rows:
            yield event_of(number, parse_entry(bytes(data)), origin=origin, version=ours)
        start = rows[-1][0] + 1
        left = None if left is None else left - len(rows)
