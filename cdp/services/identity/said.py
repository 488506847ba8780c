"""What each source of events said of a customer, and which of it counts: provenance, value by value.

A value counts if it is the latest, by the time of its event; between equal times the greater source and message id
decide, so that any order of the same events ends in the same row. What was in a field before any source spoke, or was
put there by somebody else since, counts as said by nobody (`""`) at the time at which it was found.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, delete, select

from cdp.store.bulk import insert_rows
from cdp.store.given import Given
from cdp.store.people import SAID
from cdp.terms import Value
from cdp.vault.seal import Sealer

NOBODY: Final = ""

Spoken = tuple[str, str, Value]
"""When, in which message, what."""

Said = dict[str, dict[str, Spoken]]
"""By source, by field."""

_SEALER: Final = Sealer(SAID.name, "values")
_FORMAT: Final = 1


def latest(said: Said, field: str) -> tuple[str, str, str, Value] | None:
    """Return time, source, message and value of what counts for a field."""
    found = [(*spoken[:1], source, *spoken[1:]) for source, fields in said.items() if (spoken := fields.get(field))]
    return max(found, key=lambda each: each[:3], default=None)


def hear(said: Said, source: str, field: str, spoken: Spoken) -> bool:
    """Take in what a source says of a field; return whether it is news."""
    known = said.setdefault(source, {}).get(field)
    if known is not None and known[:2] >= spoken[:2]:
        return False
    said[source][field] = spoken
    return True


def ground(said: Said, values: Mapping[str, Value], fields: Iterable[str], *, at: str) -> None:
    """Write down what stands in fields and was said by no source, before a source is heard.

    The first time it counts as older than anything that a source says; if it was changed since, as said now.
    """
    for field in fields:
        counting = latest(said, field)
        current = values.get(field)
        if counting is None:
            if current is not None:
                hear(said, NOBODY, field, ("", "", current))
        elif counting[3] != current:
            said.setdefault(NOBODY, {})[field] = (at, "", current)


def unite(first: Said, second: Said) -> Said:
    """Return what both together say; it does not matter which is which, but where nobody said it: there the first."""
    both = {source: dict(fields) for source, fields in first.items()}
    for source, fields in second.items():
        for field, spoken in fields.items():
            hear(both, source, field, spoken)
    return both


def read_said(conn: Connection, keys: Mapping[str, bytes]) -> dict[str, Said]:
    """Return what was said of each of these customers."""
    found: dict[str, Said] = {each: {} for each in keys}
    if keys:
        given = Given(conn.dialect.name, 1)
        wanted = select(SAID).where(given.holds(SAID.c.customer_id))
        for row in conn.execute(wanted, given.texts(keys)):
            opened = _SEALER.unseal(keys[row.customer_id], _place(row.customer_id, row.source), bytes(row.sealed))
            found[row.customer_id][row.source] = {name: _spoken(each) for name, each in opened.items()}
    return found


def write_said(conn: Connection, keys: Mapping[str, bytes], said: Mapping[str, Said]) -> None:
    """Write what is said of these customers, instead of what was there."""
    forget_said(conn, said)
    spoken = [
        (customer, source, fields) for customer, each in said.items() for source, fields in each.items() if fields
    ]
    rows = [(customer, _place(customer, source), _plain(fields)) for customer, source, fields in spoken]
    blobs = _SEALER.seal_rows(keys, rows, schema=_FORMAT)
    sealed = [(customer, source, blob) for (customer, source, _), blob in zip(spoken, blobs, strict=True)]
    insert_rows(conn, SAID, sorted(sealed))


def forget_said(conn: Connection, customer_ids: Collection[str]) -> None:
    """Delete what is said of these customers."""
    if customer_ids:
        given = Given(conn.dialect.name, 1)
        mine = delete(SAID).where(given.holds(SAID.c.customer_id))
        conn.execute(mine, given.texts(customer_ids))


def as_value(said: Said) -> dict[str, Value]:
    """Return it as JSON has it, for sealing."""
    return {source: _plain(fields) for source, fields in said.items()}


def of_value(value: Value) -> Said:
    """Return what `as_value` made a value of."""
    if not isinstance(value, dict):
        return {}
    return {
        source: {name: _spoken(each) for name, each in fields.items()}
        for source, fields in value.items()
        if isinstance(fields, dict)
    }


def _plain(fields: Mapping[str, Spoken]) -> dict[str, Value]:
    return {name: list(spoken) for name, spoken in fields.items()}


def _spoken(value: Value) -> Spoken:
    at, message, said = value if isinstance(value, list) else ("", "", None)
    return str(at), str(message), said


def _place(customer_id: str, source: str) -> str:
    return f"{customer_id}/{source}"
