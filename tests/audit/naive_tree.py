"""The Merkle tree as RFC 9162 defines it, written out naively: what the tests compare with.

Sections 2.1.1, 2.1.3.1 and 2.1.4.1, recursive as they stand there. The leaves are the hashes of numbered entries;
D[low:high] is given as its two numbers, so that nothing is computed twice.
"""

from functools import cache
from hashlib import sha256


@cache
def leaves_of(size: int) -> tuple[bytes, ...]:
    return tuple(mth(index, index + 1) for index in range(size))


def split(count: int) -> int:
    return max(1 << power for power in range(count.bit_length()) if 1 << power < count)


@cache
def mth(low: int, high: int) -> bytes:
    if high - low == 1:
        return sha256(b"\x00entry %d" % low).digest()
    k = low + split(high - low)
    return sha256(b"\x01" + mth(low, k) + mth(k, high)).digest()


def path(m: int, low: int, high: int) -> list[bytes]:
    if high - low == 1:
        return []
    k = split(high - low)
    if m < k:
        return [*path(m, low, low + k), mth(low + k, high)]
    return [*path(m - k, low + k, high), mth(low, low + k)]


def subproof(m: int, low: int, high: int, *, whole: bool) -> list[bytes]:
    if m == high - low:
        return [] if whole else [mth(low, high)]
    k = split(high - low)
    if m <= k:
        return [*subproof(m, low, low + k, whole=whole), mth(low + k, high)]
    return [*subproof(m - k, low + k, high, whole=False), mth(low, low + k)]


def root_of(size: int) -> bytes:
    return mth(0, size) if size else sha256(b"").digest()
