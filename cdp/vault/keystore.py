"""The key store: one random key per customer, and the platform's own keys by name.

Design section 5; layout of what is stored in `cdp.vault.wrapping`. A customer's key is never kept from one call to the
next, so that an erasure by another process holds at once.

INVARIANT: a key that was given out is on disk.
INVARIANT: once `destroy` has returned, no call that begins after it gives the key, in any process.
"""

import os
from collections.abc import Callable, Iterable
from typing import Final, Self, TypeVar

from sqlalchemy import Connection, select

from cdp.database.database import Database
from cdp.database.faults import KEYS, fault as database_fault
from cdp.errors import CdpError, Unavailable
from cdp.vault import statements
from cdp.vault.faults import fault
from cdp.vault.kek import KeyEncryption
from cdp.vault.statements import CustomerKey
from cdp.vault.tables import PLATFORM_KEY, WRAPPING_KEY
from cdp.vault.wrapping import KEY_BYTES, WrappingKeys, customer, platform
from migrations import runner

T = TypeVar("T")

FOLDER: Final = "keys"
"""The folder of the key store's migrations."""

BLIND_INDEX: Final = "blind_index"
NOTES: Final = "notes"
FINGERPRINT: Final = "fingerprint"
SUPPRESSION: Final = "suppression"
FOUNDING: Final = (BLIND_INDEX, NOTES, FINGERPRINT)
"""Platform keys that are made with the key store. If one is gone, that is damage: a second one would fit nothing."""

EARLY: Final = (SUPPRESSION,)
"""Platform keys that came later, and are made when a key store is made or upgraded: were one made at its first use, a
backup from before that would get another one, which knows nobody."""

# What a process meets that read the rows of a key just before a rotation ended, or another store than before.
_STALE: Final = ("key_retired", "kek_unknown", "key_damaged")


