"""Where the last checkpoint is kept outside the database: a file, a folder, or a URL.

Whoever can change the database should not be able to change what is kept here. Each place holds one note; what is
written replaces it at once, so that a reader sees the old one or the new one, also after a crash. What goes wrong is an
`OSError`; `audit.anchor` says what it means.

    FileOutside     one file
    FolderOutside   `checkpoint` in a folder, and beside it the last one of each day, which stays
    UrlOutside      GET returns it, or 404 when there is none yet; PUT replaces it
"""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from audit.exchange import ExchangeError, exchange, split_url

MEDIA_TYPE: Final = "text/plain; charset=utf-8"
NAME: Final = "checkpoint"

_WRITTEN: Final = frozenset({200, 201, 202, 204})


class Outside(Protocol):
    """A place for one note."""

    @property
    def where(self) -> str:
        """What errors give as the path; never a password."""

    def read(self) -> bytes | None:
        """Return the note, or None when none was written yet; raises `OSError`."""

    def write(self, note: bytes) -> None:
        """Replace the note, durably; raises `OSError`."""


class FileOutside:
    """A file, 0600; its folder is made if need be."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def where(self) -> str:
        """The path."""
        return str(self._path)

    def read(self) -> bytes | None:
        """Return what is in the file, or None when it is not there."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, note: bytes) -> None:
        """Replace the file."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._path, note)


class FolderOutside:
    """A folder: the last checkpoint, and besides the last one of each day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def where(self) -> str:
        """The path of the folder."""
        return str(self._folder)

    def read(self) -> bytes | None:
        """Return the last one."""
        return FileOutside(self._folder / NAME).read()

    def write(self, note: bytes) -> None:
        """Replace that of today, then the last one."""
        day = datetime.now(UTC).date().isoformat()
        for name in (f"{NAME}-{day}", NAME):
            FileOutside(self._folder / name).write(note)


class UrlOutside:
    """A URL, that of an object store or of a service of one's own, under somebody else's hand.

    When GET gives an `ETag`, PUT says `If-Match`: of two machines that write, the one that is behind is refused there.
    """

    def __init__(self, url: str) -> None:
        split_url(url)
        self._url = url
        self._tag = ""

    @property
    def where(self) -> str:
        """Scheme, host and path."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.hostname}{parts.path}"

    def read(self) -> bytes | None:
        """Get it."""
        answer = exchange("GET", self._url, headers={"Accept": "text/plain"})
        if answer.status in {404, 410}:
            return None
        if answer.status != 200:
            raise ExchangeError(f"the answer has the status {answer.status}")
        self._tag = answer.headers.get("etag", "")
        return answer.body

    def write(self, note: bytes) -> None:
        """Put it."""
        match = {"If-Match": self._tag} if self._tag else {}
        answer = exchange("PUT", self._url, note, {"Content-Type": MEDIA_TYPE, **match})
        if answer.status not in _WRITTEN:
            raise ExchangeError(f"the answer has the status {answer.status}")
        self._tag = answer.headers.get("etag", "")


def outside_of(setting: str, home: Path) -> Outside:
    """Return the place that a setting names: a URL, a folder (there already, or ending in `/`), or a file.

    Raises:
        ExchangeError: a URL that is not talked to.
    """
    if "://" in setting:
        return UrlOutside(setting)
    path = Path(setting) if setting else home / NAME
    return FolderOutside(path) if setting.endswith("/") or path.is_dir() else FileOutside(path)


def replace_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file at once and durably: a reader sees the old one or the new one, also after a crash."""
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
