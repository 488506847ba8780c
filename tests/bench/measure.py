"""Interleaved pairs and their medians.

What is measured and what it is held against take turns, ours, peer, ours, peer, …, so that a machine that grows slower
or faster meanwhile does so for both.
"""

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

PAIRS = max(5, int(os.environ.get("PAIRS", "5")))


@dataclass(frozen=True, slots=True)
class Times:
    """The seconds that one thing took, once per pair."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.seconds)


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table before it is measured.

    `amount` is how many rows, or reads, one run is; `ours` and `peer` run once per pair and once before, to warm up.
    `goal` is the most that our time may be, in times of the peer's; None where only the figure itself is wanted.
    """

    key: str
    what: str
    against: str
    unit: str
    amount: int
    ours: Callable[[], object]
    peer: Callable[[], object]
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table."""

    case: Case
    ours: Times
    peer: Times

    @property
    def times_peer(self) -> float:
        """Our time in times of the peer's: 1 is as fast, less is faster, more is slower."""
        return self.ours.median / self.peer.median


def measure(case: Case, pairs: int = PAIRS) -> Measured:
    """Warm both up, then run them in turns."""
    case.ours()
    case.peer()
    ours, peer = [], []
    for _ in range(pairs):
        ours.append(_timed(case.ours))
        peer.append(_timed(case.peer))
    return Measured(case, Times(tuple(ours)), Times(tuple(peer)))


def _timed(run: Callable[[], object]) -> float:
    gc.collect()  # what an earlier run left is not for this one to clear away; within a run, collection is as always
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
