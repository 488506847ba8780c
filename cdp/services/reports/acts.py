"""The log, gone through once: how many entries, reads and rows, by whom, of what.

An entry holds no value and names no customer, so neither does what is counted here. A read of many chunks has many
entries; it is one read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from audit.entries import parse_entry
from cdp.store.platform import LOG_ENTRY

BATCH: Final = 5_000


class Act(NamedTuple):
    """What entries have in common that are counted together; empty where they do not say."""

    month: str
    what: str
    act: str
    principal: str
    role: str
    view: str
    purpose: str
    recipient: str
    code: str


@dataclass
class Tally:
    """How many entries, how many acts they are, how many rows left, and when the last was."""

    entries: int = 0
    acts: int = 0
    rows: int = 0
    last: str = ""

    def add(self, other: "Tally") -> None:
        """Count another one in."""
        self.entries += other.entries
        self.acts += other.acts
        self.rows += other.rows
        self.last = max(self.last, other.last)


Acts = dict[Act, Tally]


def read_acts(conn: Connection) -> Acts:
    """Count the entries that the log still has."""
    found: Acts = defaultdict(Tally)
    for data in _entries(conn):
        body = parse_entry(data)
        said = [str(body.get(name) or "") for name in Act._fields[1:]]
        begins = not body.get("chunk")
        found[Act(body["at"][:7], *said)].add(Tally(1, int(begins), _rows(body.get("rows")), body["at"]))
    return found


def together(acts: Acts, key: Callable[[Act], tuple[str, ...] | None]) -> dict[tuple[str, ...], Tally]:
    """Return the tallies by a key, sorted; what has none is left out."""
    found = defaultdict[tuple[str, ...], Tally](Tally)
    for act, tally in acts.items():
        named = key(act)
        if named is not None:
            found[named].add(tally)
    return dict(sorted(found.items()))


def _entries(conn: Connection) -> Iterator[bytes]:
    number, c = -1, LOG_ENTRY.c
    while rows := conn.execute(
        select(c.number, c.entry).where(c.number > number).order_by(c.number).limit(BATCH)
    ).all():
        yield from (bytes(row.entry) for row in rows)
        number = rows[-1].number


def _rows(said: object) -> int:
    return said if isinstance(said, int) else 0
