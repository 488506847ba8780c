"""The outbox of letters: queued in the transaction of what they tell of, sent until the mail takes them.

A letter is sealed under the key of the person it is to. It goes to the address that was hers when it was written: what
says that her address was changed goes to the old one. Somebody without an address finds it on her page.

INVARIANT: a letter is never lost. It goes twice only when the machine stops between the mail's answer and the note of
it, and then under the same Message-ID: whoever takes some has them for `HELD`, and asks the mail for half as long.
Letters about something that somebody asked for, or that was done to her, go before those that are to many.
"""

import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Update, insert, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import Unavailable
from cdp.services.letters.write import Letter
from cdp.services.mail import MAIL_DOMAIN, REFUSALS, deliver_mail
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

HELD: Final = timedelta(minutes=20)
"""For so long another process leaves alone what one has taken, unless that one gives it back."""

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
    conn: Connection, customer_id: str, template: str, letter: Letter, *, key: bytes, language: str, address: str,
    request_id: str = "",
) -> str:  # fmt: skip
    """Queue a letter, in the caller's transaction; return its id."""
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

    1. Take some that are due; another process leaves them alone meanwhile.
    2. Give each to the mail, without a transaction.
    3. Note those that it took, and when the others are tried again.

    Raises:
        Unavailable: the database, the keys or the log cannot serve; what the mail does not take waits.
    """
    sent, at = 0, now or datetime.now(UTC)
    while taken := _take(platform, at, customer_id):  # 1
        done = deliver(platform, {letter_id: letter for (_, letter_id), letter in taken})  # 2
        _note(platform, [which for which, _ in taken], done, at)  # 3
        sent += len(done)
        if len(done) < len(taken):
            break  # the mail is down; it will be asked again
    return sent


def _take(platform: Platform, now: datetime, customer_id: str | None) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    due: tuple[ColumnElement[bool], ...] = (_L.state == QUEUED, _L.next_at <= timestamp(now))
    if customer_id is not None:
        due = (*due, _L.customer_id == customer_id)
    if not platform.door.waits(LETTER, *due):
        return []
    in_force, taken = platform.in_force(), []
    wanted = select(LETTER).where(*due).order_by(_L.request_id == "", _L.next_at).limit(BATCH)
    with platform.door.record(Entry("disclosure", "send_letters", POST, in_force.versions)) as change:
        rows = change.conn.execute(wanted.with_for_update(skip_locked=True)).all()
        keys = platform.vault.keys(sorted({row.customer_id for row in rows}))
        for row in rows:
            change.conn.execute(
                _named(row.customer_id, row.letter_id).values(attempts=row.attempts + 1, next_at=timestamp(now + HELD))
            )
            if row.customer_id in keys:  # else she is being erased
                opened = SEALER.unseal(keys[row.customer_id], row.letter_id, bytes(row.sealed))
                taken.append(((row.customer_id, row.letter_id), opened))
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted({row.customer_id for row in rows}))
        change.facts["letters"] = len(rows)
    return taken


def deliver(
    platform: Platform, letters: Mapping[str, Mapping[str, Any]], *, within: timedelta = HELD / 2
) -> set[str]:  # fmt: skip
    """Give letters to the mail, by their ids; return those that it took.

    Nothing is asked of a server that cannot be reached a second time, so that what waits behind does not wait for
    every letter; one that refuses a letter is asked about the next. No other is begun when `within` is over.
    """
    taken: set[str] = set()
    stop = time.monotonic() + within.total_seconds()
    for letter_id, letter in letters.items():
        message = EmailMessage()
        message["Subject"] = " ".join(str(letter["subject"]).split())
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834
        message["Message-ID"] = f"<{letter_id}@{MAIL_DOMAIN}>"
        message.set_content(str(letter["text"]))
        try:
            deliver_mail(platform.settings, str(letter["address"]), message)
        except Unavailable as fault:
            if fault.path not in REFUSALS:
                break
        else:
            taken.add(letter_id)
        if time.monotonic() > stop:
            break
    return taken


def _note(platform: Platform, taken: Sequence[tuple[str, str]], done: Collection[str], now: datetime) -> None:
    """Note what the mail took, and when the rest is tried again."""
    in_force, at = platform.in_force(), timestamp()
    with platform.door.record(Entry("change", "send_letters", POST, in_force.versions)) as change:
        for which in taken:
            if which[1] in done:
                change.conn.execute(_named(*which).values(state=SENT, sent_at=at))
            else:
                attempts = change.conn.execute(select(_L.attempts).where(*_is(*which))).scalar_one_or_none()
                change.conn.execute(_named(*which).values(next_at=again_at(now, attempts or 1)))
        sent = sorted({customer_id for customer_id, letter_id in taken if letter_id in done})
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sent)
        change.facts["letters"] = len(done)


def again_at(now: datetime, attempts: int) -> str:
    """Return when a letter is tried again that was tried so often."""
    return timestamp(now + timedelta(minutes=WAITS[min(attempts, len(WAITS)) - 1]))


def _named(customer_id: str, letter_id: str) -> Update:
    return update(LETTER).where(*_is(customer_id, letter_id))


def _is(customer_id: str, letter_id: str) -> tuple[ColumnElement[bool], ...]:
    return _L.customer_id == customer_id, _L.letter_id == letter_id


def _kept(row: Row[Any], key: bytes) -> Kept:
    opened = SEALER.unseal(key, row.letter_id, bytes(row.sealed))
    return Kept(
        row.letter_id, row.template, row.language, row.state, row.attempts, row.created_at, row.sent_at,
        str(opened["subject"]), str(opened["text"]),
    )  # fmt: skip
