"""What people asked for, and the clocks: what is open, late, was answered in time, and how long it took."""

from collections import defaultdict
from datetime import datetime
from statistics import median

from sqlalchemy import select

from cdp.services.reports.figures import Cell, Section, Source, Table
from cdp.services.requests.states import OPEN
from cdp.store.asking import REQUEST

_CLOCKS = ("request_kind", "regime", "open", "late", "in_time", "answered_late", "median_days", "next_due")


def requests(source: Source) -> Section:
    """Return the section."""
    c = REQUEST.c
    rows = source.conn.execute(
        select(c.kind, c.regime, c.state, c.received_at, c.due_at, c.closed_at).where(
            *source.period.within(c.received_at)
        )
    ).all()
    states = defaultdict[tuple[str, str], int](int)
    groups = defaultdict[tuple[str, str], list[tuple[str, str, str, str | None]]](list)
    for kind, regime, state, received, due, closed in rows:
        states[kind, state] += 1
        groups[kind, regime].append((state, received, due, closed))
    return Section(
        "requests",
        (
            Table(
                "request_states",
                ("request_kind", "request_state", "requests"),
                [(*key, count) for key, count in sorted(states.items())],
                chart="requests",
            ),
            Table("clocks", _CLOCKS, [(*key, *_clock(each, source.now)) for key, each in sorted(groups.items())]),
        ),
    )


def _clock(rows: list[tuple[str, str, str, str | None]], now: str) -> tuple[Cell, ...]:
    """Return what the clocks of some requests say; one that stands has no day by which it is due."""
    waiting = {str(each) for each in OPEN}
    dues = [due for state, _, due, _ in rows if state in waiting and due]
    closed = [(received, due, at) for state, received, due, at in rows if state not in waiting and at is not None]
    late = sum(bool(due) and at > due for _, due, at in closed)
    days = [(datetime.fromisoformat(at) - datetime.fromisoformat(began)).days for began, _, at in closed]
    return (
        sum(state in waiting for state, *_ in rows), sum(due < now for due in dues), len(closed) - late, late,
        int(median(days)) if days else None, min(dues, default=None),
    )  # fmt: skip
