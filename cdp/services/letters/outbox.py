"""The outbox of letters: queued in the transaction of what they tell of, sent until the mail takes them.

A letter is sealed under the key of the person it is to. It goes to the address that was hers when it was written: what
says that her address was changed goes to the old one. A letter may be sent twice, when the machine stops between the
mail's answer and the note of it; it is never lost. Somebody without an address finds it on her page.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import Unavailable
from cdp.services.letters.write import Letter, known_language, write_letter
from cdp.services.mail import deliver_mail
from cdp.store.asking import LETTER
from cdp.store.lookup import find_ordinals
from cdp.store.records import Keys, Stored, read_rows
from cdp.terms import CUSTOMER
from cdp.vault.identifier import EMAIL
from cdp.vault.seal import Sealer

QUEUED, SENT, KEPT = "queued", "sent", "kept"
POST: Final = Principal("service:post")
BATCH: Final = 20
WAITS: Final = (1, 5, 15, 60, 240)
"""Minutes until a letter is tried again that could not be sent; the last holds for ever."""

SEALER: Final = Sealer(LETTER.name, "letter")
FORMAT: Final = 1
_L: Final = LETTER.c


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter as it lies here."""

    letter_id: str
    template: str
    language: str
    state: str
    attempts: int
    created_at: str
    sent_at: str | None
    subject: str
    text: str


def address_of(conn: Connection, in_force: InForce, keys: Keys, customer_id: str) -> str:
    """Return the address that mail for a customer goes to: the first field that is one; or nothing."""
    entity, names = in_force.catalogue.entities[CUSTOMER], email_fields(in_force)
    for row in read_rows(conn, in_force.catalogue, entity, [(customer_id, customer_id)], keys=keys):
        if address := first_address(row, names):
            return address
    return ""


def email_fields(in_force: InForce) -> list[str]:
    """Return the fields of a customer that hold addresses of mail."""
    entity = in_force.catalogue.entities[CUSTOMER]
    return [name for name, field in entity.fields.items() if field.identifier == EMAIL]


def first_address(row: Stored, names: Sequence[str]) -> str:
    """Return the first of some fields that holds something; empty when none does."""
    return next((value for name in names if isinstance(value := row.values.get(name), str) and value), "")


def queue_letter(
    conn: Connection, customer_id: str, template: str, values: Mapping[str, str], *, key: bytes, language: str,
    address: str, request_id: str = "",
) -> str:  # fmt: skip
    """Write a letter and queue it, in the caller's transaction; return its id."""
    letter, spoken = write_letter(template, known_language(language), values), known_language(language)
    return queue_written(
        conn, customer_id, template, letter, key=key, language=spoken, address=address, request_id=request_id
    )


def queue_written(
    conn: Connection, customer_id: str, template: str, letter: Letter, *, key: bytes, language: str, address: str,
    request_id: str = "",
) -> str:  # fmt: skip
    """Queue a letter that is written already; return its id."""
    letter_id, now = str(uuid.uuid4()), timestamp()
    sealed = {"address": address, "subject": letter.subject, "text": letter.text}
    conn.execute(
        insert(LETTER).values(
            customer_id=customer_id, letter_id=letter_id, request_id=request_id, template=template,
            language=language, state=QUEUED if address else KEPT, attempts=0, next_at=now, created_at=now,
            sent_at=None, sealed=SEALER.seal(key, letter_id, sealed, schema=FORMAT),
        )
    )  # fmt: skip
    return letter_id


def letters_about(conn: Connection, customer_id: str, request_id: str, key: bytes) -> list[Kept]:
    """Return the letters about a request, oldest first."""
    mine = select(LETTER).where(_L.customer_id == customer_id, _L.request_id == request_id)
    return [_kept(row, key) for row in conn.execute(mine.order_by(_L.created_at, _L.letter_id))]


def send_letters(platform: Platform, *, now: datetime | None = None, customer_id: str | None = None) -> int:
    """Send what is due; return how many letters the mail took.

    1. Take some that are due, and put off their next attempt: another process leaves them alone meanwhile.
    2. Give each to the mail, without a transaction.
    3. Note those that it took.

    Raises:
        Unavailable: the database, the keys or the log cannot serve; what the mail does not take waits.
    """
    sent = 0
    while taken := _take(platform, now or datetime.now(UTC), customer_id):  # 1
        done = [row for row, letter in taken if deliver(platform, letter)]  # 2
        _note(platform, done)  # 3
        sent += len(done)
        if len(done) < len(taken):
            break  # the mail is down; it will be asked again
    return sent


def _take(platform: Platform, now: datetime, customer_id: str | None) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    due = select(LETTER).where(_L.state == QUEUED, _L.next_at <= timestamp(now)).order_by(_L.next_at).limit(BATCH)
    if customer_id is not None:
        due = due.where(_L.customer_id == customer_id)
    if not platform.door.waits(LETTER, _L.state == QUEUED, _L.next_at <= timestamp(now)):
        return []
    in_force, taken = platform.in_force(), []
    with platform.door.record(Entry("disclosure", "send_letters", POST, in_force.versions)) as change:
        rows = change.conn.execute(due.with_for_update(skip_locked=True)).all()
        keys = platform.vault.keys(sorted({row.customer_id for row in rows}))
        for row in rows:
            waits = timedelta(minutes=WAITS[min(row.attempts, len(WAITS) - 1)])
            mine = update(LETTER).where(_L.customer_id == row.customer_id, _L.letter_id == row.letter_id)
            change.conn.execute(mine.values(attempts=row.attempts + 1, next_at=timestamp(now + waits)))
            if row.customer_id in keys:  # else she is being erased
                opened = SEALER.unseal(keys[row.customer_id], row.letter_id, bytes(row.sealed))
                taken.append(((row.customer_id, row.letter_id), opened))
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted({row.customer_id for row in rows}))
        change.facts["letters"] = len(rows)
    return taken


def deliver(platform: Platform, letter: Mapping[str, Any]) -> bool:
    """Give a letter to the mail; return whether it took it."""
    message = EmailMessage()
    message["Subject"] = " ".join(str(letter["subject"]).split())
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    message.set_content(str(letter["text"]))
    try:
        deliver_mail(platform.settings, str(letter["address"]), message)
    except Unavailable:
        return False
    return True


def _note(platform: Platform, done: Sequence[tuple[str, str]]) -> None:
    if not done:
        return
    in_force, now = platform.in_force(), timestamp()
    with platform.door.record(Entry("change", "send_letters", POST, in_force.versions)) as change:
        for customer_id, letter_id in done:
            mine = update(LETTER).where(_L.customer_id == customer_id, _L.letter_id == letter_id)
            change.conn.execute(mine.values(state=SENT, sent_at=now))
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted({each for each, _ in done}))
        change.facts["letters"] = len(done)


def _kept(row: Row[Any], key: bytes) -> Kept:
    opened = SEALER.unseal(key, row.letter_id, bytes(row.sealed))
    return Kept(
        row.letter_id, row.template, row.language, row.state, row.attempts, row.created_at, row.sent_at,
        str(opened["subject"]), str(opened["text"]),
    )  # fmt: skip
