"""One reading on its way through the door: what a reading is, how far it has come, and what its next entry says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Connection

from audit.entries import Entry, Principal

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """At most 5,000 rows, the ordinals of the customers they are about, and where the next chunk begins.

    `next` None means that this is the last chunk.
    """

    rows: Sequence[Row]
    subjects: Sequence[int]
    next: object | None


class Reading(Protocol):
    """What can be disclosed: it names itself for the log, and reads one chunk after the other."""

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of this reading, before rows and customers are known."""

    def read(self, conn: Connection, position: object | None) -> Chunk:
        """Read the chunk at a position, None for the first, in one transaction."""


class Askable(Reading, Protocol):
    """A reading that can ask before it reads, so that the questions of several are under way at once."""

    def ask(self, conn: Connection) -> None:
        """Send what asks for the first chunk, if that is known; `read` then takes the answer."""


class Passage:
    """One reading on its way through the door: its last chunk, and what the next entry says."""

    def __init__(self, reading: Reading, principal: Principal) -> None:
        self._reading = reading
        self.entry = reading.entry(principal)
        self.chunk = Chunk((), (), None)
        self._number = 0
        self._first: dict[str, int] = {}

    @property
    def more(self) -> bool:
        """Whether there may be another chunk."""
        return self.chunk.next is not None

    def read(self, conn: Connection) -> None:
        """Read the next chunk."""
        self.chunk = self._reading.read(conn, self.chunk.next)

    def due(self) -> Entry | None:
        """Return the entry without which the chunk may not leave.

        A chunk that matched nothing has none, but a whole read never is without one.
        """
        rows = self.chunk.rows
        if not rows and (self.more or self._number):
            return None
        facts = {**self.entry.facts, **self._first, "chunk": self._number, "rows": len(rows)}
        return replace(self.entry, facts=facts, subjects=self.chunk.subjects)

    def logged(self, number: int) -> None:
        """Count the chunk as logged; the entries of further ones say whose they are."""
        self._first = self._first or {"first": number}
        self._number += 1
