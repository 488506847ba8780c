"""Small integers for rows: dense enough for bitmaps, in an order that tells nobody who came first.

Rows leave in the order of their ordinals, so ordinals must not be a hidden "customer since". They are taken from a
counter, and within each block of 4,096 handed out in an order that a key of the platform decides.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from sqlalchemy import Connection, insert, select, update

from cdp.store.platform import COUNTER

BLOCK_BITS = 12
BLOCK = 1 << BLOCK_BITS


def take_ordinals(conn: Connection, entity: str, count: int, *, key: bytes) -> list[int]:
    """Take the next ordinals of an entity within the caller's transaction; gaps are fine, repetitions cannot be.

    Args:
        key: 32 secret bytes, the same for the life of the store.
    """
    counter = COUNTER.c
    moved = conn.execute(
        update(COUNTER).where(counter.name == entity).values(next=counter.next + count).returning(counter.next)
    ).scalar_one_or_none()
    if moved is None:
        conn.execute(insert(COUNTER).values(name=entity, next=count))
        moved = count
    return list(_permuted(range(moved - count, moved), entity, key))


def last_ordinal(conn: Connection, entity: str) -> int:
    """Return a bound that no ordinal of the entity exceeds."""
    taken = conn.execute(select(COUNTER.c.next).where(COUNTER.c.name == entity)).scalar_one_or_none() or 0
    return (taken | (BLOCK - 1)) + 1


def _permuted(numbers: range, entity: str, key: bytes) -> Iterator[int]:
    for block in range(numbers.start >> BLOCK_BITS, (numbers.stop - 1 >> BLOCK_BITS) + 1):
        start = block << BLOCK_BITS
        mine = slice(max(numbers.start - start, 0), min(numbers.stop - start, BLOCK))
        yield from (start | place for place in _order(entity, block, key)[mine])


@lru_cache(maxsize=64)
def _order(entity: str, block: int, key: bytes) -> tuple[int, ...]:
    """Return a permutation of a block: positions sorted by their keyed hash."""
    start = blake2b(f"{entity}|{block}|".encode(), key=key, digest_size=16, person=b"cdp/ordinals")

    def hashed(position: int) -> bytes:
        state = start.copy()
        state.update(position.to_bytes(2, "big"))
        return state.digest()

    return tuple(sorted(range(BLOCK), key=hashed))
