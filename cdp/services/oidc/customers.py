"""Whom of the customers a provider speaks of.

INVARIANT: nobody is let in but by a verified identifier of hers that the provider has verified, too. Once that was so,
the subject of the issuer is hers: a later change of address at the provider, or a new owner of the old one, moves
nothing (OpenID Connect Core 1.0 section 5.7).
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, select, update

from audit.entries import HERSELF, Entry, timestamp
from cdp.bootstrap import Platform
from cdp.erasure.register import survivor_of
from cdp.errors import NotFound, Refused
from cdp.services.customers import find_customer
from cdp.services.oidc.journeys import subject_token
from cdp.services.oidc.tokens import Told
from cdp.services.sign_in.keeping import FRESH, Session
from cdp.services.sign_in.sessions import Proof, let_in
from cdp.store.bulk import insert_rows
from cdp.store.lookup import find_by_tokens
from cdp.store.sign_in import OIDC_CUSTOMER
from cdp.terms import CUSTOMER

_C: Final = OIDC_CUSTOMER.c


def open_told(platform: Platform, told: Told, *, device: str = "", cookie: str = "") -> Session:
    """Begin a session for the customer of whom a provider speaks; or, where she is signed in, prove anew who she is.

    Raises:
        Refused: `oidc_nobody`: it is nobody of ours, or by nothing that was verified.
    """
    in_force, now, subject = platform.in_force(), datetime.now(UTC), subject_token(platform, told)
    with platform.door.record(Entry("change", "sign_in", HERSELF, in_force.versions)) as change:
        linked = _linked(change.conn, subject)
        customer_id = survivor_of(change.conn, linked) if linked else _named(change.conn, platform, told)
        try:
            found = find_customer(change.conn, in_force, platform.vault, customer_id)
        except NotFound:
            raise _nobody() from None
        change.subjects.append(found.ordinal)
        if linked:  # it stays hers who became part of another, for when that is undone
            seen = update(OIDC_CUSTOMER).where(_C.subject == subject)
            change.conn.execute(seen.values(linked_at=timestamp(now)))
        else:
            insert_rows(change.conn, OIDC_CUSTOMER, [[found.customer_id, subject, timestamp(now)]])
        proof = Proof("oidc", device, cookie, told.proved_at or now - FRESH)
        return let_in(change.conn, platform, found.customer_id, proof, now)


def _linked(conn: Connection, subject: str) -> str:
    return conn.execute(select(_C.customer_id).where(_C.subject == subject)).scalar_one_or_none() or ""


def _named(conn: Connection, platform: Platform, told: Told) -> str:
    settings = platform.settings
    text = told.verified(settings.oidc_claim)
    token = platform.vault.blind.token(CUSTOMER, settings.oidc_kind, text) if text else None
    if token is None:
        raise _nobody()
    found = find_by_tokens(conn, CUSTOMER, settings.oidc_kind, [token.hex()]).get(token.hex())
    if found is None:
        raise _nobody()
    return found.customer_id


def _nobody() -> Refused:
    return Refused("oidc_nobody", "the sign-in service names nobody who is a customer here")
