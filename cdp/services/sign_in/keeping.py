"""Sessions of whatever kind: a row for each, and a random secret in a cookie, of which only the hash is kept.

The secret rotates: every quarter of an hour the browser is given the next one, and with the first request that brings
it the old one stops. Until then the old one holds, so that an answer that got lost signs nobody out. When somebody
proves anew who she is, the old one stops at once.

INVARIANT: a secret that has stopped never signs anybody in again. Whoever comes with one has a copy, or the other way
round; which of the two is hers cannot be known, so that the session ends for both (RFC 9700 section 4.14.2, which says
it of refresh tokens).
"""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, insert, or_, select, update

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.errors import Unauthenticated
from cdp.services.sign_in.holders import bearer, open_holder, seal_holder, secret_hash
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import HELD_FORM, SESSION, SPENT_SECRET
from cdp.vault.vault import Vault

ROTATES: Final = timedelta(minutes=15)
UNDERWAY: Final = timedelta(seconds=20)
"""How long after a rotation requests may still be on their way that were sent before it."""

FRESH: Final = timedelta(minutes=10)
"""How long ago somebody may have proved who she is, for what cannot be taken back."""

KEPT_OVER: Final = timedelta(days=1)
"""How long it is known whose a session was that has run out: what she sends from a page left open is kept for her."""

_KEY: Final = "sign-in"


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose sessions they are, after how long without use and at the latest they end, how often use is written down."""

    kind: str
    idle: timedelta
    lasts: timedelta
    seen_every: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        session: names it, and opens nothing.
        holder: who it is.
        secret: what its forms are bound to; it stays while the cookie rotates, so that an open form stays good.
        proved_at: when she last proved who she is.
        cookie: what the browser has to be given now; empty when it keeps what it holds.
    """

    session: str
    holder: str
    secret: str
    proved_at: datetime
    cookie: str = ""

    @property
    def customer_id(self) -> str:
        """Who it is, of a customer's session."""
        return self.holder

    def is_fresh(self, now: datetime) -> bool:
        """Return whether she proved so recently who she is that what cannot be taken back may be done."""
        return now - self.proved_at < FRESH


class Replayed(Exception):
    """A secret that had stopped was used; `session` has to end."""

    def __init__(self, session: str, holder: str) -> None:
        super().__init__()
        self.session = session
        self.holder = holder


def signed_out() -> Unauthenticated:
    """Return the one error for whoever is not signed in: never was, is not any more, or never could be."""
    return Unauthenticated("signed_out", "you are not signed in, or not any more")


def form_secret(vault: Vault, session: str) -> str:
    """Return what the forms of a session are bound to."""
    return hmac.new(vault.platform_key(_KEY), b"cdp/session-forms/1" + session.encode(), sha256).hexdigest()


def begin(
    conn: Connection,
    vault: Vault,
    terms: Terms,
    holder: str,
    *,
    now: datetime,
    proved_by: str,
    proved_at: datetime,
    device: str = "",
) -> Session:
    """Begin a session, in the caller's transaction; id and secret are new each time (no fixation)."""
    session, cookie = secrets.token_hex(16), secrets.token_urlsafe(32)
    whose = [seal_holder(vault, session, holder), bearer(vault, holder)]
    at = timestamp(now)
    times = [at, at, timestamp(now + terms.lasts), timestamp(proved_at), at]
    insert_rows(
        conn, SESSION, [[session, terms.kind, secret_hash(cookie), None, *whose, device, proved_by, *times]]
    )  # fmt: skip
    return Session(session, holder, form_secret(vault, session), proved_at, cookie)


def prove(conn: Connection, session: Session, *, now: datetime, proved_by: str, proved_at: datetime) -> Session:
    """Write down that she has just proved who she is; the secret rotates, and the old one stops at once.

    Raises:
        Unauthenticated: `signed_out`: the session has ended meanwhile.
    """
    cookie, c = secrets.token_urlsafe(32), SESSION.c
    old = conn.execute(select(c.secret, c.next).where(c.session == session.session)).one_or_none()
    values = {
        "secret": secret_hash(cookie),
        "next": None,
        "proved_at": timestamp(proved_at),
        "rotated_at": timestamp(now),
    }
    values |= {"proved_by": proved_by, "seen_at": timestamp(now)}
    mine = (c.session == session.session, c.secret == (old.secret if old else ""))
    if conn.execute(update(SESSION).where(*mine).values(values)).rowcount != 1:
        raise signed_out()
    stopped = [each for each in (old or ()) if each]
    at = timestamp(now)
    insert_rows(conn, SPENT_SECRET, [[each, session.session, at, at] for each in stopped])
    return Session(session.session, session.holder, session.secret, proved_at, cookie)


def find(platform: Platform, terms: Terms, cookie: str, now: datetime) -> Session:
    """Return the session of a cookie.

    Raises:
        Unauthenticated: `signed_out`.
        Replayed: the cookie had stopped; the caller ends the session.
    """
    if not cookie:
        raise signed_out()
    row, c = secret_hash(cookie), SESSION.c
    found = platform.door.lookup(_query(terms).where(or_(c.secret == row, c.next == row)))
    session = _Row(*found[0]) if found else _of_spent(platform, terms, row, now)
    opened = _opened(platform.vault, session)
    idle = timestamp(now - terms.idle)
    if opened is None or session.expires_at <= timestamp(now) or session.seen_at <= idle:
        raise signed_out()
    given = _rotated(platform, session, row, now) if found else ""
    if not given and session.seen_at < timestamp(now - terms.seen_every):
        platform.door.keep(update(SESSION).where(c.session == session.session).values(seen_at=timestamp(now)))
    return replace(opened, cookie=given)


