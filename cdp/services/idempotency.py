"""A request that is sent twice is done once: what became of a request, under the key that the caller gave it.

`Idempotency-Key` as in draft-ietf-httpapi-idempotency-key-header: the same key with another request is refused, while
the first is under way so is the second, and afterwards the second gets the first one's answer. INVARIANT: keys and
requests are kept only as keyed digests; what was asked of whom cannot be read from them.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, text

from audit.entries import Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused, Unavailable
from cdp.store.platform import IDEMPOTENCY
from cdp.vault.vault import Vault

MAX_KEY: Final = 255
KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Once:
    """A request under its key, both digested."""

    principal: str
    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request."""

    status: int
    etag: str = ""


def once(vault: Vault, principal: Principal, key: str, request: bytes) -> Once:
    """Return a request under its key.

    Raises:
        BadInput: `idempotency_key_missing`, `bad_idempotency_key`.
    """
    if not key:
        hint = "send `Idempotency-Key` with a new random value for each change, and the same value when you repeat it"
        raise BadInput("idempotency_key_missing", "a change needs a key of its own", path="Idempotency-Key", hint=hint)
    if len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        message = f"a key is at most {MAX_KEY} printable characters"
        raise BadInput("bad_idempotency_key", message, path="Idempotency-Key")
    secret = vault.platform_key("idempotency")

    def digest(data: bytes) -> str:
        return hashlib.blake2b(data, key=secret, digest_size=32, person=b"cdp/once").hexdigest()

    return Once(principal.name, digest(b"key\0" + key.encode()), digest(b"request\0" + request))


def recall(platform: Platform, asked: Once) -> Outcome | None:
    """Return what became of this request, None if it was not done yet.

    Raises:
        Refused: `idempotency_mismatch`.
    """
    for request, status, etag in platform.door.lookup(_of(asked)):
        if request != asked.request:
            message = "the key was used for another request"
            raise Refused("idempotency_mismatch", message, path="Idempotency-Key", hint="take a new key")
        return Outcome(status, etag)
    return None


def begin(conn: Connection, asked: Once) -> None:
    """Keep others from doing the same request until this transaction ends.

    On SQLite they wait anyway, since one writes at a time.

    Raises:
        Refused: `in_flight`.
        Unavailable: `store_conflict`, when a twin has ended since `recall` was asked, which then knows of it.
    """
    if conn.dialect.name == "postgresql":
        number = int(asked.key[:15], 16)
        if not conn.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}).scalar_one():
            raise in_flight()
    if conn.execute(_of(asked)).first() is not None:
        raise Unavailable("store_conflict", "the same request was done just now", hint="ask again")


def remember(conn: Connection, asked: Once, outcome: Outcome) -> None:
    """Write down what became of it, in the transaction that did it; what is older than a day goes."""
    c = IDEMPOTENCY.c
    conn.execute(delete(IDEMPOTENCY).where(c.created_at <= bindparam("oldest")), {"oldest": _oldest()})
    row = {
        "principal": asked.principal, "key": asked.key, "request": asked.request, "status": outcome.status,
        "etag": outcome.etag, "created_at": timestamp(),
    }  # fmt: skip
    conn.execute(insert(IDEMPOTENCY), row)


def in_flight() -> Refused:
    """Return what a request is answered whose twin is under way."""
    message = "the same request is being done just now"
    return Refused("in_flight", message, path="Idempotency-Key", hint="ask again in a moment")


class Doing:
    """Which requests this process is doing."""

    def __init__(self) -> None:
        self._now: set[tuple[str, str]] = set()

    @contextmanager
    def hold(self, asked: Once) -> Iterator[None]:
        """Keep a second request with the same key out of this process meanwhile.

        Raises:
            Refused: `in_flight`.
        """
        mine = (asked.principal, asked.key)
        if mine in self._now:
            raise in_flight()
        self._now.add(mine)  # a set's own steps are atomic; two threads in the gap meet in the database
        try:
            yield
        finally:
            self._now.discard(mine)


def _of(asked: Once) -> Select[Any]:
    c = IDEMPOTENCY.c
    mine = select(c.request, c.status, c.etag).where(c.principal == asked.principal, c.key == asked.key)
    return mine.where(c.created_at > _oldest())


def _oldest() -> str:
    return timestamp(datetime.now(UTC) - KEPT)
