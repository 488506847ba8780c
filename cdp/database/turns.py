"""Whose turn it is to write to a SQLite file, among all processes: who has a lot to write lets others go first.

SQLite's own lock is no queue: whoever waits looks again every tenth of a second, and who writes one transaction after
the other takes it nearly always (a refusal waited for 5.8 s while events were folded). So whoever waits says so, by a
shared `flock` on the folder of the file, and who asks sees it. The kernel takes it back with the process. Nothing is
written anywhere; the lock that counts stays SQLite's.
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


class Turns:
    """The turns of the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Say meanwhile that somebody waits."""
        with self._opened() as folder:
            fcntl.flock(folder, fcntl.LOCK_SH)
            yield

    def give_way(self) -> None:
        """Return when nobody waits, or after a while."""
        end = time.monotonic() + LONGEST
        while self.is_wanted() and time.monotonic() < end:
            time.sleep(_LOOK_AGAIN)

    def is_wanted(self) -> bool:
        """Return whether somebody waits."""
        with self._opened() as folder:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @contextmanager
    def _opened(self) -> Iterator[int]:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield folder
        finally:
            os.close(folder)
