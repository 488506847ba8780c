"""What somebody had typed when she had to prove first who she is: kept meanwhile, and given back.

INVARIANT: it is sealed under a secret that her browser alone holds; the database has a hash of it. So it opens for
nobody else, is gone with the cookie, and needs no key of hers that an erasure would have to destroy.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, select

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.sign_in.holders import bearer, secret_hash
from cdp.services.sign_in.keeping import Session
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import HELD_FORM

LASTS: Final = timedelta(hours=1)
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class Held:
    """A form that waits: where it was to go, and its fields."""

    path: str
    fields: dict[str, str]


def hold_form(platform: Platform, session: Session, held: Held) -> str:
    """Keep a form, in place of one that the session had before; return the secret that opens it."""
    secret, nonce, now = secrets.token_urlsafe(32), os.urandom(_NONCE), datetime.now(UTC)
    row, c = secret_hash(secret), HELD_FORM.c
    body = orjson.dumps([held.path, held.fields])
    sealed = nonce + AESGCM(_key(secret)).encrypt(nonce, body, row.encode())
    values = [row, session.session, bearer(platform.vault, session.holder), sealed, timestamp(now + LASTS)]

    def work(conn: Connection) -> None:
        conn.execute(delete(HELD_FORM).where(c.session == session.session))
        insert_rows(conn, HELD_FORM, [values])

    platform.door.take_in(work)
    return secret


def held_form(platform: Platform, session: Session, secret: str) -> Held | None:
    """Return the form that a secret opens, if it is hers; None for none, for one that ran out, and for another's."""
    row, c = secret_hash(secret), HELD_FORM.c
    mine = (c.held == row, c.bearer == bearer(platform.vault, session.holder))
    found = platform.door.lookup(select(c.sealed).where(*mine, c.expires_at > timestamp()))
    if not found:
        return None
    sealed = bytes(found[0][0])
    try:
        path, fields = orjson.loads(AESGCM(_key(secret)).decrypt(sealed[:_NONCE], sealed[_NONCE:], row.encode()))
    except InvalidTag:
        return None
    return Held(path, fields)


def _key(secret: str) -> bytes:
    return sha256(b"cdp/held/1" + secret.encode()).digest()
