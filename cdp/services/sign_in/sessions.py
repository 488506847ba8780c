"""Which customer is signed in, where else, and how she signs out.

A session ends after half an hour without use, after twelve hours whatever happens, and when she says so, here or
everywhere. What cannot be taken back (export, erasure) asks that the proof be recent: `Session.is_fresh`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from audit.entries import HERSELF, Entry, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.sign_in import keeping
from cdp.services.sign_in.holders import bearer
from cdp.services.sign_in.keeping import Replayed, Session, Terms, signed_out
from cdp.store.lookup import find_ordinals
from cdp.store.sign_in import SESSION

IDLE: Final = timedelta(minutes=30)
LASTS: Final = timedelta(hours=12)
CUSTOMERS: Final = Terms("customer", IDLE, LASTS, seen_every=timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer is signed in."""

    session: str
    device: str
    proved_by: str
    created_at: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody has just proved who she is.

    Attributes:
        by: `link`, `passkey` or `oidc`.
        device: what she uses, as one of a few words.
        cookie: what her browser held before; a session of hers goes on under a new secret, another one ends.
        at: when she proved it, if not just now.
    """

    by: str
    device: str = ""
    cookie: str = ""
    at: datetime | None = None


def find_session(platform: Platform, cookie: str) -> Session:
    """Return the session of a cookie.

    Raises:
        Unauthenticated: `signed_out`; a copied secret ends the session for all who have one.
    """
    try:
        return keeping.find(platform, CUSTOMERS, cookie, datetime.now(UTC))
    except Replayed as replayed:
        in_force = platform.in_force()
        with platform.door.record(Entry("change", "session_copied", HERSELF, in_force.versions)) as change:
            change.subjects += find_ordinals(change.conn, in_force.catalogue, [replayed.holder])
            keeping.end(change.conn, SESSION.c.session == replayed.session)
        raise signed_out() from None


def let_in(conn: Connection, platform: Platform, customer_id: str, proof: Proof, now: datetime) -> Session:
    """Begin a session for who has proved who she is, or go on with the one she has, in the caller's transaction."""
    before = keeping.holds(conn, platform.vault, CUSTOMERS, proof.cookie, now)
    if before is not None and before.holder == customer_id:
        at = max(before.proved_at, proof.at or now)
        return keeping.prove(conn, before, now=now, proved_by=proof.by, proved_at=at)
    if before is not None:
        keeping.end(conn, SESSION.c.session == before.session)
    keeping.forget(conn, CUSTOMERS, now)
    return keeping.begin(
        conn, platform.vault, CUSTOMERS, customer_id, now=now, proved_by=proof.by, device=proof.device,
        proved_at=proof.at or now,
    )  # fmt: skip


def list_places(platform: Platform, session: Session) -> list[Place]:
    """Return where she is signed in, the place used last first."""
    c, now = SESSION.c, datetime.now(UTC)
    mine = select(c.session, c.device, c.proved_by, c.created_at, c.seen_at).where(
        c.bearer == bearer(platform.vault, session.holder), c.kind == CUSTOMERS.kind,
        c.expires_at > timestamp(now), c.seen_at > timestamp(now - IDLE),
    )  # fmt: skip
    return [Place(*row) for row in platform.door.lookup(mine.order_by(c.seen_at.desc(), c.session))]


def end_sessions(platform: Platform, session: Session, *, everywhere: bool) -> None:
    """Sign out: here, or wherever she is signed in."""
    in_force, c = platform.in_force(), SESSION.c
    mine = (c.bearer == bearer(platform.vault, session.holder), c.kind == CUSTOMERS.kind)
    with platform.door.record(_signing_out(in_force)) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [session.holder])
        keeping.end(change.conn, *mine, *(() if everywhere else (c.session == session.session,)))


def end_place(platform: Platform, session: Session, which: str) -> None:
    """Sign out in another place of hers.

    Raises:
        NotFound: `unknown_session`: there is none, or it is somebody else's.
    """
    in_force, c = platform.in_force(), SESSION.c
    mine = (c.bearer == bearer(platform.vault, session.holder), c.kind == CUSTOMERS.kind, c.session == which)
    with platform.door.record(_signing_out(in_force)) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [session.holder])
        if not keeping.end(change.conn, *mine):
            raise NotFound("unknown_session", "there is no such session")


def _signing_out(in_force: InForce) -> Entry:
    return Entry("change", "sign_out", HERSELF, in_force.versions)
