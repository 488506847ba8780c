"""The newest entries, which no full piece holds yet, kept by a process so that each is read once to be searched.

It holds what `audit.pieces` makes of them, no entries. INVARIANT: what it knows are entries that are committed, from
the last full piece on; when one more piece was taken in, or entries were dropped, it begins anew.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from audit.indexing import entries_between, head_of, standing
from audit.pieces import PIECE, Piece, read_body
from audit.stored_tree import Rows


class Newest:
    """What one process knows of the newest entries of one log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = Piece(0)
        self._next = -1
        self._standing = (-1, -1)

    @contextmanager
    def known(self, rows: Rows) -> Iterator[Piece]:
        """Yield what is made of the entries behind the last full piece; nobody adds to it meanwhile."""
        with self._lock:
            now = standing(rows)
            if now != self._standing:
                self._made, self._next, self._standing = Piece(now[0]), now[0] * PIECE, now
            head = head_of(rows)
            for number, data in entries_between(rows, self._next, head):
                self._made.add(number, read_body(data))
                self._next = number + 1
            yield self._made
