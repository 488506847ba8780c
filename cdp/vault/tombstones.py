"""Tombstones: who was erased, kept where the keys were, so that no copy of the data outlives it unseen.

Design section 10, invariant 6. A backup of the data knows nothing of what was erased after it was made; the key store
does, and a store that is opened is held to it (`cdp.erasure.replay`).
"""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from cdp.database.database import Database
from cdp.vault.suppression import ERASED, add_suppressed
from cdp.vault.tables import CUSTOMER_KEY, REFUSAL, TOMBSTONE

_T: Final = TOMBSTONE.c


class Tombstone(NamedTuple):
    """One person who was erased."""

    number: int
    customer_id: str


class Tombstones:
    """The tombstones of one key store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bury(self, customer_id: str, suppressed: Iterable[str], *, at: str) -> int:
        """Destroy a customer's key for good, and keep that and by which tokens she is not taken in again.

        What she refused goes with it.

        May be run again, and is to be if it raised. Numbers have no gaps: the newest one says how many there are.
        """
        tokens = sorted(set(suppressed))

        def work(connection: Connection) -> int:
            _lock(connection)
            for table in (CUSTOMER_KEY, REFUSAL):
                connection.execute(delete(table).where(table.c.customer_id == customer_id))
            add_suppressed(connection, tokens, cause=ERASED, at=at)
            known = connection.execute(select(_T.number).where(_T.customer_id == customer_id)).scalar_one_or_none()
            if known is not None:
                return int(known)
            number = _newest(connection) + 1
            connection.execute(insert(TOMBSTONE).values(number=number, customer_id=customer_id, erased_at=at))
            return number

        return self._database.write(work)

    def clean_up(self) -> None:
        """Have what was deleted leave SQLite's write-ahead log, where a destroyed key still lies wrapped.

        Raises:
            Unavailable: `keystore_locked` when a reader keeps it in use.
        """
        self._database.truncate_log()

    def newest(self) -> int:
        """Return the number of the newest tombstone, 0 when there is none."""
        return self._database.read(_newest)

    def after(self, number: int, *, limit: int) -> list[Tombstone]:
        """Return the next tombstones after this number, in their order."""
        wanted = select(_T.number, _T.customer_id).where(_T.number > number).order_by(_T.number).limit(limit)
        return self._database.read(lambda connection: [Tombstone(*row) for row in connection.execute(wanted)])

    def of(self, customer_ids: Collection[str]) -> frozenset[str]:
        """Return which of these, a few, were erased."""
        wanted = select(_T.customer_id).where(_T.customer_id.in_(sorted(customer_ids)))
        return self._database.read(lambda connection: frozenset(connection.execute(wanted).scalars()))


def _newest(connection: Connection) -> int:
    return int(connection.execute(select(func.max(_T.number))).scalar_one() or 0)


def _lock(connection: Connection) -> None:
    """Let one after the other take the next number; on SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE tombstone IN SHARE ROW EXCLUSIVE MODE")
