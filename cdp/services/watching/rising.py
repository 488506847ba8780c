"""Refusals that rose: the last days against as many before, by what was refused and why."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from audit.indexing import tallies
from cdp.bootstrap import Platform

DAYS: Final = 7
LEAST: Final = 5
"""So many more have to be refused before it is said that they rose, and half as many again."""


@dataclass(frozen=True, order=True, slots=True)
class Rise:
    """What was refused, why, and how often: now, and in as long a time before."""

    act: str
    code: str
    view: str
    now: int
    before: int

    @property
    def rose(self) -> bool:
        """Whether that is more than before, and not by a few."""
        return self.now - self.before >= LEAST and 2 * self.now >= 3 * self.before


def refusals(platform: Platform, *, now: datetime, days: int = DAYS) -> list[Rise]:
    """Return what was refused in the last days, those first that rose the most. It is about nobody."""
    middle = f"{now - timedelta(days=days):%Y-%m-%dT%H}"
    since = f"{now - timedelta(days=2 * days):%Y-%m-%dT%H}"
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for line, tally in tallies(platform.door.lookup, since=since, what="refusal", known=platform.door.newest.known):
        found[line.act, line.code, line.view][line.hour < middle] += tally.acts
    told = [Rise(*key, *counts) for key, counts in found.items() if counts[0]]
    return sorted(told, key=lambda each: (each.before - each.now, each))
