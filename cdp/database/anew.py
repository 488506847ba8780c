"""PostgreSQL: connections that are opened anew, once the statements that they have prepared are refused.

A server prepares a statement for its connection and refuses it after a column has changed its type. Closing the whole
pool would leave behind those that are in use, to be closed by nobody; so each is looked at when it is next taken.
"""

from typing import Final

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_AGE: Final = "age"


class Anew:
    """Has the connections of a pool opened anew."""

    def __init__(self, engine: Engine) -> None:
        self._age = 0
        event.listen(engine, "connect", self._opened)
        event.listen(engine, "checkout", self._taken)

    def ask(self) -> None:
        """Have every connection that is open by now be closed when it is next taken, and another take its place."""
        self._age += 1

    def _opened(self, _raw: psycopg.Connection, record: ConnectionPoolEntry) -> None:
        record.info[_AGE] = self._age

    def _taken(self, _raw: psycopg.Connection, record: ConnectionPoolEntry, _connection: PoolProxiedConnection) -> None:
        if record.info[_AGE] != self._age:
            raise DisconnectionError
