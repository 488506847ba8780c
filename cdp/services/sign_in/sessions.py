"""Who is signed in: sessions, each a random secret in a cookie, of which only the hash is kept.

A session ends after half an hour without use, after twelve hours whatever happens, and when she says so, here or
everywhere. What cannot be taken back (export, erasure) asks that the proof be recent: `Session.proven_at`.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, update

from audit.entries import HERSELF, Entry, timestamp
from cdp.bootstrap import Platform
from cdp.errors import Unauthenticated
from cdp.services.sign_in.holders import bearer, open_holder, seal_holder, secret_hash
from cdp.store.bulk import insert_rows
from cdp.store.lookup import find_ordinals
from cdp.store.sign_in import SESSION
from cdp.vault.vault import Vault

IDLE: Final = timedelta(minutes=30)
LASTS: Final = timedelta(hours=12)
SEEN_EVERY: Final = timedelta(minutes=5)
"""How often it is written down that a session is in use: not for every page."""


@dataclass(frozen=True, slots=True)
class Session:
    """A customer who is signed in; `secret` is what her browser holds, `proven_at` when she last proved who she is."""

    secret: str
    customer_id: str
    proven_at: datetime


def begin_session(conn: Connection, vault: Vault, customer_id: str, now: datetime) -> Session:
    """Begin a session, in the caller's transaction; the secret is new each time (no fixation)."""
    secret = secrets.token_urlsafe(32)
    row = secret_hash(secret)
    times = [timestamp(now), timestamp(now), timestamp(now + LASTS), timestamp(now)]
    holder = seal_holder(vault, row, customer_id)
    insert_rows(conn, SESSION, [[row, holder, bearer(vault, customer_id), *times]])
    return Session(secret, customer_id, now)


def find_session(platform: Platform, secret: str) -> Session:
    """Return the session of a secret.

    Raises:
        Unauthenticated: `signed_out`.
    """
    now, row, c = datetime.now(UTC), secret_hash(secret), SESSION.c
    live = select(c.holder, c.seen_at, c.proven_at).where(
        c.session == row, c.expires_at > timestamp(now), c.seen_at > timestamp(now - IDLE)
    )
    found = platform.door.lookup(live) if secret else []
    customer_id = open_holder(platform.vault, row, bytes(found[0][0])) if found else None
    if customer_id is None:
        raise Unauthenticated("signed_out", "you are not signed in, or not any more")
    if found[0][1] < timestamp(now - SEEN_EVERY):
        platform.door.keep(update(SESSION).where(c.session == row).values(seen_at=timestamp(now)))
    return Session(secret, customer_id, datetime.fromisoformat(found[0][2]))


def end_sessions(platform: Platform, session: Session, *, everywhere: bool) -> None:
    """Sign out: here, or wherever she is signed in."""
    c = SESSION.c
    mine = c.bearer == bearer(platform.vault, session.customer_id)
    which = mine if everywhere else c.session == secret_hash(session.secret)
    in_force = platform.in_force()
    with platform.door.record(Entry("change", "sign_out", HERSELF, in_force.versions)) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [session.customer_id])
        change.conn.execute(delete(SESSION).where(which))
