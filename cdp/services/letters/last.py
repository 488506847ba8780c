"""The last letters to somebody: that she was erased, with the address of her certificate, and what was not sent yet.

Her key goes with her, so a letter that waits for the mail lies under a key of its own, under an id that is nobody's.
It is queued in the transaction of the intent, sent once she is gone, and forgotten with its key when the mail has taken
it, or after a week: longer nobody knows where she was written to.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from audit.entries import Entry, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.erasure.register import Erasure
from cdp.services.certificates import ticket_of
from cdp.services.letters.outbox import HELD, POST, QUEUED, SEALER as QUEUE, address_of, again_at, deliver
from cdp.services.letters.write import known_language, write_letter
from cdp.store.asking import LAST_LETTER, LETTER
from cdp.store.people import ERASURE
from cdp.vault.seal import Sealer

KEPT: Final = timedelta(days=7)
"""For so long a letter waits that the mail does not take."""

BATCH: Final = 20
_SEALER: Final = Sealer(LAST_LETTER.name, "letter")
_FORMAT: Final = 1
_N: Final = LAST_LETTER.c


def queue_last(
    conn: Connection, platform: Platform, in_force: InForce, erasure: Erasure, *, language: str, also: str = ""
) -> None:  # fmt: skip
    """Queue what she is written last, in the transaction of the intent; for one that was cut off, once.

    Args:
        also: the id of a request whose letters that were not sent yet go along.
    """
    if conn.execute(select(_N.customer_id).where(_N.erasure_id == erasure.erasure_id).limit(1)).first():
        return
    keys = platform.vault.keys([erasure.customer_id])
    letters = _unsent(conn, erasure.customer_id, keys.get(erasure.customer_id), also) if also else []
    address = address_of(conn, in_force, platform.vault, erasure.customer_id) if keys else ""
    if address:
        page = f"{platform.settings.origin.rstrip('/')}/portal/erased/{ticket_of(platform, erasure.erasure_id)}"
        letter = write_letter("erased", known_language(language), {"page": page})
        letters.append({"address": address, "subject": letter.subject, "text": letter.text})
    if not letters:
        return
    ids, now = [str(uuid.uuid4()) for _ in letters], datetime.now(UTC)
    keys = platform.vault.new_keys(ids)
    for letter_id, said in zip(ids, letters, strict=True):
        sealed = _SEALER.seal(keys[letter_id], letter_id, said, schema=_FORMAT)
        row = {"attempts": 0, "next_at": timestamp(now), "until": timestamp(now + KEPT), "sealed": sealed}
        conn.execute(insert(LAST_LETTER).values(customer_id=letter_id, erasure_id=erasure.erasure_id, **row))


def send_last_letters(platform: Platform, *, now: datetime | None = None) -> int:
    """Send what is due, and forget what was sent or waited for too long; return how many the mail took.

    1. Take some that are due, of people who are gone; another process leaves them alone meanwhile.
    2. Give each to the mail, without a transaction; the next attempt of those that it did not take is put off.
    3. Destroy the keys of those that are done, then their rows: cut off in between, the rows go the next time.

    Raises:
        Unavailable: the database, the keys or the log cannot serve.
    """
    at, sent = now or datetime.now(UTC), 0
    while taken := _take(platform, at):
        over = [letter_id for letter_id, letter in taken.items() if letter is None]
        done = deliver(platform, {letter_id: letter for letter_id, letter in taken.items() if letter is not None})
        sent += len(done)
        _forget(platform, [*over, *sorted(done)])
        if len(over) + len(done) < len(taken):
            _put_off(platform, sorted(taken.keys() - {*over, *done}), at)
            break  # the mail is down; it will be asked again
    return sent


def _unsent(conn: Connection, customer_id: str, key: bytes | None, request_id: str) -> list[dict[str, Any]]:
    """Return the letters about a request that wait; they are hers, and go with her."""
    c = LETTER.c
    mine = select(c.letter_id, c.sealed).where(c.customer_id == customer_id, c.request_id == request_id)
    rows = conn.execute(mine.where(c.state == QUEUED).order_by(c.created_at, c.letter_id)).all() if key else []
    return [QUEUE.unseal(key or b"", letter_id, bytes(sealed)) for letter_id, sealed in rows]


def _take(platform: Platform, now: datetime) -> dict[str, Mapping[str, Any] | None]:
    """Return letters that are due; None for one that has waited too long, or whose key is gone already."""
    due = (_N.next_at <= timestamp(now),)
    if not platform.door.waits(LAST_LETTER, *due):
        return {}
    gone = select(ERASURE.c.erasure_id).where(ERASURE.c.tombstone.is_not(None))
    wanted = select(LAST_LETTER).where(*due, _N.erasure_id.in_(gone)).order_by(_N.next_at).limit(BATCH)
    taken: dict[str, Mapping[str, Any] | None] = {}
    with platform.door.record(Entry("disclosure", "send_letters", POST, platform.in_force().versions)) as change:
        rows = change.conn.execute(wanted.with_for_update(skip_locked=True)).all()
        keys = platform.vault.keys([row.customer_id for row in rows])
        for row in rows:
            mine = update(LAST_LETTER).where(_N.customer_id == row.customer_id)
            change.conn.execute(mine.values(attempts=row.attempts + 1, next_at=timestamp(now + HELD)))
            lives = row.customer_id in keys and row.until > timestamp(now)
            opened = _SEALER.unseal(keys[row.customer_id], row.customer_id, bytes(row.sealed)) if lives else None
            taken[row.customer_id] = opened
        change.facts["letters"] = len(rows)
    return taken


def _put_off(platform: Platform, letter_ids: Sequence[str], now: datetime) -> None:
    with platform.door.record(Entry("change", "send_letters", POST, platform.in_force().versions)) as change:
        for each in letter_ids:
            attempts = change.conn.execute(select(_N.attempts).where(_N.customer_id == each)).scalar_one_or_none()
            mine = update(LAST_LETTER).where(_N.customer_id == each)
            change.conn.execute(mine.values(next_at=again_at(now, attempts or 1)))
        change.facts["letters"] = 0


def _forget(platform: Platform, letter_ids: Sequence[str]) -> None:
    if not letter_ids:
        return
    platform.vault.destroy(letter_ids)
    with platform.door.record(Entry("change", "send_letters", POST, platform.in_force().versions)) as change:
        change.conn.execute(delete(LAST_LETTER).where(_N.customer_id.in_(letter_ids)))
        change.facts["letters"] = len(letter_ids)
