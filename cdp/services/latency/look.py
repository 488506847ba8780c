"""One bulk read after another, each with the times between which it read and whom it found.

Run as `python -m cdp.services.latency.look`, it reads in a process of its own until its standard input ends, and then
prints every look on a line.
"""

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import Connection

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import Platform, open_platform
from cdp.config import load_settings
from cdp.services.latency.scratch import ROLE, VIEW
from cdp.services.read import plan_view
from views.request import ViewRequest
from views.run import ViewReading


@dataclass(frozen=True, slots=True)
class Look:
    """One chunk: when its read began and ended, by the clock that all processes share; and whom it was about."""

    began: float
    ended: float
    seen: frozenset[int]

    def format(self) -> str:
        """Return the look as one line."""
        return f"{self.began!r} {self.ended!r} {','.join(map(str, sorted(self.seen)))}"

    @classmethod
    def parse(cls, line: str) -> "Look":
        """Return the look that a line tells."""
        began, ended, seen = line.split(" ")
        return cls(float(began), float(ended), frozenset(int(each) for each in seen.strip().split(",") if each))


class _Timed:
    """A reading that notes when each of its chunks was read, inside the transaction that reads it."""

    def __init__(self, reading: ViewReading, looks: list[Look]) -> None:
        self._reading, self._looks = reading, looks

    def entry(self, principal: Principal) -> Entry:
        """As the reading's own."""
        return self._reading.entry(principal)

    def read(self, conn: Connection, position: object | None) -> Chunk:
        """As the reading's own."""
        began = monotonic()
        chunk = self._reading.read(conn, position)
        self._looks.append(Look(began, monotonic(), frozenset(chunk.subjects)))
        return chunk


def looks(platform: Platform, stop: threading.Event, *, principal: Principal) -> Iterator[Look]:
    """Read the whole view again and again, by the services that everybody uses, until told to stop."""
    while not stop.is_set():
        found: list[Look] = []
        plan = plan_view(platform, ViewRequest(VIEW, ROLE), principal=principal)
        reading = ViewReading(plan, vault=platform.vault, dialect=platform.door.dialect)
        for _ in platform.door.disclose(_Timed(reading, found), principal):
            pass
        yield from found


def main() -> None:
    """Read until standard input ends; then say what was seen."""
    stop, found = threading.Event(), list[Look]()

    def wait() -> None:
        sys.stdin.read()
        stop.set()

    with open_platform(load_settings()) as platform:
        threading.Thread(target=wait, daemon=True).start()
        for look in looks(platform, stop, principal=Principal("latency", ROLE)):
            if not found:
                sys.stdout.write("reading\n")
                sys.stdout.flush()
            found.append(look)
    sys.stdout.writelines(f"{look.format()}\n" for look in found)


if __name__ == "__main__":
    main()
