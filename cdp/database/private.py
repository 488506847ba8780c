"""Files that are its owner's alone: 0600 in a folder of 0700. One that others may read or write is not opened.

And files that stay where they are: SQLite goes on in one that was moved away, deleted or replaced (write-ahead logging
does not look), and what it acknowledged there nobody finds again.
"""

import errno
import os
import stat
from pathlib import Path

from cdp.database.faults import Which, fault


def require_private_file(path: Path, which: Which) -> None:
    """Do nothing if the file is there and nobody else's.

    Raises:
        Unavailable: `…_missing`, `…_exposed`, `…_unreadable`.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise fault(which, "missing", str(path)) from None
    except OSError:
        raise fault(which, "unreadable", str(path)) from None
    if not stat.S_ISREG(mode):
        raise fault(which, "unreadable", str(path))
    if mode & 0o077:
        raise fault(which, "exposed", str(path))


def make_private_file(path: Path, which: Which) -> None:
    """Make the empty file and its folder, if they are not there.

    Raises:
        Unavailable: `…_full`, `…_unwritable`.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise fault(which, "full" if error.errno == errno.ENOSPC else "unwritable", str(path)) from None


class Opened:
    """A file as it was when it was opened."""

    def __init__(self, path: Path, which: Which) -> None:
        self._path, self._which = path, which
        self._identity = self._look()

    def require_in_place(self) -> None:
        """Do nothing while its path leads to it; a microsecond.

        Raises:
            Unavailable: `…_moved`.
        """
        if self._look() != self._identity:
            raise fault(self._which, "moved", str(self._path))

    def _look(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_dev, found.st_ino
