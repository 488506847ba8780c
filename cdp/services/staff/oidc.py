"""Whom of staff the organisation's provider speaks of.

INVARIANT: an account is found by an address that the provider has verified, once; from then on by the provider's
subject. An account that has a subject is not taken over by another one with its address.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.oidc.journeys import subject_token
from cdp.services.oidc.tokens import Told
from cdp.services.sign_in.keeping import FRESH, Session
from cdp.services.sign_in.sessions import Proof
from cdp.services.staff.accounts import Account, C, account_of, accounts_query, address_token
from cdp.services.staff.sessions import let_in
from cdp.store.staff import STAFF


def open_told(platform: Platform, told: Told, *, device: str = "", cookie: str = "") -> Session:
    """Begin a session for the account of whom a provider speaks; or prove anew who one is.

    Raises:
        Refused: `oidc_nobody`, with its entry.
    """
    now, subject, versions = datetime.now(UTC), subject_token(platform, told), platform.in_force().versions
    unknown = Principal("staff:unknown")
    try:
        with platform.door.record(Entry("change", "staff_sign_in", unknown, versions, {"by": "oidc"})) as change:
            account = _account(change.conn, platform, told, subject)
            change.principal = account.principal
            values = {"subject": subject} | ({} if account.welcomed else {"welcomed_at": timestamp(now)})
            change.conn.execute(update(STAFF).where(C.staff == account.staff).values(values))
            proof = Proof("oidc", device, cookie, told.proved_at or now - FRESH)
            return let_in(change.conn, platform, account, proof, now)
    except Refused:
        platform.door.note(Entry("refusal", "staff_sign_in", unknown, versions, {"by": "oidc"}))
        raise


def _account(conn: Connection, platform: Platform, told: Told, subject: str) -> Account:
    able = accounts_query().where(C.disabled_at.is_(None)).with_for_update()
    linked = conn.execute(able.where(C.subject == subject)).one_or_none()
    address = told.verified("email")
    if linked is None and address:
        token = address_token(platform.vault, address)
        linked = conn.execute(able.where(C.address_token == token, C.subject.is_(None))).one_or_none()
    if linked is None:
        raise Refused("oidc_nobody", "the sign-in service names nobody who may act here")
    return account_of(linked)
