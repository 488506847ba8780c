"""What was found, the newest first, and that somebody has seen to it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.store.watching import CANARY, CANARY_ALARM, CANARY_LOOK

C: Final = CANARY_ALARM.c
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm.

    Attributes:
        entry: the entry of the log in which a canary appears and must not.
        suspects: who had read her address before, the last first.
    """

    entry: int
    kind: str
    by: str
    view: str
    suspects: tuple[str, ...]
    at: str
    found_at: str
    settled_at: str | None
    settled_by: str | None


def raised(platform: Platform, *, before: int | None = None, most: int = MOST) -> list[Raised]:
    """Return alarms, the newest entries first.

    Args:
        before: only those of earlier entries than this.
    """
    wanted = select(CANARY_ALARM).order_by(C.entry.desc()).limit(most)
    rows = platform.door.lookup(wanted if before is None else wanted.where(C.entry < before))
    return [
        Raised(entry, kind, by, view, tuple(filter(None, suspects.split(","))), *times)
        for entry, kind, by, view, suspects, *times in rows
    ]


def count_open(platform: Platform) -> int:
    """Return how many alarms nobody has seen to."""
    return platform.door.count(CANARY_ALARM, C.settled_at.is_(None))


def standing(platform: Platform) -> tuple[int, str | None]:
    """Return how many canaries there are, and when somebody last looked for them."""
    rows = platform.door.lookup(select(CANARY_LOOK.c.looked_at))
    return platform.door.count(CANARY), (str(rows[0][0]) if rows else None)


def settle(platform: Platform, entry: int, *, principal: Principal) -> None:
    """Record that somebody has seen to an alarm.

    Raises:
        NotFound: `unknown_alarm`, also when it was seen to.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("change", "canary_settled", principal, in_force.versions, {"of": entry})) as change:
        mine = update(CANARY_ALARM).where(C.entry == entry, C.settled_at.is_(None))
        if change.conn.execute(mine.values(settled_at=timestamp(), settled_by=principal.name)).rowcount != 1:
            hint = "`cdp canary alarms` lists them"
            raise NotFound("unknown_alarm", "there is no such alarm that is open", path="entry", hint=hint)
