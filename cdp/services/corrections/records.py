"""Corrections as they lie in the database; values are sealed under her key."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from audit.entries import timestamp
from cdp.errors import NotFound
from cdp.store.asking import CORRECTION
from cdp.store.corrected import CORRECTIONS, correction_row
from cdp.terms import CUSTOMER, Value
from cdp.vault.vault import Vault

PROPOSED, REJECTED, WITHDRAWN = "proposed", "rejected", "withdrawn"
FORMAT: Final = 1
_C: Final = CORRECTION.c


@dataclass(frozen=True)
class Place:
    """What is corrected: a field of a row; `row_id` is empty for her own row."""

    field: str
    entity: str = CUSTOMER
    row_id: str = ""


@dataclass(frozen=True)
class Correction:
    """One field of a correction.

    Attributes:
        revision: grows when she amends it.
        old: what stood there when she proposed it.
        reason: why it was decided so, for her.
    """

    customer_id: str
    request_id: str
    place: Place
    state: str
    revision: int
    decided_by: str | None
    decided_at: str | None
    old: Value
    new: Value
    reason: str


def seen_digest(vault: Vault, correction: Correction, stored: Value) -> str:
    """Return the digest of what an officer is shown: what is proposed, and what stands there now.

    INVARIANT: an approval names it; what was amended, or changed in the store since, makes it another one.
    """
    place = correction.place
    shown = [
        correction.request_id, place.entity, place.row_id, place.field, correction.revision, correction.new, stored
    ]  # fmt: skip
    data = orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(data, key=vault.platform_key("requests"), digest_size=16, person=b"cdp/seen").hexdigest()


def add(conn: Connection, correction: Correction, key: bytes) -> None:
    """Insert a new one."""
    place = correction.place
    row = {
        "customer_id": correction.customer_id, "request_id": correction.request_id, "entity": place.entity,
        "row_id": place.row_id, "field": place.field, "state": correction.state, "revision": correction.revision,
        "decided_by": correction.decided_by, "decided_at": correction.decided_at,
        "sealed": _sealed(correction, key),
    }  # fmt: skip
    conn.execute(insert(CORRECTION).values(row))


def put(conn: Connection, correction: Correction, key: bytes) -> None:
    """Write what has changed of one."""
    conn.execute(
        update(CORRECTION)
        .where(*_mine(correction))
        .values(
            state=correction.state, revision=correction.revision, decided_by=correction.decided_by,
            decided_at=correction.decided_at, sealed=_sealed(correction, key),
        )
    )  # fmt: skip


def drop(conn: Connection, correction: Correction) -> None:
    """Delete one that is not wanted any more."""
    conn.execute(delete(CORRECTION).where(*_mine(correction)))


def corrections_of(conn: Connection, customer_id: str, request_id: str, key: bytes) -> list[Correction]:
    """Return the fields of a correction, in a fixed order."""
    mine = select(CORRECTION).where(_C.customer_id == customer_id, _C.request_id == request_id)
    return [_of(row, key) for row in conn.execute(mine.order_by(_C.entity, _C.row_id, _C.field))]


def waiting(conn: Connection, customer_id: str, key: bytes) -> list[Correction]:
    """Return what of a customer waits for a decision."""
    mine = select(CORRECTION).where(_C.customer_id == customer_id, _C.state == PROPOSED)
    return [_of(row, key) for row in conn.execute(mine.order_by(_C.request_id, _C.entity, _C.row_id, _C.field))]


def one_of(corrections: list[Correction], place: Place) -> Correction:
    """Return the one for a field.

    Raises:
        NotFound: `unknown_correction`.
    """
    for each in corrections:
        if each.place == place:
            return each
    message = "the request corrects no such field"
    raise NotFound("unknown_correction", message, path="field", hint="see `cdp correction show`")


def decided(correction: Correction, state: str, *, by: str, reason: str = "") -> dict[str, Any]:
    """Return what a decision changes, for `dataclasses.replace`."""
    return {"state": state, "decided_by": by, "decided_at": timestamp(), "reason": reason or correction.reason}


def _mine(correction: Correction) -> tuple[Any, ...]:
    place = correction.place
    return (
        _C.customer_id == correction.customer_id, _C.request_id == correction.request_id, _C.entity == place.entity,
        _C.row_id == place.row_id, _C.field == place.field,
    )  # fmt: skip


@dataclass(frozen=True)
class _Named:
    """What a sealed correction is bound to, as `correction_row` reads it off a row."""

    request_id: str
    entity: str
    row_id: str
    field: str


def _sealed(correction: Correction, key: bytes) -> bytes:
    place = correction.place
    row_id = correction_row(_Named(correction.request_id, place.entity, place.row_id, place.field))
    values = {"old": correction.old, "new": correction.new, "reason": correction.reason}
    return CORRECTIONS.seal(key, row_id, values, schema=FORMAT)


def _of(row: Row[Any], key: bytes) -> Correction:
    values = CORRECTIONS.unseal(key, correction_row(row), bytes(row.sealed))
    return Correction(
        row.customer_id, row.request_id, Place(row.field, row.entity, row.row_id), row.state, row.revision,
        row.decided_by, row.decided_at, values["old"], values["new"], str(values["reason"]),
    )  # fmt: skip
