"""The key-encryption key: what a provider of one must do, and which providers this version has.

Design sections 5 and 8 (`CDP_KEK`).
"""

from pathlib import Path
from typing import Protocol

from cdp.errors import BadInput
from cdp.vault.kek_file import FileKeyEncryption


class KeyEncryption(Protocol):
    """Wraps and unwraps keys under a key that never lies in the key store.

    A provider may keep several versions of its key. What it wrapped names its version, so it can be unwrapped until
    that version is retired. One key-encryption key serves one key store: a rotation of that store retires versions.
    """

    @property
    def current(self) -> str:
        """The id of the version that `wrap` uses."""

    def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        """The key wrapped; `context` says what it is for, is no secret, and is needed to unwrap it."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key.

        Raises:
            Unavailable: `kek_unknown` when its version is not held, `key_damaged` when the rest does not fit.
        """

    def rotate(self) -> str:
        """Makes a new version the current one and gives its id, once it is durable. The others stay."""

    def retire(self, key_id: str) -> None:
        """Destroys a version other than the current one; does nothing if it has gone before."""


def open_kek(url: str) -> KeyEncryption:
    """The provider that the URL names, with the key that is there.

    Raises:
        BadInput: `kek_provider_unknown`.
        Unavailable: `kek_missing`, `kek_exposed`, `kek_unreadable`, `kek_malformed`.
    """
    return FileKeyEncryption(_path(url))


def create_kek(url: str) -> KeyEncryption:
    """The provider that the URL names, with a new key.

    Raises:
        BadInput: `kek_provider_unknown`, or `kek_exists`: a key is never replaced.
        Unavailable: `kek_unwritable`.
    """
    return FileKeyEncryption.create(_path(url))


def _path(url: str) -> Path:
    scheme, _, rest = url.partition(":")
    path = rest.removeprefix("//") if rest.startswith("///") else rest
    if scheme != "file" or not path or path.startswith("//") or "\0" in path:
        message = "not a provider of a key-encryption key that this version has; it has `file` only"
        raise BadInput(
            "kek_provider_unknown", message, path="CDP_KEK", hint="give `file:` and the path of the key file"
        )
    return Path(path).absolute()
