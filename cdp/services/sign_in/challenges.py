"""Challenges that a passkey signs: random, used up by the first answer, short-lived, bound to the browser that asked.

W3C Web Authentication Level 3, section 13.4.3. A challenge is used up whether the answer is good or not.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.sign_in.ceremony import challenge_of, invalid
from cdp.services.sign_in.holders import secret_hash
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import CHALLENGE

LASTS: Final = timedelta(minutes=5)
BYTES: Final = 32
ADD: Final = "add"
ENTER: Final = "enter"
STAFF_ADD: Final = "staff_add"
STAFF_ENTER: Final = "staff_enter"


def ask_challenge(platform: Platform, browser: str, use: str) -> bytes:
    """Make a challenge for a browser, which keeps the secret `browser`, and for one use."""
    challenge, now = secrets.token_bytes(BYTES), datetime.now(UTC)
    row = [_hash(challenge), secret_hash(browser), use, timestamp(now + LASTS)]

    def work(conn: Connection) -> None:
        conn.execute(delete(CHALLENGE).where(CHALLENGE.c.expires_at < timestamp(now)))
        insert_rows(conn, CHALLENGE, [row])

    platform.door.take_in(work)
    return challenge


def use_up(platform: Platform, answer: str, browser: str, use: str) -> bytes:
    """Use up the challenge that an answer says it is for, and return it.

    Raises:
        Refused: `passkey_invalid`: it was none of this browser for this use, or was used, or ran out.
    """
    challenge, c = challenge_of(answer), CHALLENGE.c
    mine = (c.challenge == _hash(challenge), c.browser == secret_hash(browser), c.use == use)
    statement = delete(CHALLENGE).where(*mine, c.expires_at > timestamp())
    if platform.door.take_in(lambda conn: conn.execute(statement).rowcount) != 1:
        raise invalid()
    return challenge


def _hash(challenge: bytes) -> str:
    return sha256(challenge).hexdigest()
