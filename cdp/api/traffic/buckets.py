"""Token buckets that all worker processes of one machine share: a small file, mapped into each of them.

The algorithm is the generic cell rate algorithm (ITU-T I.371): of a bucket only the time is kept at which it will be
full again, so that filling it costs nothing and a torn or foreign value is worth at most one window.

Measured beside a table in SQLite and one in PostgreSQL (decision 21): this takes a few microseconds and needs no
connection, no transaction and no cleaning up. Each set of eight slots is locked by the kernel (`fcntl`), which lets go
when a process dies. INVARIANT: no key is in the file, only a keyed digest of it; a bucket may be about a person.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, inf, isnan
from pathlib import Path
from typing import Final, Self

WAYS: Final = 8
_SLOT: Final = struct.Struct("<Qd")
_SET_BYTES: Final = WAYS * _SLOT.size
SETS: Final = 8_192


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds; a bucket holds all of them at first."""

    amount: int
    seconds: int = 60

    @property
    def step(self) -> float:
        """How many seconds one request takes to come back."""
        return self.seconds / self.amount


@dataclass(frozen=True, slots=True)
class Taken:
    """What a bucket said.

    Attributes:
        granted: whether there was a token.
        left: how many there are now.
        full_in: after how many seconds it is full again.
        retry_in: after how many seconds there is a token again; 0 if there is one.
    """

    granted: bool
    left: int
    full_in: int
    retry_in: int


def take(full_at: float, quota: Quota, now: float) -> tuple[float, Taken]:
    """Take a token from a bucket that is full again at `full_at`; return when it is full after that.

    A time beyond one window from now is none that this algorithm writes: a clock that began anew, or a torn value.
    """
    if not now <= full_at <= now + quota.seconds:  # NaN fails, too
        full_at = now if full_at <= now else now + quota.seconds
    after = full_at + quota.step
    granted = after - now <= quota.seconds + 1e-9
    full_at = after if granted else full_at
    left = max(0, floor((quota.seconds - (full_at - now)) / quota.step + 1e-9))
    missing = 0.0 if left else full_at + quota.step - quota.seconds - now
    return full_at, Taken(granted, left, ceil(full_at - now), max(1, ceil(missing)) if not left else 0)


class Buckets:
    """Buckets by name.

    Args:
        path: the file; it is made, private, if it is not there.
        secret: the key under which names are digested.
        clock: seconds that all processes of this machine agree on and nobody sets.
    """

    def __init__(
        self, path: Path, secret: bytes, *, sets: int = SETS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sets = sets
        self._clock = clock
        self._digest = hashlib.blake2b(key=secret[:64], digest_size=16, person=b"cdp/limits")
        self._here = threading.Lock()  # the kernel's lock is the process's, not the thread's
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size = sets * _SET_BYTES
        if os.fstat(self._file).st_size != size:
            os.ftruncate(self._file, size)
        self._map = mmap.mmap(self._file, size)

    def take(self, name: str, quota: Quota) -> Taken:
        """Take a token from the bucket of this name."""
        digest = self._digest.copy()
        digest.update(name.encode("utf-8", "surrogatepass"))
        place, tag = struct.unpack("<QQ", digest.digest())
        begin, tag = place % self._sets * _SET_BYTES, tag or 1
        with self._here:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, begin)
            try:
                slot, full_at = self._find(begin, tag)
                full_at, taken = take(full_at, quota, self._clock())
                _SLOT.pack_into(self._map, slot, tag, full_at)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, begin)
        return taken

    def close(self) -> None:
        """Let go of the file; what is in it stays for the next process."""
        self._map.close()
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _find(self, begin: int, tag: int) -> tuple[int, float]:
        """Return where a bucket stands and when it is full; a new one takes the place of the fullest.

        Who floods the file with names so loses those names first, and not the buckets that he has emptied.
        """
        fullest, least = begin, inf
        for slot in range(begin, begin + _SET_BYTES, _SLOT.size):
            found, full_at = _SLOT.unpack_from(self._map, slot)
            if found == tag:
                return slot, full_at
            worth = -inf if not found or isnan(full_at) else full_at
            if worth < least:
                fullest, least = slot, worth
        return fullest, -inf
