"""Who was given a value that is corrected now, from the log; they are queued for a notice (GDPR Art. 19).

A recipient is one whom a view names, or an app. What counts is what left: a column that was withheld from everybody, or
from her row by her refusal, was not given.
"""

import uuid
from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import Connection, insert, select

from audit.about import entries_of
from audit.entries import parse_entry, timestamp
from cdp.bootstrap import InForce
from cdp.services.corrections.records import Place
from cdp.services.customers import Found
from cdp.services.known_as import known_as
from cdp.services.who_saw import Told
from cdp.store.asking import NOTICE
from cdp.store.platform import LOG_ENTRY
from cdp.store.tables import build_schema

BATCH: Final = 500
_APP: Final = "app:"
_HIDDEN: Final = "hidden"


def queue_notices(conn: Connection, in_force: InForce, found: Found, request_id: str, place: Place) -> list[str]:
    """Queue a notice for each past recipient of a field of hers; return their names."""
    recipients = past_recipients(conn, in_force, found, place)
    for name, entry in sorted(recipients.items()):
        conn.execute(
            insert(NOTICE).values(
                customer_id=found.customer_id, notice_id=str(uuid.uuid4()), request_id=request_id, recipient=name,
                cause="correction", fields=orjson.dumps([f"{place.entity}.{place.field}"]).decode(), entry=entry,
                created_at=timestamp(), told_at=None, told_by=None,
            )
        )  # fmt: skip
    return sorted(recipients)


def past_recipients(
    conn: Connection, in_force: InForce, found: Found, place: Place
) -> dict[str, int]:  # fmt: skip
    """Return who was given a field of hers, each with the last entry of it."""
    schema = build_schema(in_force.catalogue, conn.dialect.name)
    whose = entries_of(conn, known_as(conn, schema, found))
    told: dict[str, Told] = {}
    recipients: dict[str, int] = {}
    for number, body in _bodies(conn, list(whose)):
        name = body.get("recipient") or (body["principal"] if body["principal"].startswith(_APP) else "")
        if not name or body["act"] != "read" or body.get("entity") != place.entity:
            continue
        for each in set(whose[number]) | {found.customer_id}:
            if each not in told:
                told[each] = Told(conn, in_force, each)
            if _given(body, place.field, told[each]):
                recipients[name] = number
    return recipients


def _given(body: dict[str, Any], field: str, told: Told) -> bool:
    """Return whether an entry says that the field left for her; where that cannot be said, it does."""
    for column in body.get("fields", ()):
        name, shape, *refused = column
        if name == field:
            otherwise, unless = (refused[0], tuple(refused[1:])) if refused else (shape, ())
            return told.applied(unless, body["at"], shape, otherwise) != _HIDDEN
    return False


def _bodies(conn: Connection, numbers: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    c = LOG_ENTRY.c
    for start in range(0, len(numbers), BATCH):
        wanted = select(c.number, c.entry).where(c.number.in_(numbers[start : start + BATCH])).order_by(c.number)
        for number, entry in conn.execute(wanted).all():
            yield number, parse_entry(bytes(entry))
