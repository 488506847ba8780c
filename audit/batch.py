"""The rows of entries that share a commit: their bytes, their leaves, and what is kept beside the log.

One time for all of them: that of the commit, taken under the lock, so that times go on with the numbers.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from audit.commitments import commit_reason
from audit.entries import Entry, format_entry, frame_of
from audit.merkle import leaf_hash
from audit.subjects import SALT_BYTES, commit_subjects, split_subjects
from cdp.errors import CdpError, Unavailable

SealNote = Callable[[str, str], bytes]
"""Seals a text under a key of the platform, bound to a context."""

Rows = Sequence[tuple[Any, ...]]

_POOL_BYTES: Final = 256 * SALT_BYTES


class Batch:
    """Rows in the order of their tables' columns.

    Args:
        start: the number of the first entry.
        at: when they are written.
        seal_note: seals the reasons.
    """

    def __init__(self, start: int, at: str, seal_note: SealNote) -> None:
        self.next = start
        self.entries: list[tuple[int, bytes, bytes]] = []
        self.subjects: list[tuple[Any, ...]] = []
        self.notes: list[tuple[Any, ...]] = []
        self._at = at
        self._seal_note = seal_note
        self._pool = b""
        self._like: Entry | None = None
        self._frame: dict[str, Any] = {}

    def add(self, entry: Entry) -> CdpError | None:
        """Add the rows of one entry, all or none; return why it cannot be written, if so."""
        number = self.next
        try:
            if entry.subjects or entry.reason:
                own, subjects, notes = self._beside(entry, number)
            else:
                own, subjects, notes = {"salt": self._salt().hex()}, (), ()
            data = format_entry(entry, self._frame_of(entry), own)
        except CdpError as error:
            return error
        except (TypeError, ValueError):  # half of a surrogate pair: not text that can be encoded
            return Unavailable("entry_malformed", "an entry cannot be written as text", path="log")
        self.subjects += subjects
        self.notes += notes
        self.entries.append((number, data, leaf_hash(data)))
        self.next = number + 1
        return None

    def _beside(self, entry: Entry, number: int) -> tuple[dict[str, Any], Rows, Rows]:
        """Return what an entry says of its customers and its reason, and the rows that hold them."""
        own: dict[str, Any] = {}
        subjects: Rows = ()
        notes: Rows = ()
        if entry.subjects:
            blocks = split_subjects(entry.subjects)
            own |= {"customers": len(set(entry.subjects)), "subjects": commit_subjects(blocks)}
            subjects = [(each.block, number, each.salt, each.members, each.low, each.high) for each in blocks]
        if entry.reason:
            salt = self._salt()
            own["reason"] = commit_reason(salt, entry.reason)
            notes = [(number, salt, self._seal_note(salt.hex(), entry.reason))]
        return own, subjects, notes

    def _frame_of(self, entry: Entry) -> dict[str, Any]:
        like = self._like  # most of a batch is one act of one principal
        if (
            like is None
            or entry.principal is not like.principal
            or entry.versions is not like.versions
            or entry.act != like.act
            or entry.what != like.what
        ):
            self._like, self._frame = entry, frame_of(entry, self._at)
        return self._frame

    def _salt(self) -> bytes:
        """Return fresh random bytes; the kernel is asked for many at once."""
        self._pool = self._pool or os.urandom(_POOL_BYTES)
        salt, self._pool = self._pool[:SALT_BYTES], self._pool[SALT_BYTES:]
        return salt