class KeyStore:
    """All keys below the key-encryption key. Made by `open` or `create`; safe to use from several threads."""

    def __init__(self, database: Database, kek: KeyEncryption) -> None:
        self.database = database
        self.kek = kek
        self.wrapping = WrappingKeys(kek)
        self._platform: dict[str, bytes] = {}

    @classmethod
    def open(cls, url: str, kek: KeyEncryption) -> Self:
        """The key store that is there, once its version and its key-encryption key have proved right.

        Raises:
            Unavailable: `keystore_…`, `database_older`, `database_newer`, `kek_…`, `key_damaged`.
        """
        store = cls(Database.open(url, KEYS), kek)

        def prove(connection: Connection) -> None:
            if runner.state(connection, FOLDER) is runner.State.EMPTY:
                raise database_fault(KEYS, "missing", store.database.where)
            runner.check(connection, FOLDER)
            store.wrapping.newest(connection)

        try:
            store.database.read(prove)
        except CdpError:
            store.close()
            raise
        return store

    @classmethod
    def create(cls, url: str, kek: KeyEncryption) -> Self:
        """As `open`, after making what is not there yet and upgrading what is older."""
        store = cls(Database.create(url, KEYS), kek)

        def make(connection: Connection) -> None:
            runner.upgrade(connection, FOLDER)
            if connection.execute(select(WRAPPING_KEY.c.version).limit(1)).one_or_none() is None:
                store.wrapping.add(connection, version=1)
                for name in FOUNDING:
                    store._make(connection, name)
            for name in EARLY:
                store._make(connection, name)

        try:
            store.database.write(make)
        finally:
            store.close()
        return cls.open(url, kek)

    @classmethod
    def exists(cls, url: str) -> bool:
        """Whether a key store has been made there, under whatever key-encryption key."""
        try:
            database = Database.open(url, KEYS)
        except Unavailable as error:
            if error.code == "keystore_missing":
                return False
            raise
        try:
            return database.read(lambda connection: runner.state(connection, FOLDER)) is not runner.State.EMPTY
        finally:
            database.close()

    def new_keys(self, customer_ids: Iterable[str]) -> dict[str, bytes]:
        """A key for each customer: the one that she has, or else a new one. All are on disk when this returns.

        For customers most of whom have one, ask `keys` first: this makes and wraps one for each before it looks. A
        customer whose key is destroyed at this very moment may be absent.
        """
        ids = sorted(set(customer_ids))  # sorted, so that two processes with the same customers cannot deadlock

        def work(connection: Connection) -> dict[str, bytes]:
            wrapping = self.wrapping.newest(connection)
            keys = {customer_id: os.urandom(KEY_BYTES) for customer_id in ids}
            wrapped = {customer_id: wrapping.wrap(customer(customer_id), key) for customer_id, key in keys.items()}
            if statements.add(connection, wrapping.version, wrapped) == len(ids):
                return keys
            return self._unwrap(connection, statements.fetch(connection, ids))

        return self._with_wrapping(self.database.write, work) if ids else {}

    def keys(self, customer_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys of those customers who have one; the others were erased, or never known."""
        ids = list(customer_ids)

        def work(connection: Connection) -> dict[str, bytes]:
            return self._unwrap(connection, statements.fetch(connection, ids))

        return self._with_wrapping(self.database.read, work) if ids else {}

    def destroy(self, customer_ids: Iterable[str]) -> None:
        """Destroys the keys of these customers. May be run again, and is to be if it raised.

        PostgreSQL keeps dead rows until it vacuums, and its write-ahead log longer; both hold keys wrapped only, and
        cannot be read any more after the next rotation.

        Raises:
            Unavailable: `keystore_locked` when the keys are destroyed but a reader keeps SQLite's write-ahead log in
                use, where they still lie wrapped.
        """
        ids = sorted(set(customer_ids))
        self.database.write(lambda connection: statements.remove(connection, ids))
        self.database.truncate_log()

    def platform_key(self, name: str) -> bytes:
        """The platform's key of this name, made at first use; the same ever after, for every process.

        Raises:
            Unavailable: `key_missing` for one that was made with the key store and is gone.
        """
        if name not in self._platform:
            key = self._with_wrapping(self.database.read, lambda connection: self._find(connection, name))
            if key is None and name in FOUNDING:
                raise fault("key_missing", "platform_key")
            self._platform[name] = key or self._with_wrapping(self.database.write, lambda c: self._make(c, name))
        return self._platform[name]

    def close(self) -> None:
        """Closes the connections and lets go of the keys."""
        self.wrapping.forget()
        self._platform.clear()
        self.database.close()

    def _find(self, connection: Connection, name: str) -> bytes | None:
        newest = select(PLATFORM_KEY).where(PLATFORM_KEY.c.name == name).order_by(PLATFORM_KEY.c.version.desc())
        row = connection.execute(newest.limit(1)).one_or_none()
        if row is None:
            return None
        return self.wrapping.get(connection, row.wrapping_version).unwrap(platform(name, row.version), row.wrapped)

    def _make(self, connection: Connection, name: str) -> bytes:
        """The key, made unless another process was first: of two that insert the row, one waits and then finds it."""
        wrapping = self.wrapping.newest(connection)
        row = {
            "name": name,
            "version": 1,
            "wrapping_version": wrapping.version,
            "wrapped": wrapping.wrap(platform(name, 1), os.urandom(KEY_BYTES)),
        }
        statements.add_platform(connection, row)
        key = self._find(connection, name)
        if key is None:
            raise fault("key_damaged", "platform_key")
        return key

    def _unwrap(self, connection: Connection, rows: list[CustomerKey]) -> dict[str, bytes]:
        versions = {row.wrapping_version for row in rows}
        wrapping = {version: self.wrapping.get(connection, version) for version in versions}
        return {
            customer_id: wrapping[version].unwrap(customer(customer_id), wrapped)
            for customer_id, version, wrapped in rows
        }

    def _with_wrapping(self, run: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]) -> T:
        """Runs the work, and again from the start if it met a rotation on its way."""
        for _ in range(2):
            try:
                return run(work)
            except Unavailable as error:
                if error.code not in _STALE:
                    raise
                self.wrapping.forget()
        return run(work)
