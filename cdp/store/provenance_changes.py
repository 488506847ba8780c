"""Changing what sets of provenance allow: a few statements on small tables, however many rows have the sets.

What a set of several parts allows follows from its parts, in the same transaction: a part is locked first, so that no
set can be made of it meanwhile (`cdp.store.provenance.combine`).
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select, update

from cdp.store.origins import PROVENANCE, PROVENANCE_PART, PROVENANCE_USE, PURPOSE, RECIPIENT, WITHDRAWN
from cdp.store.provenance import Use, common, uses_of

_P, _PART, _USE = PROVENANCE.c, PROVENANCE_PART.c, PROVENANCE_USE.c


def lock_sets(conn: Connection, sets: Collection[int]) -> None:
    """Have nobody else change these, nor make a set of them, until the transaction ends."""
    wanted = select(_P.provenance).where(_P.provenance.in_(sorted(sets))).order_by(_P.provenance)
    conn.execute(wanted.with_for_update()).all()


def withdraw(conn: Connection, sets: Collection[int], purposes: Collection[str]) -> None:
    """Have declared sets, and all that they are parts of, serve these purposes no more: one statement does it."""
    mine = select(_PART.provenance).where(_PART.part.in_(sorted(sets)))
    gone = (_USE.kind == PURPOSE, _USE.name.in_(sorted(purposes)))
    conn.execute(delete(PROVENANCE_USE).where(_USE.provenance.in_(mine), *gone))
    _forget(conn, sets, purposes)
    _add(conn, dict.fromkeys(sets, frozenset((WITHDRAWN, name) for name in purposes)))


def allow(conn: Connection, sets: Collection[int], purposes: Collection[str]) -> None:
    """Have declared sets serve these purposes besides; what they are parts of serves what all its parts do."""
    have = uses_of(conn, sets)
    _forget(conn, sets, purposes)
    _add(conn, {number: frozenset((PURPOSE, name) for name in purposes) - have[number] for number in sets})
    settle(conn, sets)


def disclose_to(conn: Connection, sets: Collection[int], recipients: Collection[str]) -> None:
    """Have rows of declared sets go to these recipients alone."""
    conn.execute(delete(PROVENANCE_USE).where(_USE.kind == RECIPIENT, _USE.provenance.in_(sorted(sets))))
    _add(conn, dict.fromkeys(sets, frozenset((RECIPIENT, name) for name in recipients)))
    settle(conn, sets)


def settle(conn: Connection, sets: Collection[int]) -> None:
    """Have all that these declared sets are parts of allow what every part allows, and nothing else."""
    parts: dict[int, set[int]] = {}
    whole = select(_PART.provenance).where(_PART.part.in_(sorted(sets)), _PART.part != _PART.provenance)
    for number, part in conn.execute(select(_PART.provenance, _PART.part).where(_PART.provenance.in_(whole))):
        parts.setdefault(number, set()).add(part)
    if not parts:
        return
    uses = uses_of(conn, {*parts, *(part for each in parts.values() for part in each)})
    wanted = {number: common(uses[part] for part in each) for number, each in parts.items()}
    for number, right in sorted(wanted.items()):
        for kind, name in sorted(uses[number] - right):
            conn.execute(delete(PROVENANCE_USE).where(_USE.provenance == number, _USE.kind == kind, _USE.name == name))
    _add(conn, {number: right - uses[number] for number, right in wanted.items()})


def say_changed(conn: Connection, sets: Collection[int], *, at: str, retention: str | None = None) -> None:
    """Say of declared sets, and of all that they are parts of, that they were changed, and for how long they keep."""
    mine = select(_PART.provenance).where(_PART.part.in_(sorted(sets)))
    conn.execute(update(PROVENANCE).where(_P.provenance.in_(mine)).values(changed_at=at))
    if retention is not None:
        conn.execute(update(PROVENANCE).where(_P.provenance.in_(sorted(sets))).values(retention=retention))


def _forget(conn: Connection, sets: Collection[int], purposes: Collection[str]) -> None:
    """Forget that these were withdrawn."""
    mine = (_USE.kind == WITHDRAWN, _USE.name.in_(sorted(purposes)), _USE.provenance.in_(sorted(sets)))
    conn.execute(delete(PROVENANCE_USE).where(*mine))


def _add(conn: Connection, uses: dict[int, frozenset[Use]]) -> None:
    rows = [
        {"kind": kind, "name": name, "provenance": number}
        for number, more in sorted(uses.items())
        for kind, name in sorted(more)
    ]
    if rows:
        conn.execute(insert(PROVENANCE_USE), rows)
