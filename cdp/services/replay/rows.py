"""How many rows of the store, as it is now, would come into a view or go from it: counted, and never read.

What a read found at its time is not kept, and what it would have found besides cannot be; so rows are counted now, for
the view as a whole. In a release nobody has a row, so none is counted there.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from audit.entries import Entry, Principal, Versions
from audit.passage import Chunk
from cdp.catalogue.model import Catalogue
from cdp.services.replay.verdict import Line, Side
from views.policy import Purpose, View
from views.reread import rows_beyond
from views.rows import KEEPS_REFUSED

Pair = tuple[Side | None, Side | None]


class Counting:
    """The numbers, for `audit.door.Door.disclose`: for each pair of sides how many rows come, and how many go."""

    def __init__(self, catalogue: Catalogue, pairs: Sequence[Pair], versions: Versions, facts: dict[str, Any]) -> None:
        self._catalogue, self._pairs, self._versions, self._facts = catalogue, pairs, versions, facts

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the counting."""
        return Entry("disclosure", "replay", principal, self._versions, {**self._facts, "step": "count"})

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Count; it is about nobody in particular."""
        return Chunk([(self._count(conn, *pair), self._count(conn, *pair[::-1])) for pair in self._pairs], (), None)

    def _count(self, conn: Connection, known: Side | None, other: Side | None) -> int:
        if other is None:
            return 0
        (wanted, entity), was = _rule(other), _rule(known) if known else None
        if entity not in self._catalogue.entities:
            return 0
        before = was[0] if was and was[1] == entity else None
        return int(conn.execute(rows_beyond(self._catalogue, entity, before, wanted)).scalar_one())


def differing(lines: Sequence[Line]) -> list[Pair]:
    """Return the pairs whose rows are not the same by their rules alone."""
    found = {pair for line in lines for pair in line.pairs if _of_rows(pair[0]) != _of_rows(pair[1])}
    return sorted(found, key=lambda pair: [(each.view, each.policy) if each else ("", "") for each in pair])


def _rule(side: Side) -> tuple[tuple[View, Purpose], str]:
    view = side.decided_by.views[side.view]
    return (view, side.decided_by.purposes[view.purpose]), view.entity


def _of_rows(side: Side | None) -> object:
    """Return all that rows depend on."""
    if side is None:
        return None
    (view, purpose), entity = _rule(side)
    gates = () if view.kind in KEEPS_REFUSED else tuple(sorted(purpose.subject_to))
    return entity, gates, purpose.is_owed or (purpose.name, view.recipient)
