"""Who of staff is signed in: a quarter of an hour without use, eight hours at most; else as customers are."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.services.sign_in import keeping
from cdp.services.sign_in.holders import bearer
from cdp.services.sign_in.keeping import Replayed, Session, Terms, signed_out
from cdp.services.sign_in.sessions import Proof
from cdp.services.staff.accounts import Account, find_account
from cdp.store.sign_in import SESSION
from cdp.store.staff import STAFF

IDLE: Final = timedelta(minutes=15)
LASTS: Final = timedelta(hours=8)
TERMS: Final = Terms("staff", IDLE, LASTS, seen_every=timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of staff who is signed in."""

    account: Account
    session: Session

    @property
    def principal(self) -> Principal:
        """Return who acts."""
        return self.account.principal


def find_staff(platform: Platform, cookie: str) -> Staff:
    """Return who holds the session of a cookie.

    Raises:
        Unauthenticated: `signed_out`; also for an account that was disabled.
    """
    try:
        session = keeping.find(platform, TERMS, cookie, datetime.now(UTC))
    except Replayed as replayed:
        account = find_account(platform, replayed.holder)
        principal = account.principal if account else Principal("staff:unknown")
        with platform.door.record(Entry("change", "session_copied", principal, platform.in_force().versions)) as change:
            keeping.end(change.conn, SESSION.c.session == replayed.session)
        raise signed_out() from None
    account = find_account(platform, session.holder)
    if account is None:
        raise signed_out()
    return Staff(account, session)


def let_in(conn: Connection, platform: Platform, account: Account, proof: Proof, now: datetime) -> Session:
    """Begin a session, or go on with the one of this browser if it is hers, in the caller's transaction."""
    conn.execute(update(STAFF).where(STAFF.c.staff == account.staff).values(signed_in_at=timestamp(now)))
    before = keeping.holds(conn, platform.vault, TERMS, proof.cookie, now)
    if before is not None and before.holder == account.staff:
        at = max(before.proved_at, proof.at or now)
        return keeping.prove(conn, before, now=now, proved_by=proof.by, proved_at=at)
    if before is not None:
        keeping.end(conn, SESSION.c.session == before.session)
    keeping.forget(conn, TERMS, now)
    return keeping.begin(
        conn, platform.vault, TERMS, account.staff, now=now, proved_by=proof.by, proved_at=proof.at or now,
        device=proof.device,
    )  # fmt: skip


def end_staff(platform: Platform, staff: Staff, *, everywhere: bool) -> None:
    """Sign out: here, or wherever she is signed in."""
    mine = SESSION.c.bearer == bearer(platform.vault, staff.account.staff)
    which = () if everywhere else (SESSION.c.session == staff.session.session,)
    with platform.door.record(Entry("change", "sign_out", staff.principal, platform.in_force().versions)) as change:
        keeping.end(change.conn, mine, *which)
