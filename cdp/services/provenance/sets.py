"""The sets of provenance there are: what each was declared as, what it allows now, and how many rows have it.

Sets are about nobody; how many rows have one is counted with an entry.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from audit.door import Door
from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.store.origins import (
    ANYBODY,
    PROVENANCE,
    PROVENANCE_PART,
    PROVENANCE_USE,
    PURPOSE,
    RECIPIENT,
    SET_COLUMN,
    WITHDRAWN,
)
from cdp.store.tables import build_schema


@dataclass(frozen=True)
class Part:
    """One declaration: what a source told people, and on what ground it collected."""

    provenance: int
    source: str
    statement: str
    legal_basis: str
    retention: str


@dataclass(frozen=True)
class ProvenanceSet:
    """A set, as it counts now.

    Attributes:
        parts: the declarations that its rows come from; a declared set is its own only part.
        purposes: for what its rows may be read, besides what the law demands.
        recipients: to whom they may be disclosed; None where no declaration rules anybody out.
        changed_at: when somebody last changed what it allows.
        withdrawn: the purposes that somebody has withdrawn.
    """

    provenance: int
    parts: Sequence[Part]
    purposes: Sequence[str]
    recipients: Sequence[str] | None
    created_at: str
    changed_at: str | None = None
    withdrawn: Sequence[str] = ()


def read_sets(door: Door) -> dict[int, ProvenanceSet]:
    """Return all sets by number."""
    rows = {row[0]: row for row in door.lookup(select(*PROVENANCE.c).order_by(PROVENANCE.c.provenance))}
    parts, uses = defaultdict[int, list[int]](list), defaultdict[tuple[int, str], list[str]](list)
    p, u = PROVENANCE_PART.c, PROVENANCE_USE.c
    for number, part in door.lookup(select(p.provenance, p.part).order_by(p.part)):
        parts[number].append(part)
    for number, kind, name in door.lookup(select(u.provenance, u.kind, u.name).order_by(u.name)):
        uses[number, kind].append(name)
    found = {}
    for number, (_, _, _, _, _, _, created_at, changed_at) in rows.items():
        recipients = uses[number, RECIPIENT]
        found[number] = ProvenanceSet(
            number, [Part(each, *rows[each][2:6]) for each in parts[number] if each in rows], uses[number, PURPOSE],
            None if ANYBODY in recipients else recipients, created_at, changed_at,
            uses[number, WITHDRAWN],
        )  # fmt: skip
    return found


def list_sets(platform: Platform) -> list[ProvenanceSet]:
    """Return all sets in the order of their numbers."""
    return list(read_sets(platform.door).values())


def show_set(platform: Platform, number: int, *, principal: Principal) -> tuple[ProvenanceSet, dict[str, int]]:
    """Return one set, and how many rows of each entity have it.

    Raises:
        NotFound: `unknown_provenance`.
        Unavailable: the database or the log cannot serve.
    """
    found = read_sets(platform.door).get(number)
    if found is None:
        raise unknown_set()
    in_force = platform.in_force(fresh=True)
    entry = Entry("disclosure", "count_provenance", principal, in_force.versions, {"provenance": number})
    rows = {}
    with platform.door.record(entry) as change:
        for name, table in build_schema(in_force.catalogue, change.conn.dialect.name).rows.items():
            mine = select(func.count()).where(table.c[SET_COLUMN] == number)
            rows[name] = int(change.conn.execute(mine).scalar_one())
    return found, rows


def unknown_set() -> NotFound:
    """Return what somebody is told who names a set that is not there."""
    hint = "`cdp provenance list` shows them"
    return NotFound("unknown_provenance", "there is no such set of provenance", path="provenance", hint=hint)
