"""A ZIP file whose bytes depend on what is in it and on nothing else: not on the user, the folder or the moment.

APPNOTE 6.3. Files have one time, one mode, and the order in which they were written; nothing is gone back in, so it can
be written to a stream of any length.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Final, Protocol, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cdp.services.manifests import Listed

_UNIX: Final = 3
_FILE: Final = 0o100600 << 16
LEVEL: Final = 6


class Sink(Protocol):
    """What takes the bytes of an archive."""

    def write(self, data: bytes, /) -> int:
        """Take bytes."""

    def flush(self) -> None:
        """Nothing is asked for."""


class Archive:
    """Writes one archive.

    Args:
        at: the time of every file, in UTC.
    """

    def __init__(self, sink: Sink, *, at: datetime) -> None:
        self._zip = ZipFile(cast("IO[bytes]", sink), "w", ZIP_DEFLATED, compresslevel=LEVEL)
        self._time = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second // 2 * 2)
        self.files: list[Listed] = []

    @contextmanager
    def file(self, path: str) -> Iterator[Callable[[bytes], None]]:
        """Yield what takes the bytes of one file; one file at a time."""
        info = ZipInfo(path, self._time)
        info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, _FILE
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w") as out:

            def write(data: bytes) -> None:
                nonlocal size
                digest.update(data)
                size += len(data)
                out.write(data)

            yield write
        self.files.append(Listed(path, size, digest.hexdigest()))

    def add(self, path: str, data: bytes) -> None:
        """Write one file whole."""
        with self.file(path) as write:
            write(data)

    def close(self) -> None:
        """Write the directory."""
        self._zip.close()
