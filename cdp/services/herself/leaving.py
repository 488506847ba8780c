"""Going for good: what goes, what stays and why, the last letter to her, and the address of her certificate.

The address is a capability: the id of her erasure with a keyed digest. Whoever has it sees the certificate, which names
nobody; there is no session any more by then.
"""

import hmac
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from audit.entries import HERSELF, Entry
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.field import Field, Hold
from cdp.catalogue.model import Entity
from cdp.erasure.holding import held_fields, held_of, her_rows
from cdp.erasure.register import Erasure
from cdp.errors import NotFound
from cdp.services.certificates import certify, ticket_of
from cdp.services.customers import find_customer
from cdp.services.erase import begin_erasure, find_erasure
from cdp.services.letters.last import queue_last
from cdp.services.log_public import prove_inclusion
from cdp.store.platform import LOG_ENTRY
from cdp.store.records import Stored

REASON: Final = "she erased herself in the portal"


@dataclass(frozen=True, slots=True)
class Stays:
    """One field that a law keeps of her: of how many rows, why, and until when at the latest if she goes today."""

    entity: Entity
    field: Field
    hold: Hold
    rows: int
    until: date


@dataclass(frozen=True, slots=True)
class Left:
    """An erasure that began, and where its certificate will be."""

    erasure: Erasure
    ticket: str


@dataclass(frozen=True, slots=True)
class Certified:
    """The certificate, the entry of the log that says it is finished, and the proof that it is in the log."""

    certificate: bytes
    entry: bytes
    proof: bytes


def what_stays(platform: Platform, customer_id: str, *, today: date) -> list[Stays]:
    """Return what laws keep of her if she goes today.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    in_force, found = platform.in_force(), dict[tuple[str, str], Stays]()
    entities = [each for each in in_force.catalogue.entities.values() if held_fields(each)]
    if not entities:
        return []
    with platform.door.record(Entry("disclosure", "own_terms", HERSELF, in_force.versions)) as change:
        change.subjects.append(find_customer(change.conn, in_force, platform.vault, customer_id).ordinal)
        for entity in entities:
            for rows in her_rows(change.conn, in_force.catalogue, entity, customer_id, platform.vault):
                for row in rows:
                    _add(found, entity, row, today)
    return list(found.values())


def _add(found: dict[tuple[str, str], Stays], entity: Entity, row: Stored, today: date) -> None:
    """Count what is held of one row, as an erasure would set it aside."""
    for name, until in held_of(entity, row, today).items():
        field = entity.fields[name]
        known = found.get((entity.name, name))
        if field.hold is not None:
            rows, last = (known.rows + 1, max(known.until, until)) if known else (1, until)
            found[entity.name, name] = Stays(entity, field, field.hold, rows, last)


def leave(platform: Platform, customer_id: str, *, language: str) -> Left:
    """Erase her, on her own word, and queue the last letter to her.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: nothing has happened.
    """

    def within(conn: Connection, in_force: InForce, erasure: Erasure) -> None:
        queue_last(conn, platform, in_force, erasure, language=language)

    erasure = begin_erasure(platform, customer_id, principal=HERSELF, reason=REASON, within=within)
    return Left(erasure, ticket_of(platform, erasure.erasure_id))


def find_by_ticket(platform: Platform, ticket: str) -> Erasure:
    """Return the erasure of a ticket.

    Raises:
        NotFound: `unknown_erasure`.
    """
    erasure_id = ticket.partition(".")[0]
    if not hmac.compare_digest(ticket.encode(), ticket_of(platform, erasure_id).encode()):
        raise NotFound("unknown_erasure", "there is no such erasure", path="erasure", hint="see `cdp erasure list`")
    return find_erasure(platform, erasure_id, principal=HERSELF)


def certified(platform: Platform, erasure: Erasure) -> Certified:
    """Return the certificate of a finished erasure with the proof of its entry.

    Raises:
        Refused: `erasure_unfinished`.
        NotFound: the entry was dropped after the log's retention.
    """
    note = certify(platform, erasure).encode()
    number = erasure.entry or 0
    platform.keeper.sign()
    [(entry,)] = platform.door.lookup(select(LOG_ENTRY.c.entry).where(LOG_ENTRY.c.number == number))
    return Certified(note, bytes(entry), prove_inclusion(platform, number))
