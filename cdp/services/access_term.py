"""For how long it counts that somebody said that an access is needed: until `CDP_ACCESS_DAYS` are over."""

from datetime import UTC, datetime, timedelta

from audit.entries import timestamp
from cdp.config import Settings


def due_at(settings: Settings, settled_at: str) -> str:
    """Return when an access that was given or confirmed then has to be confirmed next."""
    return timestamp(datetime.fromisoformat(settled_at) + timedelta(days=settings.access_days))


def term_begins(settings: Settings, now: datetime) -> datetime:
    """Return since when an access has to be settled to count now."""
    return now - timedelta(days=settings.access_days)


def is_held_back(settings: Settings, settled_at: str) -> bool:
    """Return whether an access that was last settled then is refused now."""
    return settings.access_enforced and settled_at <= timestamp(term_begins(settings, datetime.now(UTC)))
