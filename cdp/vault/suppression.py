"""Suppression: identifiers that are not taken in again, kept as tokens from which nobody learns an identifier.

Keyed BLAKE2b (RFC 7693) over a blind token (`cdp.vault.blind`), under a platform key of its own:

    BLAKE2b-128(key, person = "cdp/suppress/1", kind in UTF-8 ‖ "|" ‖ blind token in hex)

So what is suppressed cannot be joined with the blind index of any copy of the data but by whoever has the key. The
tokens lie in the key store: a backup of the data that is restored cannot forget them.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

import orjson
from sqlalchemy import JSON, Connection, Text, bindparam, cast, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from cdp.database.database import Database
from cdp.vault.tables import SUPPRESSED

ERASED: Final = "erased"
ASKED: Final = "suppressed"
"""Why an identifier is suppressed: its bearer was erased, or somebody asked for it."""

Identifier = tuple[str, str]
"""A kind and a blind token of the customer's identifiers, in hex."""

_PERSON: Final = b"cdp/suppress/1"
_DIGEST_BYTES: Final = 16
_S: Final = SUPPRESSED.c


class Suppression:
    """What one key store knows of identifiers that are not taken in again.

    Args:
        key: gives the platform key; asked for at first use.
    """

    def __init__(self, database: Database, key: Callable[[], bytes]) -> None:
        self._database = database
        self._key = key

    def token(self, identifier: Identifier) -> str:
        """Return the token of an identifier."""
        return next(iter(self._tokens((identifier,))))

    def _tokens(self, identifiers: Iterable[Identifier]) -> dict[str, Identifier]:
        """Return identifiers by their tokens; the keyed context is made once and copied."""
        context, found = hashlib.blake2b(key=self._key(), digest_size=_DIGEST_BYTES, person=_PERSON), {}
        for identifier in identifiers:
            made = context.copy()
            made.update("|".join(identifier).encode())
            found[made.hexdigest()] = identifier
        return found

    def refused(self, identifiers: Collection[Identifier]) -> frozenset[Identifier]:
        """Return which of these identifiers must not be taken in: the one question that every entry asks.

        INVARIANT: to be asked after it was looked up who bears them. Whoever is being erased is suppressed before her
        rows go, so an entry either still finds her, without a key, or finds this.
        """
        by_token = self._tokens(identifiers)
        if not by_token:
            return frozenset()
        held = self._database.read(lambda connection: _held(connection, sorted(by_token)))
        return frozenset(by_token[token] for token in held)

    def erased(self, identifiers: Collection[Identifier]) -> frozenset[Identifier]:
        """Return which of these identifiers somebody bore who was erased."""
        by_token = self._tokens(identifiers)
        if not by_token:
            return frozenset()
        held = self._database.read(lambda connection: _held(connection, sorted(by_token), cause=ERASED))
        return frozenset(by_token[token] for token in held)

    def suppress(self, identifiers: Iterable[Identifier], *, at: str) -> None:
        """Have these identifiers refused from now on, at every entry of every process."""
        tokens = sorted(self._tokens(identifiers))
        self._database.write(lambda connection: add_suppressed(connection, tokens, cause=ASKED, at=at))

    def lift(self, identifiers: Iterable[Identifier], *, erased: bool = False) -> int:
        """Take these identifiers in again; return how many were suppressed.

        Args:
            erased: also those of people who were erased; only on their own word.
        """
        tokens = sorted(self._tokens(identifiers))
        causes = (ASKED, ERASED) if erased else (ASKED,)
        mine = delete(SUPPRESSED).where(_S.token.in_(tokens), _S.cause.in_(causes))
        return self._database.write(lambda connection: connection.execute(mine).rowcount)

    def count(self) -> dict[str, int]:
        """Return how many identifiers are suppressed, by cause."""
        wanted = select(_S.cause, func.count()).group_by(_S.cause).order_by(_S.cause)
        return self._database.read(lambda c: {cause: int(number) for cause, number in c.execute(wanted)})


def add_suppressed(connection: Connection, tokens: Sequence[str], *, cause: str, at: str) -> None:
    """Add tokens within the caller's transaction; of two causes the erasure counts."""
    if not tokens:
        return
    add = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = add(SUPPRESSED).values(token=bindparam("token"), cause=bindparam("cause"), since=bindparam("since"))
    if cause == ERASED:
        row = row.on_conflict_do_update(index_elements=[_S.token], set_={"cause": ERASED})
    else:
        row = row.on_conflict_do_nothing(index_elements=[_S.token])
    connection.execute(row, [{"token": token, "cause": cause, "since": at} for token in tokens])


def _held(connection: Connection, tokens: list[str], *, cause: str = "") -> list[str]:
    given = bindparam("tokens", type_=Text)
    on_postgresql = connection.dialect.name == "postgresql"
    array = func.json_array_elements_text(cast(given, JSON)) if on_postgresql else func.json_each(given)
    one = _S.token.in_(select(array.table_valued("value", name="given").c.value))
    wanted = select(_S.token).where(one, _S.cause == cause) if cause else select(_S.token).where(one)
    return list(connection.execute(wanted, {"tokens": orjson.dumps(tokens).decode()}).scalars())
