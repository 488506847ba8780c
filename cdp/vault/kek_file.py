"""The key-encryption key in a local file.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; a version wraps one key in each rotation.

    wrapped = head ‖ nonce[12] ‖ ciphertext ‖ tag[16]        head = 1 (format, u8) ‖ length of key id (u8) ‖ key id
    associated data = "cdp/kek/1|" ‖ head ‖ context
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cdp.errors import BadInput
from cdp.vault.faults import fault

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

_PURPOSE: Final = b"cdp/kek/1|"
_FORMAT: Final = 1
_FILE_FORMAT: Final = "cdp-kek-1"
_NOTE: Final = "Without this file the data of all customers is lost. Keep a copy apart from data and key store."


@dataclass(frozen=True)
class _Version:
    key_id: str
    created: str
    key: bytes = field(repr=False)


class FileKeyEncryption:
    """Versions of 32 random bytes in a JSON file, oldest first, the last one current (`cdp.vault.kek.KeyEncryption`).

    The file is read anew for each use, which is seldom, so that all processes agree about it. Retiring a version
    takes it out of the file; what a file system keeps of the old file (journal, snapshots, spare blocks) is beyond
    this program's reach.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read()

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new file with one version. Never replaces a file: all that it protects would be lost."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            raise fault("kek_unwritable", path) from None
        with _locked(path) as folder:
            if path.exists():
                raise BadInput("kek_exists", "there is a file already", path=str(path), hint="name another file")
            _write(path, [_new_version()], folder)
        return cls(path)

    @property
    def current(self) -> str:
        """As `KeyEncryption.current`."""
        return self._read()[-1].key_id

    def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        """As `KeyEncryption.wrap`."""
        version = self._read()[-1]
        key_id = version.key_id.encode("ascii")
        head = bytes((_FORMAT, len(key_id))) + key_id
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + AESGCM(version.key).encrypt(nonce, plaintext, _PURPOSE + head + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """As `KeyEncryption.unwrap`."""
        # 1. The version. Nothing that the head says is believed until step 2 has proved it.
        if len(wrapped) < 2 or wrapped[0] != _FORMAT:
            raise fault("key_damaged", self._path)
        end = 2 + wrapped[1]
        head, nonce, sealed = wrapped[:end], wrapped[end : end + NONCE_BYTES], wrapped[end + NONCE_BYTES :]
        keys = [version.key for version in self._read() if version.key_id.encode("ascii") == head[2:]]
        if not keys:
            raise fault("kek_unknown", self._path)
        # 2. The key that it wraps.
        try:
            return AESGCM(keys[0]).decrypt(nonce, sealed, _PURPOSE + head + context)
        except (InvalidTag, ValueError):  # ValueError: cut within the nonce
            raise fault("key_damaged", self._path) from None

    def rotate(self) -> str:
        """As `KeyEncryption.rotate`."""
        version = _new_version()
        with _locked(self._path) as folder:
            _write(self._path, [*self._read(), version], folder)
        return version.key_id

    def retire(self, key_id: str) -> None:
        """As `KeyEncryption.retire`."""
        with _locked(self._path) as folder:
            versions = self._read()
            if key_id == versions[-1].key_id:
                raise BadInput(
                    "kek_current", "the current version is in use", path=str(self._path), hint="rotate first"
                )
            kept = [version for version in versions if version.key_id != key_id]
            if kept != versions:
                _write(self._path, kept, folder)

    def _read(self) -> list[_Version]:
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read()
        except FileNotFoundError:
            raise fault("kek_missing", self._path) from None
        except OSError:
            raise fault("kek_unreadable", self._path) from None
        if mode & 0o077:
            raise fault("kek_exposed", self._path)
        try:
            return _parse(text)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise fault("kek_malformed", self._path) from None


def _new_version() -> _Version:
    return _Version(
        secrets.token_hex(8), datetime.now(UTC).isoformat(timespec="seconds"), secrets.token_bytes(KEY_BYTES)
    )


def _format(versions: list[_Version]) -> bytes:
    rows = [{"id": v.key_id, "created": v.created, "key": base64.b64encode(v.key).decode()} for v in versions]
    document = {"format": _FILE_FORMAT, "note": _NOTE, "versions": rows}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _parse(text: bytes) -> list[_Version]:
    """The versions in the file; one of the errors that `_read` expects if it is none."""
    document = orjson.loads(text)
    rows = document["versions"]
    versions = [_Version(row["id"], row["created"], base64.b64decode(row["key"], validate=True)) for row in rows]
    ids = [version.key_id for version in versions]
    sound = (
        document["format"] == _FILE_FORMAT
        and len(versions) == len(set(ids)) > 0
        and all(each.isascii() and 0 < len(each) < 256 for each in ids)
        and all(len(version.key) == KEY_BYTES for version in versions)
    )
    if not sound:
        raise ValueError
    return versions


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The folder of the file, locked against other writers of this kind, as a descriptor."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise fault("kek_missing", path) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)


def _write(path: Path, versions: list[_Version], folder: int) -> None:
    """Replaces the file in one step: whoever reads, or a kill at any point, finds the old or the new one whole.

    The temporary file has a fixed name, so that one left behind by a kill is gone with the next write: it holds keys.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(_format(versions))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        os.fsync(folder)
    except OSError:
        raise fault("kek_unwritable", path) from None
