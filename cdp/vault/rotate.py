"""Rotation: a new version of the key-encryption key, a new wrapping key, and every key wrapped anew under it.

Design section 5 and invariant 7. No segment is sealed anew: the customers' keys stay, only what they are wrapped in
changes. Afterwards the old version of the key-encryption key is destroyed, and with it every old copy of the key store:
its backups, and what a write-ahead log or a disk still holds of rows that were deleted or replaced.

A rotation can be killed at any point and is finished by the next call, which then begins none of its own. Where it
stands is in the key store itself:

    one wrapping key, under the current version                     none is under way
    the newest wrapping key is not under the current version        killed after step 1
    several wrapping keys                                           killed after step 2, 3, 4 or 5

Two rotations at once do no harm: they share the work, and one that fell behind finds nothing older than its version.
Neither do writers: whoever makes a key holds the row of the newest wrapping key locked until the new row is there, and
step 4 waits for that before it looks whether any key was left behind.

Step 5 cannot be taken back. A standby of the key store that has not received the new rows by then is lost as a copy, so
on PostgreSQL with standbys rotate while they are up to date, and make a backup of the key store afterwards.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, func, select, text, update

from cdp.vault.keystore import KeyStore
from cdp.vault.statements import next_batch, rewrap
from cdp.vault.tables import CUSTOMER_KEY, PLATFORM_KEY, WRAPPING_KEY
from cdp.vault.vault import Vault
from cdp.vault.wrapping import customer, platform

BATCH_ROWS: Final = 5_000

Progress = Callable[[int, int], None]
"""Called after each batch with the customers' keys done so far, and how many there are to do."""


def rotate(vault: Vault, progress: Progress = lambda _done, _total: None) -> None:
    """Rotates the keys, or finishes the rotation that was begun.

    Raises:
        Unavailable: `key_damaged` for a key that does not open; nothing is retired then, and nothing lost.
    """
    store = vault.keystore
    version = store.database.write(lambda connection: _begin(connection, store))  # steps 1 and 2
    while True:
        _rewrap_platform(store, version)
        _rewrap_customers(store, version, progress)
        if store.database.write(lambda connection: _retire(connection, version)):
            break
    store.database.write(lambda connection: _destroy_old(connection, store))  # steps 5 and 6


def _begin(connection: Connection, store: KeyStore) -> int:
    """The version of the wrapping key to wrap everything under: a new one, or that of the rotation under way."""
    _lock(connection, store)
    rows = connection.execute(select(WRAPPING_KEY).order_by(WRAPPING_KEY.c.version)).all()
    newest = rows[-1]
    is_under_way = len(rows) > 1 or newest.kek_id != store.kek.current
    if not is_under_way:
        store.kek.rotate()  # 1
    if not is_under_way or newest.kek_id != store.kek.current:
        store.wrapping.add(connection, newest.version + 1)  # 2, with the commit
        return int(newest.version) + 1
    return int(newest.version)


def _rewrap_platform(store: KeyStore, version: int) -> None:
    """Step 3, first half: the platform's keys, few enough for one transaction."""

    def work(connection: Connection) -> None:
        query = select(PLATFORM_KEY).where(PLATFORM_KEY.c.wrapping_version < version).with_for_update()
        for row in connection.execute(query.order_by(PLATFORM_KEY.c.name, PLATFORM_KEY.c.version)).all():
            owner = platform(row.name, row.version)
            key = store.wrapping.get(connection, row.wrapping_version).unwrap(owner, row.wrapped)
            wrapped = store.wrapping.get(connection, version).wrap(owner, key)
            connection.execute(
                update(PLATFORM_KEY)
                .where(PLATFORM_KEY.c.name == row.name, PLATFORM_KEY.c.version == row.version)
                .values(wrapping_version=version, wrapped=wrapped)
            )

    store.database.write(work)


def _rewrap_customers(store: KeyStore, version: int, progress: Progress) -> None:
    """Step 3, second half: the customers' keys, a transaction for each batch, in the order of their ids."""
    left = select(func.count()).where(CUSTOMER_KEY.c.wrapping_version < version)
    total = store.database.read(lambda connection: connection.execute(left).scalar_one())
    done, start = 0, ""

    def work(connection: Connection) -> list[str]:
        rows = next_batch(connection, version=version, start=start, rows=BATCH_ROWS)
        wrapped = {}
        for row in rows:
            owner = customer(row.customer_id)
            key = store.wrapping.get(connection, row.wrapping_version).unwrap(owner, row.wrapped)
            wrapped[row.customer_id] = store.wrapping.get(connection, version).wrap(owner, key)
        if wrapped:
            rewrap(connection, version, wrapped)
        return list(wrapped)

    while batch := store.database.write(work):
        done, start = done + len(batch), batch[-1]  # the last one is done: beginning there only saves looking back
        progress(done, max(done, total))


def _retire(connection: Connection, version: int) -> bool:
    """Step 4: takes their keys from the older wrapping keys; not if a key was made under one in the meantime."""
    older = WRAPPING_KEY.c.version < version
    # Waits for all who are making keys under them; a later one finds the newest.
    connection.execute(select(WRAPPING_KEY.c.version).where(older).order_by(WRAPPING_KEY.c.version).with_for_update())
    for table in (CUSTOMER_KEY, PLATFORM_KEY):
        if connection.execute(select(exists().where(table.c.wrapping_version < version))).scalar_one():
            return False
    retired_at = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute(update(WRAPPING_KEY).where(older).values(wrapped=None, retired_at=retired_at))
    return True


def _destroy_old(connection: Connection, store: KeyStore) -> None:
    """Steps 5 and 6: the old versions of the key-encryption key, and only then the rows that name them."""
    _lock(connection, store)
    rows = connection.execute(select(WRAPPING_KEY).order_by(WRAPPING_KEY.c.version)).all()
    in_use = {row.kek_id for row in rows if row.wrapped is not None} | {store.kek.current}
    for row in rows:
        if row.kek_id not in in_use:
            store.kek.retire(row.kek_id)  # 5
    connection.execute(delete(WRAPPING_KEY).where(WRAPPING_KEY.c.wrapped.is_(None)))  # 6, with the commit


def _lock(connection: Connection, store: KeyStore) -> None:
    """Only one process at a time decides about wrapping keys. SQLite: this transaction holds the write lock anyway."""
    if store.database.is_postgresql:
        connection.execute(text("LOCK TABLE wrapping_key IN SHARE ROW EXCLUSIVE MODE"))
