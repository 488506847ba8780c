"""Events that were folded, as they are kept: once each, and sealed under their person's key what no field takes.

When a person becomes part of another, her events do; what is sealed of them is opened with the one key and sealed with
the other. A message names an event within its source, so that exactly those can be given back.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from cdp.store.arriving import EVENT
from cdp.vault.seal import Sealer

REST: Final = Sealer("cdp_event", "rest")

Message = tuple[int, str]
"""The number of a source, and the token of a message of it."""

_E: Final = EVENT.c


def messages_of(conn: Connection, customer_id: str) -> list[Message]:
    """Return which events are a customer's."""
    mine = select(_E.source, _E.message).where(_E.customer_id == customer_id).order_by(_E.source, _E.message)
    return [(int(source), str(message)) for source, message in conn.execute(mine)]


def rows_of_messages(conn: Connection, customer_id: str, messages: Sequence[Message]) -> dict[str, set[str]]:
    """Return the ids of the rows that these events of a customer became, by entity."""
    found: dict[str, set[str]] = defaultdict(set)
    wanted = {*messages}
    mine = select(_E.source, _E.message, _E.entity, _E.row_id).where(_E.customer_id == customer_id, _E.row_id != "")
    for source, message, entity, row_id in conn.execute(mine):
        if (source, message) in wanted:
            found[entity].add(row_id)
    return found


def move_events(
    conn: Connection, messages: Sequence[Message], *, giver: str, taker: str, keys: Mapping[str, bytes]
) -> None:
    """Give events from one customer to another; those that are no longer the giver's stay away."""
    wanted = {*messages}
    mine = select(_E.source, _E.message, _E.rest).where(_E.customer_id == giver).with_for_update()
    rows = [row for row in conn.execute(mine) if (row.source, row.message) in wanted] if wanted else []
    moved = update(EVENT).where(
        _E.customer_id == giver, _E.source == bindparam("_source"), _E.message == bindparam("_message")
    )
    values = [
        {"_source": row.source, "_message": row.message, "_rest": _resealed(row.rest, row.message, keys, giver, taker)}
        for row in rows
    ]
    if values:
        conn.execute(moved.values(customer_id=taker, rest=bindparam("_rest")), values)


def _resealed(
    rest: bytes | None, message: str, keys: Mapping[str, bytes], giver: str, taker: str
) -> bytes | None:  # fmt: skip
    if rest is None:
        return None
    blob = bytes(rest)
    opened = REST.unseal(keys[giver], message, blob)
    return REST.seal(keys[taker], message, opened, schema=REST.header(blob).schema)
