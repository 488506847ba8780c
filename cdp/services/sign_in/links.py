"""Sign-in links: single-use, short-lived, bound to the browser that asked, and the same for addresses nobody has.

Attacks, "Authority": unguessable; consumed by POST, since mail scanners follow GET; the same answer and the same work
for unknown addresses; bound to the request, so that a link which somebody else asked for signs nobody in. The letter is
queued with the link (`post`), whether there is anybody to send it to or not.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update

from audit.entries import HERSELF, Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.services.canaries.heard import hear
from cdp.services.customers import find_customer
from cdp.services.letters.write import Letter
from cdp.services.sign_in.holders import open_holder, seal_holder, secret_hash
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.post import seal_link_letter
from cdp.services.sign_in.sessions import Proof, let_in
from cdp.store.bulk import insert_rows
from cdp.store.lookup import find_by_tokens
from cdp.store.sign_in import SIGN_IN_LINK
from cdp.terms import CUSTOMER

LASTS: Final = timedelta(minutes=20)
MOST: Final = 5
"""Links that one address may be sent within an hour; more are not, and nobody is told."""

ANY_BROWSER: Final = ""
"""Stands for the browser of a link that is bound to none; only the demo makes such, for people who do not exist."""

PORTAL: Final = Principal("service:portal")


Write = Callable[[str], Letter]
"""Writes the letter with the secret of a link."""


def ask_link(platform: Platform, address: str, *, kind: str, browser: str, write: Write) -> None:
    """Make a link, and queue the letter with it: to be sent if somebody has the address, and else to be forgotten.

    Args:
        kind: the kind of identifier that the address is, as `email`.
        browser: the secret that the asking browser keeps.
    """
    in_force = platform.in_force()
    secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
    token = platform.vault.blind.token(CUSTOMER, kind, address)
    asked = token.hex() if token else "none"
    with platform.door.record(Entry("change", "ask_sign_in", PORTAL, in_force.versions)) as change:
        # INVARIANT: only a verified address counts. A claim is anybody's word: who writes his own address into
        # somebody else's profile would be let into it.
        found = find_by_tokens(change.conn, CUSTOMER, kind, [asked]).get(asked)
        customer_id = found.customer_id if found else None
        hear(change, platform.vault, {(kind, asked)})
        row, c = secret_hash(secret), SIGN_IN_LINK.c
        since = timestamp(now - timedelta(hours=1))
        before = change.conn.execute(
            select(func.count()).select_from(SIGN_IN_LINK).where(c.asked == asked, c.created_at > since)
        ).scalar_one()
        change.conn.execute(delete(SIGN_IN_LINK).where(c.expires_at < since))
        holder = seal_holder(platform.vault, row, customer_id)
        goes = customer_id is not None and before < MOST
        letter = seal_link_letter(platform.vault, row, address, write(secret), customer_id=customer_id, goes=goes)
        times = [timestamp(now), timestamp(now + LASTS), None]
        line = [row, secret_hash(browser), holder, asked, *times, letter, timestamp(now)]
        insert_rows(change.conn, SIGN_IN_LINK, [line])


def open_link(platform: Platform, secret: str, *, browser: str, device: str = "", cookie: str = "") -> Session:
    """Use a link up and begin a session; or, in a browser where she is signed in, prove anew who she is.

    Args:
        browser: the secret that the asking browser keeps.
        device: what she uses, as one of a few words.
        cookie: the session that this browser holds.

    Raises:
        Refused: `link_invalid`: unknown, used, out of time, or asked for by another browser; they all look the same.
    """
    in_force, row, now = platform.in_force(), secret_hash(secret), datetime.now(UTC)
    c = SIGN_IN_LINK.c
    invalid = Refused("link_invalid", "the link has been used or has run out", hint="ask for a new one")
    with platform.door.record(Entry("change", "sign_in", HERSELF, in_force.versions)) as change:
        here = c.browser.in_([secret_hash(browser), ANY_BROWSER])
        mine = (c.link == row, here, c.used_at.is_(None), c.expires_at > timestamp(now))
        used = change.conn.execute(update(SIGN_IN_LINK).where(*mine).values(used_at=timestamp(now)))
        if used.rowcount != 1:
            raise invalid
        holder = change.conn.execute(select(c.holder).where(c.link == row)).scalar_one()
        customer_id = open_holder(platform.vault, row, bytes(holder))
        if customer_id is None:
            raise invalid
        try:
            found = find_customer(change.conn, in_force, platform.vault, customer_id)
        except NotFound:  # erased since
            raise invalid from None
        change.subjects.append(found.ordinal)
        return let_in(change.conn, platform, found.customer_id, Proof("link", device, cookie), now)
