"""The log, counted: how many entries, reads and rows, by whom, of what.

An entry holds no value and names no customer, so neither does what is counted here. A read of many chunks has many
entries; it is one read. Whole pieces of the log were counted when they were taken in (`audit.indexing`); that this is
what the entries say is a step of `cdp log verify`.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from audit.indexing import tallies
from audit.pieces import Tally


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


Acts = dict[Act, Tally]


def read_acts(conn: Connection, counts: Callable[[str], bool] = lambda _hour: True) -> Acts:
    """Count the entries that the log still has, of those hours that count."""
    found: Acts = defaultdict(Tally)
    for line, tally in tallies(conn.execute):
        if not counts(line.hour):
            continue
        found[Act(line.hour[:7], *line[1:])].add(tally)
    return found


def together(acts: Acts, key: Callable[[Act], tuple[str, ...] | None]) -> dict[tuple[str, ...], Tally]:
    """Return the tallies by a key, sorted; what has none is left out."""
    found = defaultdict[tuple[str, ...], Tally](Tally)
    for act, tally in acts.items():
        named = key(act)
        if named is not None:
            found[named].add(tally)
    return dict(sorted(found.items()))
