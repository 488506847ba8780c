"""What a source may still make today, by its caps (`cdp.ingest.caps`), and what it has made."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cdp.ingest.arrived import Arrived
from cdp.services.identity.caps import IDENTIFIERS, LINKS, Caps
from cdp.store.arriving import SOURCE, SOURCE_DAY

KEPT: Final = timedelta(days=31)
EVENTS_CAPPED: Final = "events_capped"
_D: Final = SOURCE_DAY.c


def read_caps(conn: Connection, source: int) -> dict[str, int]:
    """Return the caps of a source as they are now."""
    text = conn.execute(select(SOURCE.c.caps).where(SOURCE.c.source == source)).scalar_one_or_none()
    found: dict[str, int] = orjson.loads(text or "{}")
    return found


class Day:
    """What a source may still do, in one transaction."""

    def __init__(self, conn: Connection, source: int) -> None:
        self._conn, self._source = conn, source
        self._caps = read_caps(conn, source)

    def events(self, arrived: Sequence[Arrived]) -> tuple[list[Arrived], int]:
        """Return the events that are within the cap of their days, and how many are not."""
        most = self._caps.get("events")
        if most is None or not arrived:
            return list(arrived), 0
        wanted = Counter(each.received_at[:10] for each in arrived)
        room = {day: self._take("events", day, number, most) for day, number in sorted(wanted.items())}
        kept = []
        for each in arrived:
            if room[each.received_at[:10]] > 0:
                room[each.received_at[:10]] -= 1
                kept.append(each)
        return kept, len(arrived) - len(kept)

    def caps(self, arrived: Sequence[Arrived]) -> Caps:
        """Return what a batch may make of people."""
        most = self._caps.get("profiles")
        room = None if most is None or not arrived else max(0, most - self._used("profiles", _day_of(arrived)))
        return Caps(self._caps.get("identifiers", IDENTIFIERS), self._caps.get("links", LINKS), room)

    def made(self, arrived: Sequence[Arrived], number: int) -> None:
        """Count profiles that were made."""
        if number and "profiles" in self._caps:
            self._add("profiles", _day_of(arrived), number)

    def _take(self, what: str, day: str, wanted: int, most: int) -> int:
        taken = min(wanted, max(0, most - self._used(what, day)))
        self._add(what, day, taken)
        return taken

    def _used(self, what: str, day: str) -> int:
        """Return what is used of a day, and keep others from using more until the transaction ends."""
        insert = postgresql.insert if self._conn.dialect.name == "postgresql" else sqlite.insert
        new = insert(SOURCE_DAY).values(source=self._source, day=day, what=what, number=0).on_conflict_do_nothing()
        if self._conn.execute(new).rowcount:
            old = str(date.fromisoformat(day) - KEPT)
            self._conn.execute(delete(SOURCE_DAY).where(_D.source == self._source, _D.day < old))
        return int(self._conn.execute(select(_D.number).where(*self._mine(what, day)).with_for_update()).scalar_one())

    def _add(self, what: str, day: str, number: int) -> None:
        more = update(SOURCE_DAY).where(*self._mine(what, day)).values(number=_D.number + bindparam("more"))
        self._conn.execute(more, {"more": number})

    def _mine(self, what: str, day: str) -> tuple[Any, ...]:
        return _D.source == self._source, _D.day == day, _D.what == what


def _day_of(arrived: Sequence[Arrived]) -> str:
    return max(each.received_at[:10] for each in arrived)
