"""The log of the last days, from its end back, folded into kinds of reads: who, which view, which columns.

By keyset, a batch at a time; what is kept is bounded by how many kinds of reads there are, not by how many reads.
Where it had to stop before the first day, it says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, Final

import orjson
from sqlalchemy import select

from cdp.bootstrap import Platform
from cdp.store.platform import LOG_ENTRY
from views.reread import Read

BATCH: Final = 1_000
MOST_ENTRIES: Final = 1_000_000
MOST_KINDS: Final = 5_000
NUMBERS: Final = 5
"""So many entries are named of each kind: the newest."""

REFUSED: Final = ("unknown_view", "not_permitted", "other_purpose", "reason_needed")
"""Why a policy refuses a whole read; other refusals are about what was asked for, which is not on the log."""

_ACTS: Final = (b'"act":"read"', b'"act":"count"')


@dataclass(frozen=True, slots=True)
class Logged:
    """A kind of read: who read what, by which versions; of `read`, the columns are all of the answer's."""

    principal: str
    read: Read
    catalogue: str
    policy: str


@dataclass(slots=True)
class Tally:
    """How often, and by which entries, the newest first."""

    reads: int = 0
    numbers: list[int] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take others in."""
        self.reads += other.reads
        self.numbers = sorted({*self.numbers, *other.numbers}, reverse=True)[:NUMBERS]


@dataclass(frozen=True, slots=True)
class Walked:
    """What was found.

    Attributes:
        looked: how many entries were looked at.
        reached: the time of the oldest of them.
        cut: whether there was more than is looked at: what is older, or rarer, is not in it.
    """

    kinds: Mapping[Logged, Tally]
    looked: int
    reached: str
    cut: bool


def walk(
    platform: Platform, *, since: str, end: int, purposes: Mapping[str, str], seconds: float = inf
) -> Walked:  # fmt: skip
    """Fold the entries before a number, back to a time.

    Args:
        since: the time, as entries write it.
        purposes: what the credential of a principal is bound to.
        seconds: how long it may take; then it is cut off where it is.
    """
    kinds: dict[Logged, Tally] = {}
    looked, reached, begun = 0, "", monotonic()
    for number, data in _entries(platform, end):
        if looked == MOST_ENTRIES or len(kinds) == MOST_KINDS:
            return Walked(kinds, looked, reached, cut=True)
        looked += 1
        # Each entry says its time in one form; where clocks differ by moments, a few more or less are looked at.
        entry = orjson.loads(data) if looked % BATCH == 0 or any(act in data for act in _ACTS) else None
        if entry is None:
            continue
        if entry["at"] < since:
            break
        reached = entry["at"]
        if looked % BATCH == 0 and monotonic() - begun > seconds:
            return Walked(kinds, looked, reached, cut=True)
        kind = _kind(entry, purposes) if entry["act"] in ("read", "count") else None
        if kind is not None:
            kinds.setdefault(kind, Tally()).add(Tally(1, [number]))
    return Walked(kinds, looked, reached, cut=False)


def _entries(platform: Platform, end: int) -> Iterator[tuple[int, bytes]]:
    c = LOG_ENTRY.c
    while True:
        rows = platform.door.lookup(
            select(c.number, c.entry).where(c.number < end).order_by(c.number.desc()).limit(BATCH)
        )
        if not rows:
            return
        for number, data in rows:
            yield number, bytes(data)
        end = rows[-1][0]


def _kind(entry: Mapping[str, Any], purposes: Mapping[str, str]) -> Logged | None:
    """Return the kind of a read; None for what is not the beginning of one, or names no view."""
    view, principal = entry.get("view"), entry["principal"]
    if not view or entry.get("chunk") or "policy" not in entry:
        return None
    if entry["what"] == "refusal":
        if entry["code"] not in REFUSED:
            return None
        # What was asked for is not on the log: it is taken for the whole view, with a reason unless that was missing.
        read = Read(view, entry["role"], purposes.get(principal, ""), reasoned=entry["code"] != "reason_needed")
    elif entry["what"] == "disclosure" and "fields" in entry:
        fields = tuple(each[0] for each in entry["fields"])
        read = Read(
            view, entry["role"], purposes.get(principal, ""), fields, tuple(entry["where"]),
            reasoned="reason" in entry, granted="break_glass" in entry,
        )  # fmt: skip
    else:
        return None
    return Logged(principal, read, entry["catalogue"], entry["policy"])
