"""Sets of provenance: found by what was declared, made when they are new, and combined where a row has several.

INVARIANT: a set of several parts allows what every one of its parts allows, and nothing else; whoever changes a part
changes all sets that it is a part of in the same transaction (`cdp.store.provenance_changes`).
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from cdp.errors import Unavailable
from cdp.store.origins import ANYBODY, PROVENANCE, PROVENANCE_PART, PROVENANCE_USE, PURPOSE, RECIPIENT, WITHDRAWN

_ATTEMPTS: Final = 20
_P, _PART, _USE = PROVENANCE.c, PROVENANCE_PART.c, PROVENANCE_USE.c

Use = tuple[str, str]
"""A kind, `purpose` or `recipient`, and a name."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row comes from: its set, and when it was collected, in seconds since 1970; None where nobody knows."""

    provenance: int
    collected: int | None


UNSAID: Final = Origin(0, None)
"""The origin of a row that nobody has given one. INVARIANT: no set has the number 0 but that of a store that was there
before provenance was kept, so in any other store such a row is in no view but those of a legal obligation."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a source declares of what it collects. None of it is about a person.

    Attributes:
        source: from where: an import, a source of events, an app.
        purposes: for what the rows may be used; for nothing else.
        statement: which version of what people were told.
        legal_basis: on what ground it was collected; empty where nobody said.
        retention: for how long from when it was collected, `P2Y`; empty for no limit of its own.
        recipients: to whom it may be disclosed; None where nobody said.
    """

    source: str
    purposes: frozenset[str]
    statement: str = ""
    legal_basis: str = ""
    retention: str = ""
    recipients: frozenset[str] | None = field(default=None)

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, in hex."""
        recipients = None if self.recipients is None else sorted(self.recipients)
        said = [self.source, sorted(self.purposes), self.statement, self.legal_basis, self.retention, recipients]
        return hashlib.sha256(orjson.dumps(said)).hexdigest()

    @property
    def uses(self) -> frozenset[Use]:
        """What it allows."""
        recipients = {ANYBODY} if self.recipients is None else self.recipients
        return frozenset({*((PURPOSE, name) for name in self.purposes), *((RECIPIENT, name) for name in recipients)})


def seconds(at: str) -> int:
    """Return a time as rows keep it."""
    return int(datetime.fromisoformat(at).timestamp())


def find_set(conn: Connection, digest: str) -> int | None:
    """Return the set of a digest, if there is one."""
    return conn.execute(select(_P.provenance).where(_P.digest == digest)).scalar_one_or_none()


def intern(conn: Connection, declared: Declared, *, at: str) -> int:
    """Return the set of what is declared, made if nobody has declared it before.

    INVARIANT: what was withdrawn from a set stays withdrawn from all that the source declares later under the same
    version of its statement, until somebody allows it again.
    """
    row = {
        "digest": declared.digest, "source": declared.source, "statement": declared.statement,
        "legal_basis": declared.legal_basis, "retention": declared.retention, "created_at": at,
    }  # fmt: skip
    found = find_set(conn, declared.digest)
    if found is not None:
        return found
    withdrawn = select(_USE.name).join(PROVENANCE, _P.provenance == _USE.provenance)
    withdrawn = withdrawn.where(_USE.kind == WITHDRAWN, _P.source == declared.source)
    gone = conn.execute(withdrawn.where(_P.statement == declared.statement)).scalars()
    return _make(conn, row, None, declared.uses - {(PURPOSE, name) for name in gone})


def combine(conn: Connection, sets: Collection[int], *, at: str) -> int:
    """Return the set of rows that come from all of these: it allows what each of them allows.

    The parts are locked, so that nobody changes one before this set is there to be changed with it.
    """
    parts = sorted(frozenset[int]().union(*parts_of(conn, sets).values()))
    if len(parts) == 1:
        return parts[0]
    digest = hashlib.sha256(orjson.dumps(["parts", parts])).hexdigest()
    found = find_set(conn, digest)
    if found is not None:
        return found
    conn.execute(select(_P.provenance).where(_P.provenance.in_(parts)).with_for_update(read=True)).all()
    row = {"digest": digest, "source": "", "statement": "", "legal_basis": "", "retention": "", "created_at": at}
    return _make(conn, row, parts, common(uses_of(conn, parts).values()))


def without(conn: Connection, provenance: int, gone: Collection[int], *, at: str) -> int:
    """Return the set of the parts of a set that are not gone; the set itself when none would be left."""
    kept = parts_of(conn, [provenance])[provenance] - frozenset(gone)
    return combine(conn, kept, at=at) if kept else provenance


def parts_of(conn: Connection, sets: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the parts of each of these sets; one that is not there is its own only part, and allows nothing."""
    found: dict[int, set[int]] = {}
    query = select(_PART.provenance, _PART.part).where(_PART.provenance.in_(sorted(sets)))
    for number, part in conn.execute(query):
        found.setdefault(number, set()).add(part)
    return {each: frozenset(found.get(each, {each})) for each in sets}


def uses_of(conn: Connection, sets: Collection[int]) -> dict[int, frozenset[Use]]:
    """Return what each of these sets allows."""
    found: dict[int, set[Use]] = {each: set() for each in sets}
    query = select(_USE.provenance, _USE.kind, _USE.name).where(_USE.provenance.in_(sorted(sets)))
    query = query.where(_USE.kind.in_((PURPOSE, RECIPIENT)))
    for number, kind, name in conn.execute(query):
        found[number].add((kind, name))
    return {number: frozenset(uses) for number, uses in found.items()}


def common(parts: Iterable[frozenset[Use]]) -> frozenset[Use]:
    """Return what all of these allow; a part that rules no recipient out rules none out here."""
    every = list(parts)
    named = frozenset[Use]().union(*every)
    return frozenset(
        (kind, name)
        for kind, name in named
        if all((kind, name) in each or (kind == RECIPIENT and (RECIPIENT, ANYBODY) in each) for each in every)
    )


def _make(conn: Connection, row: Mapping[str, Any], parts: Collection[int] | None, uses: Collection[Use]) -> int:
    """Write a set under the next number; another process may be about to write the same, or another, under it."""
    for _ in range(_ATTEMPTS):
        number = int(conn.execute(select(func.coalesce(func.max(_P.provenance), 0))).scalar_one()) + 1
        if _insert_if_new(conn, {**row, "provenance": number}):
            conn.execute(insert(PROVENANCE_PART), [{"part": each, "provenance": number} for each in parts or [number]])
            if uses:
                rows = [{"kind": kind, "name": name, "provenance": number} for kind, name in sorted(uses)]
                conn.execute(insert(PROVENANCE_USE), rows)
            return number
        found = find_set(conn, row["digest"])
        if found is not None:
            return found
    raise Unavailable("store_conflict", "another change of the database came first", hint="try again")


def _insert_if_new(conn: Connection, row: Mapping[str, Any]) -> bool:
    made = postgresql.insert(PROVENANCE) if conn.dialect.name == "postgresql" else sqlite.insert(PROVENANCE)
    written = made.values(row).on_conflict_do_nothing().returning(_P.provenance)
    return conn.execute(written).first() is not None
