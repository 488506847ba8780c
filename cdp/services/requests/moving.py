"""Requests follow a customer through a merge, and back: rows change their owner, and what is sealed its key."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, select, update

from cdp.services.letters.outbox import SEALER as LETTERS
from cdp.services.requests.attachments import rebind
from cdp.services.requests.records import SEALER, STEP_SEALER
from cdp.store.asking import ATTACHMENT, CORRECTION, LETTER, NOTICE, REQUEST, REQUEST_STEP
from cdp.store.corrected import CORRECTIONS, correction_row
from cdp.vault.seal import Sealer

_FORMAT: Final = 1

_ROW_IDS: Final[dict[Table, tuple[Sealer, Callable[[Any], str]]]] = {
    REQUEST: (SEALER, lambda row: row.request_id),
    REQUEST_STEP: (STEP_SEALER, lambda row: f"{row.request_id}/{row.number}"),
    CORRECTION: (CORRECTIONS, correction_row),
    LETTER: (LETTERS, lambda row: row.letter_id),
}


def requests_of(conn: Connection, customer_id: str) -> list[str]:
    """Return the ids of a customer's requests."""
    c = REQUEST.c
    return list(conn.execute(select(c.request_id).where(c.customer_id == customer_id).order_by(c.request_id)).scalars())


def move_requests(
    conn: Connection, ids: Collection[str], *, giver: str, taker: str, keys: Mapping[str, bytes]
) -> None:  # fmt: skip
    """Give requests from one customer to another, with all that hangs on them; those that are no longer hers stay."""
    for request_id in ids:
        for table in (REQUEST, REQUEST_STEP, CORRECTION, LETTER, ATTACHMENT, NOTICE):
            mine = (table.c.customer_id == giver, table.c.request_id == request_id)
            for row in conn.execute(select(table).where(*mine)).all():
                here = [*mine, *(column == row._mapping[column.name] for column in table.primary_key)]  # noqa: SLF001
                moved = {"customer_id": taker, **_resealed(table, row, keys[giver], keys[taker])}
                conn.execute(update(table).where(*here).values(moved))


def _resealed(table: Table, row: Row[Any], old: bytes, new: bytes) -> dict[str, Any]:
    if table is ATTACHMENT:
        name, sealed = rebind(old, new, row.attachment_id, bytes(row.name), bytes(row.sealed))
        return {"name": name, "sealed": sealed}
    if table is NOTICE:
        return {}
    sealer, row_id_of = _ROW_IDS[table]
    row_id = row_id_of(row)
    moved: dict[str, Any] = {
        "sealed": sealer.seal(new, row_id, sealer.unseal(old, row_id, bytes(row.sealed)), schema=_FORMAT)
    }
    return moved
