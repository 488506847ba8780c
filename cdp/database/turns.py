"""Whose turn it is to write to a SQLite file, among all processes: who has a lot to write lets others go first.

SQLite's own lock is no queue: whoever waits looks again every tenth of a second, and who writes one transaction after
the other takes it nearly always (a refusal waited for 5.8 s while events were folded). So whoever waits says so, by a
shared `flock` on an empty file beside, and who asks sees it. The kernel takes it back with the process. Nothing is ever
written there, and nobody waits for it: the lock that counts stays SQLite's.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LONGEST: Final = 0.3
"""For so many seconds others are let go first; then it goes on, or a flood of them would keep it out for ever."""

_LOOK_AGAIN: Final = 0.01
_MOMENT: Final = 0.001
_TRIES: Final = 20


class Turns:
    """The turns of one file.

    Args:
        file: that of the database. The empty one is beside it, as SQLite's own are.
    """

    def __init__(self, file: Path) -> None:
        self._beside = file.with_name(f"{file.name}-turns")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Say meanwhile that somebody waits."""
        with self._opened() as beside:
            for _ in range(_TRIES):  # it is refused for the moment in which somebody asks
                if _locked(beside, fcntl.LOCK_SH):
                    break
                time.sleep(_MOMENT)
            yield

    def give_way(self) -> None:
        """Return when nobody waits, or after a while."""
        end = time.monotonic() + LONGEST
        while self.is_wanted() and time.monotonic() < end:
            time.sleep(_LOOK_AGAIN)

    def is_wanted(self) -> bool:
        """Return whether somebody waits."""
        with self._opened() as beside:
            return not _locked(beside, fcntl.LOCK_EX)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        beside = os.open(self._beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield beside
        finally:
            os.close(beside)


def _locked(handle: int, how: int) -> bool:
    """Lock it at once, if that can be. INVARIANT: nobody waits here; else whoever locks the file stops all writes."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