def holds(conn: Connection, vault: Vault, terms: Terms, cookie: str, now: datetime) -> Session | None:
    """Return the session whose secret, or next secret, a cookie is, in the caller's transaction; None for none."""
    found = _named(conn, terms, cookie)
    if found is None or found.expires_at <= timestamp(now) or found.seen_at <= timestamp(now - terms.idle):
        return None
    return _opened(vault, found)


def run_out(platform: Platform, terms: Terms, cookie: str) -> Session | None:
    """Return whose the session of a cookie is or was, though it may have run out: it is good for keeping her words."""
    row, c = secret_hash(cookie), SESSION.c
    found = platform.door.lookup(_query(terms).where(or_(c.secret == row, c.next == row))) if cookie else []
    return _opened(platform.vault, _Row(*found[0])) if found else None


def end(conn: Connection, *which: Any) -> int:
    """End the sessions for which conditions on their rows hold; return how many."""
    ended = select(SESSION.c.session).where(*which)
    for table in (SPENT_SECRET, HELD_FORM):
        conn.execute(delete(table).where(table.c.session.in_(ended)))
    return conn.execute(delete(SESSION).where(*which)).rowcount


def forget(conn: Connection, terms: Terms, now: datetime) -> None:
    """Let go of sessions that have run out a day ago, and of held forms that have; until then a form finds its way."""
    over = select(SESSION.c.session).where(
        SESSION.c.kind == terms.kind, SESSION.c.expires_at < timestamp(now - KEPT_OVER)
    )
    conn.execute(delete(SPENT_SECRET).where(SPENT_SECRET.c.session.in_(over)))
    conn.execute(delete(SESSION).where(SESSION.c.session.in_(over)))
    conn.execute(delete(HELD_FORM).where(HELD_FORM.c.expires_at < timestamp(now)))


@dataclass(frozen=True, slots=True)
class _Row:
    session: str
    secret: str
    next: str | None
    holder: bytes
    seen_at: str
    expires_at: str
    proved_at: str
    rotated_at: str


def _query(terms: Terms) -> Select[Any]:
    c = SESSION.c
    return select(
        c.session, c.secret, c.next, c.holder, c.seen_at, c.expires_at, c.proved_at, c.rotated_at
    ).where(c.kind == terms.kind)  # fmt: skip


def _of_spent(platform: Platform, terms: Terms, row: str, now: datetime) -> _Row:
    """Return the session that had a secret before, if requests with it may still be on their way."""
    c, s = SPENT_SECRET.c, SESSION.c
    spent = platform.door.lookup(select(c.session, c.stops_at, c.spent_at).where(c.secret == row))
    found = platform.door.lookup(_query(terms).where(s.session == spent[0][0])) if spent else []
    if not found:
        raise signed_out()
    _, stops_at, spent_at = spent[0]
    if timestamp(now) < stops_at:
        return _Row(*found[0])
    if timestamp(now - UNDERWAY) < spent_at:
        raise signed_out()
    session = _Row(*found[0])
    raise Replayed(session.session, open_holder(platform.vault, session.session, bytes(session.holder)) or "")


def _rotated(platform: Platform, session: _Row, row: str, now: datetime) -> str:
    """Return the secret that the browser is to be given, empty when it keeps what it has."""
    c, at = SESSION.c, timestamp(now)
    if row == session.next:  # it has come back with the next one: the old one stops
        mine = update(SESSION).where(c.session == session.session, c.next == row, c.secret == session.secret)
        spent = [session.secret, session.session, timestamp(now + UNDERWAY), at]
        then = insert(SPENT_SECRET).values(dict(zip(SPENT_SECRET.c.keys(), spent, strict=True)))
        platform.door.keep(mine.values(secret=row, next=None, rotated_at=at, seen_at=at), then)
        return ""
    if session.rotated_at > timestamp(now - (UNDERWAY if session.next else ROTATES)):
        return ""
    cookie = secrets.token_urlsafe(32)
    mine = update(SESSION).where(c.session == session.session, c.secret == row, c.rotated_at == session.rotated_at)
    given = platform.door.keep(mine.values(next=secret_hash(cookie), rotated_at=at, seen_at=at))
    return cookie if given else ""


def _named(conn: Connection, terms: Terms, cookie: str) -> _Row | None:
    row, c = secret_hash(cookie), SESSION.c
    found = conn.execute(_query(terms).where(or_(c.secret == row, c.next == row))).one_or_none() if cookie else None
    return _Row(*found) if found else None


def _opened(vault: Vault, row: _Row) -> Session | None:
    holder = open_holder(vault, row.session, bytes(row.holder))
    if holder is None:
        return None
    return Session(row.session, holder, form_secret(vault, row.session), datetime.fromisoformat(row.proved_at))
