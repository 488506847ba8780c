"""Going through the entries of a log in order: what makes each of them valid, and the tree that grows over them.

RFC 9162 section 2.1. The one judge of entries: `audit.verify_log` walks the stored log, `audit.verify` a bundle. Needs
nothing but the standard library, and no more memory than a batch takes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from audit.entry_format import EntryError, parse_body
from audit.merkle import Frontier, Growth, leaf_hash

TOLERANCE: Final = timedelta(minutes=1)
"""By how much the clocks of machines that write one log may differ before it is said."""

_SAID: Final = 5


class Clock:
    """Whether the times of entries go forward, as those of an honest clock do."""

    def __init__(self, tolerance: timedelta = TOLERANCE) -> None:
        self.latest = ""
        """The latest time that any entry says."""
        self._tolerance = tolerance
        self._now = ""
        self._findings: list[str] = []
        self._count = 0

    def tick(self, number: int, at: str) -> None:
        """Take the time of the next entry. All are of one form, so that comparing the texts compares the times."""
        self.latest = max(self.latest, at)
        if at >= self._now:
            self._now = at
            return
        back = datetime.fromisoformat(self._now) - datetime.fromisoformat(at)
        if back <= self._tolerance:
            return
        self._count += 1
        if self._count <= _SAID:
            self._findings.append(
                f"the clock went back: entry {number} says {at}, {back} before an earlier entry ({self._now})"
            )
        self._now = at  # one finding for each time that it was put back, not for each entry that follows

    @property
    def findings(self) -> tuple[str, ...]:
        """What was found, in words."""
        more = self._count - len(self._findings)
        return (*self._findings, *([f"and {more:,} more times like this"] if more else []))


class Walk:
    """Entries one batch after the other, from any size of the tree on.

    Args:
        edge: the right edge of the tree before the first of them.
    """

    def __init__(self, edge: Frontier | None = None) -> None:
        self.edge = edge or Frontier()
        self.clock = Clock()

    def step(self, entries: Sequence[bytes]) -> tuple[list[dict[str, Any]], Growth]:
        """Take the next entries; return what they say, and how the tree grew.

        Raises:
            WrongEntry: one is not in its format.
        """
        bodies = []
        for number, data in enumerate(entries, self.edge.size):
            try:
                body = parse_body(data)
            except EntryError as error:
                raise WrongEntry(number, str(error)) from None
            try:
                self.clock.tick(number, body["at"])
            except ValueError:
                raise WrongEntry(number, "its time is on no calendar") from None
            bodies.append(body)
        growth = self.edge.grow(map(leaf_hash, entries))
        self.edge = growth.frontier
        return bodies, growth


class WrongEntry(Exception):
    """An entry is not in its format.

    Args:
        number: which.
        message: why, one sentence in lower case.
    """

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
