"""What a store is held to whenever it is opened, before anything is read of it (invariant 6).

    the key store has newer tombstones     the data is an older copy: those people are erased from it again
    the data has newer ones                the key store is an older copy: those keys are destroyed again
    an erasure is not finished             a process was cut off, or is at it: this one goes on with it

Where data and key store are both older copies, neither knows; the checkpoint outside of both does (`audit.anchor`).
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, select

from audit.door import Door
from audit.entries import Principal
from cdp.erasure import register
from cdp.erasure.register import Erasure
from cdp.erasure.steps import Eraser
from cdp.errors import Unavailable
from cdp.store.platform import IN_FORCE
from cdp.vault.vault import Vault

ITSELF: Final = Principal("cdp")
"""Who acts: nobody asked for it now."""

BATCH: Final = 200
_IN_USE: Final = ("store_locked", "keystore_locked")

Read = Callable[[Callable[[Connection], Any]], Any]
"""`Database.read`."""


def replay(door: Door, vault: Vault, read: Read) -> int:
    """Hold an open store to what was erased; return how many erasures it took up.

    Raises:
        Unavailable: database or keys cannot serve. That files cannot be cleaned now keeps nobody out: nothing can be
            read by then, and the erasure stays unfinished until they can.
    """
    if not read(lambda conn: _is_of(conn, vault)):
        return 0
    eraser, newest = Eraser(door, vault, ITSELF), vault.tombstones.newest()
    for each in read(lambda conn: _lost_by_keys(conn, newest)):
        vault.tombstones.bury(each.customer_id, each.suppressed, at=each.begun_at)
    taken = 0
    while left := vault.tombstones.after(read(register.replayed), limit=BATCH):
        for tombstone in left:
            eraser.remove(eraser.adopt(tombstone.customer_id), tombstone.number, in_turn=True)
        taken += len(left)
    unfinished = read(register.unfinished)
    try:
        eraser.finish(unfinished)
    except Unavailable as error:
        if error.code not in _IN_USE:
            raise
    return taken + len(unfinished)


def _is_of(conn: Connection, vault: Vault) -> bool:
    """Whether this key store is the one of this data; with another one nothing is done at all."""
    return bool(conn.execute(select(IN_FORCE.c.vault)).scalar_one() == vault.fingerprint)


def _lost_by_keys(conn: Connection, newest: int) -> list[Erasure]:
    return register.buried_after(conn, newest) if register.replayed(conn) > newest else []
