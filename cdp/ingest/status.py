"""What became of all that came, by source: for operators, and about nobody."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import func, select

from cdp.bootstrap import Platform
from cdp.events.counts import CAPPED, DROPPED, DUPLICATE, FOLDED, QUARANTINED, RECEIVED
from cdp.ingest.sources import Source, list_sources
from cdp.store.arriving import COUNT, SPOOL


@dataclass(frozen=True)
class Status:
    """One source.

    Attributes:
        waiting: events that were acknowledged and are not folded yet.
        lag_seconds: how long the oldest of them waits.
        dropped, quarantined: by reason.
        capped: identifiers and links that were over a cap.
    """

    source: str
    revoked: bool
    received: int
    folded: int
    duplicate: int
    waiting: int
    waiting_bytes: int
    lag_seconds: float
    dropped: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    capped: dict[str, int] = field(default_factory=dict)


def status(platform: Platform, *, now: datetime | None = None) -> list[Status]:
    """Return what became of what came, source by source."""
    now = now or datetime.now(UTC)
    c = SPOOL.c
    queue = select(c.source, func.sum(c.events), func.sum(c.size), func.min(c.received_at)).group_by(c.source)
    waiting = {source: rest for source, *rest in platform.door.lookup(queue)}
    counts: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for source, what, reason, number in platform.door.lookup(select(COUNT)):
        counts[source][what][reason] = number
    return [_of(each, counts[each.source], waiting.get(each.source), now) for each in list_sources(platform)]


def _of(source: Source, counts: dict[str, dict[str, int]], waiting: list[object] | None, now: datetime) -> Status:
    events, size, oldest = waiting or (0, 0, None)
    lag = (now - datetime.fromisoformat(str(oldest))).total_seconds() if oldest else 0.0
    plain = {what: counts.get(what, {}).get("", 0) for what in (RECEIVED, FOLDED, DUPLICATE)}
    return Status(
        source.name, source.revoked_at is not None, plain[RECEIVED], plain[FOLDED], plain[DUPLICATE],
        int(str(events)), int(str(size)), round(max(0.0, lag), 3),
        dict(sorted(counts.get(DROPPED, {}).items())), dict(sorted(counts.get(QUARANTINED, {}).items())),
        dict(sorted(counts.get(CAPPED, {}).items())),
    )  # fmt: skip
