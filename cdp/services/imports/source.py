"""The file that is imported: opened once, locked against a second import, hashed, and watched for change."""

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final, Literal, get_args

from cdp.errors import BadInput, CdpError, NotFound, Unavailable

Format = Literal["csv", "ndjson", "parquet", "arrow"]

FORMATS: Final[tuple[Format, ...]] = get_args(Format)
LINES: Final[tuple[Format, ...]] = ("csv", "ndjson")
"""Formats of text, line by line."""

_SUFFIXES: Final[dict[str, Format]] = {
    ".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet", ".arrow": "arrow",
    ".arrows": "arrow", ".feather": "arrow", ".ipc": "arrow",
}  # fmt: skip
_PIECE: Final = 1 << 20
_STRANGE: Final = (errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR, errno.ENXIO)


@dataclass(frozen=True)
class Source:
    """An open file.

    Attributes:
        path: as it was given; what errors name.
        size: in bytes.
        sha256: of its content.
    """

    path: Path
    format: Format
    file: BufferedReader
    size: int
    sha256: bytes
    stamp: tuple[int, int]

    def lines_before(self, offset: int) -> int:
        """Return how many lines end before an offset; leaves the file at that offset."""
        self.file.seek(0)
        count = 0
        while offset > 0 and (piece := self.file.read(min(_PIECE, offset))):
            count += piece.count(b"\n")
            offset -= len(piece)
        return count

    def check_unchanged(self) -> None:
        """Make sure that what was read is what was hashed.

        Raises:
            Unavailable: `file_changed`.
        """
        if _stamp(os.fstat(self.file.fileno())) != self.stamp:
            hint = "import it again when it is complete"
            raise Unavailable("file_changed", "the file changed while it was imported", path=str(self.path), hint=hint)


@contextmanager
def open_source(path: Path, format_: str | None) -> Iterator[Source]:
    """Open a file for as long as it is imported.

    Raises:
        NotFound: `file_missing`.
        BadInput: `file_unreadable`, `not_a_file`, `file_empty`, `unknown_format`.
        Unavailable: `import_running`, when another process on this machine imports it.
    """
    format_ = _format(path, format_)
    with _open(path) as file:
        _lock(file, path)
        found = os.fstat(file.fileno())
        if found.st_size == 0:
            raise BadInput("file_empty", "the file is empty", path=str(path))
        with reading(path):
            sha256 = hashlib.file_digest(file, "sha256").digest()
        yield Source(path, format_, file, found.st_size, sha256, _stamp(found))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Have what the operating system says while a file is read as an error of ours."""
    try:
        yield
    except OSError:
        raise _unreadable(path) from None


def _format(path: Path, given: str | None) -> Format:
    found = _SUFFIXES.get(path.suffix.lower()) if given is None else next((f for f in FORMATS if f == given), None)
    if found is None:
        hint = (
            f"say `--format {'` or `'.join(FORMATS)}`; the name of a file that ends in {', '.join(_SUFFIXES)} says it"
        )
        raise BadInput("unknown_format", "it is not clear in which format the file is", path=str(path), hint=hint)
    return found


def _open(path: Path) -> BufferedReader:
    try:
        # Not blocking: to open a pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound("file_missing", "there is no such file", path=str(path)) from None
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        raise _not_a_file(path) if getattr(error, "errno", errno.ELOOP) in _STRANGE else _unreadable(path) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_a_file(path)
    return os.fdopen(descriptor, "rb")


def _lock(file: BufferedReader, path: Path) -> None:
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise running(path) from None
    except OSError:  # a file system without locks; the progress row is the second fence
        return


def running(path: Path) -> CdpError:
    """Return the error of a file that somebody else imports at this moment."""
    hint = "wait until that import is done"
    return Unavailable("import_running", "this file is being imported already", path=str(path), hint=hint)


def _not_a_file(path: Path) -> CdpError:
    return BadInput("not_a_file", "this is not an ordinary file", path=str(path))


def _unreadable(path: Path) -> CdpError:
    return BadInput("file_unreadable", "the file cannot be read", path=str(path), hint="check its permissions")


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns
