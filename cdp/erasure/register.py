"""The register of erasures: one row for each customer who is being erased or was."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Select, insert, select, true, update

from cdp.store.people import ERASURE, MERGE, TOMBSTONE_MARK
from cdp.store.platform import IDENTIFIER
from cdp.terms import CUSTOMER
from cdp.vault.suppression import Identifier

_E: Final = ERASURE.c


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure.

    Attributes:
        ordinal: hers, until it is finished; then nothing leads from the log to her any more.
        tombstone: its number in the key store, once her key is destroyed.
        suppressed: the tokens under which her identifiers are not taken in again.
        counts: how many rows went, by table.
        entry: the number of the log entry that says it is finished.
        held: what a law keeps, by field and without a value; None where nothing has a hold.
    """

    customer_id: str
    erasure_id: str
    ordinal: int | None
    tombstone: int | None
    suppressed: tuple[str, ...]
    counts: dict[str, int]
    actor: str
    begun_at: str
    finished_at: str | None
    entry: int | None
    held: tuple[dict[str, Any], ...] | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing of her is left anywhere."""
        return self.finished_at is not None


def read_erasures(conn: Connection, customer_ids: Sequence[str]) -> list[Erasure]:
    """Return the erasures of these customers, in the order of their ids."""
    return _read(conn, select(ERASURE).where(_E.customer_id.in_(sorted(customer_ids))).order_by(_E.customer_id))


def find_erasure(conn: Connection, erasure_id: str) -> Erasure | None:
    """Return one erasure."""
    return next(iter(_read(conn, select(ERASURE).where(_E.erasure_id == erasure_id))), None)


def unfinished(conn: Connection) -> list[Erasure]:
    """Return the erasures that were cut off, or are under way in another process."""
    return _read(conn, select(ERASURE).where(_E.finished_at.is_(None)).order_by(_E.customer_id))


def buried_after(conn: Connection, number: int) -> list[Erasure]:
    """Return the erasures whose tombstone has a higher number, in its order."""
    return _read(conn, select(ERASURE).where(_E.tombstone > number).order_by(_E.tombstone))


def newest_first(conn: Connection, limit: int) -> list[Erasure]:
    """Return the newest erasures."""
    return _read(conn, select(ERASURE).order_by(_E.begun_at.desc(), _E.erasure_id).limit(limit))


def _read(conn: Connection, wanted: Select[Any]) -> list[Erasure]:
    return [Erasure(**{**row, **_loaded(dict(row))}) for row in conn.execute(wanted).mappings()]


def _loaded(row: Mapping[str, Any]) -> dict[str, Any]:
    held = row["held"]
    return {
        "suppressed": tuple(orjson.loads(row["suppressed"])),
        "counts": orjson.loads(row["counts"]),
        "held": None if held is None else tuple(orjson.loads(held)),
    }


def intend(
    conn: Connection, customer_id: str, ordinal: int | None, suppressed: Sequence[str], *, actor: str, at: str
) -> Erasure:
    """Add the intent to erase a customer; nothing of her has gone yet."""
    made = Erasure(customer_id, str(uuid.uuid4()), ordinal, None, tuple(suppressed), {}, actor, at, None, None)
    row = {name: getattr(made, name) for name in Erasure.__dataclass_fields__}
    row |= {"suppressed": orjson.dumps(list(suppressed)).decode(), "counts": "{}"}
    conn.execute(insert(ERASURE).values(row))
    return made


def put(conn: Connection, customer_id: str, **values: object) -> None:
    """Change what the register says of one erasure."""
    for name in ("counts", "held"):
        if values.get(name) is not None:
            values[name] = orjson.dumps(values[name], option=orjson.OPT_SORT_KEYS).decode()
    conn.execute(update(ERASURE).where(_E.customer_id == customer_id).values(values))


def add_counts(conn: Connection, erasure: Erasure, counts: Mapping[str, int]) -> None:
    """Add to how many rows of each table went with an erasure."""
    current = lock(conn, erasure.customer_id) or erasure
    both = {name: current.counts.get(name, 0) + counts.get(name, 0) for name in {**current.counts, **counts}}
    put(conn, erasure.customer_id, counts=both)


def lock(conn: Connection, customer_id: str) -> Erasure | None:
    """Return an erasure and keep others from going on with it until the transaction ends."""
    return next(iter(_read(conn, select(ERASURE).where(_E.customer_id == customer_id).with_for_update())), None)


def borne(conn: Connection, customer_id: str) -> list[Identifier]:
    """Return what a customer bears. What she only claims may be somebody else's, and is not suppressed with her."""
    c = IDENTIFIER.c
    mine = select(c.kind, c.token).where(
        c.customer_id == customer_id, c.entity == CUSTOMER, c.verified == true()
    )  # fmt: skip
    return [(kind, token) for kind, token in conn.execute(mine)]


def part_of(conn: Connection, customer_ids: Sequence[str]) -> dict[str, int]:
    """Return who became part of these customers by merges that stand, however long the chain, with their ordinals.

    They have no row any more, but a key, a history, and a row in every older copy.
    """
    found: dict[str, int] = {}
    waiting = list(customer_ids)
    while waiting:
        c = MERGE.c
        mine = select(c.absorbed, c.ordinal).where(c.customer_id.in_(waiting), c.undone_at.is_(None))
        new = {row.absorbed: int(row.ordinal) for row in conn.execute(mine) if row.absorbed not in found}
        found |= new
        waiting = sorted(new)
    return found


def survivor_of(conn: Connection, customer_id: str) -> str:
    """Return of whom a customer is a part by merges that stand, however long the chain; else herself."""
    seen = {customer_id}
    while True:
        whose = select(MERGE.c.customer_id).where(MERGE.c.absorbed == customer_id, MERGE.c.undone_at.is_(None)).limit(1)
        found = conn.execute(whose).scalar_one_or_none()
        if found is None or found in seen:
            return customer_id
        customer_id = found
        seen.add(found)


def replayed(conn: Connection, *, locked: bool = False) -> int:
    """Return up to which tombstone nobody erased is in this database."""
    wanted = select(TOMBSTONE_MARK.c.replayed)
    return int(conn.execute(wanted.with_for_update() if locked else wanted).scalar_one())


def advance(conn: Connection, tombstone: int, *, in_turn: bool) -> None:
    """Move that mark on, if everybody with a lower number is gone; else the next opening of the store does."""
    reached = replayed(conn, locked=True)
    if tombstone == reached + 1 or (in_turn and tombstone > reached):
        conn.execute(update(TOMBSTONE_MARK).values(replayed=tombstone))
