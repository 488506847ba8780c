"""Wrapping keys: how other keys lie wrapped under them, and those that this process has unwrapped.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce:

    wrapped = nonce[12] ‖ ciphertext[32] ‖ tag[16]
    associated data = "cdp/key/1|" ‖ wrapping version (u32) ‖ owner
    owner           = "customer|" ‖ customer_id, or "platform|" ‖ version (u32) ‖ name
    a wrapping key itself is wrapped by the key-encryption key, context "cdp/wrapping-key/1|" ‖ version (u32)

All integers are big endian, and the one part of variable length stands last: no two owners have the same associated
data, so a wrapped key that was moved to another row does not open. Random nonces allow 2^32 keys under one wrapping key
(SP 800-38D, 8.3); each rotation begins a new one.
"""

import os
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, insert, select

from cdp.vault.faults import fault
from cdp.vault.kek import KeyEncryption
from cdp.vault.tables import WRAPPING_KEY

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
WRAPPED_BYTES: Final = NONCE_BYTES + KEY_BYTES + 16

# One row at most, and on PostgreSQL locked: a rotation cannot retire it before this transaction has ended.
_NEWEST: Final = (
    select(WRAPPING_KEY.c.version, WRAPPING_KEY.c.wrapped)
    .where(WRAPPING_KEY.c.wrapped.is_not(None))
    .order_by(WRAPPING_KEY.c.version.desc())
    .limit(1)
    .with_for_update(read=True)
)


class WrappingKey:
    """One wrapping key, unwrapped."""

    def __init__(self, version: int, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise fault("key_damaged", "wrapping_key")
        self.version = version
        self._purpose = b"cdp/key/1|" + version.to_bytes(4)
        self._cipher = AESGCM(key)

    def wrap(self, owner: bytes, key: bytes) -> bytes:
        """The key of this owner, wrapped."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, self._purpose + owner)

    def unwrap(self, owner: bytes, wrapped: bytes) -> bytes:
        """The key.

        Raises:
            Unavailable: `key_damaged`.
        """
        try:
            if len(wrapped) == WRAPPED_BYTES:  # so that what comes out is a key of 32 bytes
                return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], self._purpose + owner)
        except InvalidTag:
            pass
        raise fault("key_damaged", owner.partition(b"|")[0].decode() + "_key")


class WrappingKeys:
    """The wrapping keys of one key store, unwrapped at first use and kept: they are few, and needed for every key.

    Each is kept with the row it came from: if the key store was replaced under a running process, nothing new is
    wrapped under a key that is not in it.
    """

    def __init__(self, kek: KeyEncryption) -> None:
        self._kek = kek
        self._kept: dict[int, tuple[bytes, WrappingKey]] = {}

    def newest(self, connection: Connection) -> WrappingKey:
        """The one that new keys are wrapped under, looked up each time: another process may have rotated.

        Raises:
            Unavailable: `key_retired` when a rotation has just ended; the transaction may be run again.
        """
        row = connection.execute(_NEWEST).one_or_none()
        if row is None:
            raise fault("key_retired", "wrapping_key")
        return self._unwrapped(row.version, row.wrapped)

    def get(self, connection: Connection, version: int) -> WrappingKey:
        """The one of this version.

        Raises:
            Unavailable: `key_retired` as above.
        """
        if version in self._kept:
            return self._kept[version][1]
        query = select(WRAPPING_KEY.c.wrapped).where(WRAPPING_KEY.c.version == version)
        wrapped = connection.execute(query).scalar_one_or_none()
        if wrapped is None:
            raise fault("key_retired", "wrapping_key")
        return self._unwrapped(version, wrapped)

    def add(self, connection: Connection, version: int) -> None:
        """Makes a new one under the current version of the key-encryption key."""
        row = {
            "version": version,
            "kek_id": self._kek.current,
            "wrapped": self._kek.wrap(os.urandom(KEY_BYTES), _context(version)),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        connection.execute(insert(WRAPPING_KEY).values(row))

    def forget(self) -> None:
        """Lets go of all; each is unwrapped again when it is needed."""
        self._kept.clear()

    def _unwrapped(self, version: int, wrapped: bytes) -> WrappingKey:
        kept, key = self._kept.get(version, (b"", None))
        if key is None or kept != wrapped:
            key = WrappingKey(version, self._kek.unwrap(wrapped, _context(version)))
            self._kept[version] = wrapped, key
        return key


def customer(customer_id: str) -> bytes:
    """The owner of a customer's key."""
    return b"customer|" + customer_id.encode()


def platform(name: str, version: int) -> bytes:
    """The owner of a platform key."""
    return b"platform|" + version.to_bytes(4) + name.encode()


def _context(version: int) -> bytes:
    return b"cdp/wrapping-key/1|" + version.to_bytes(4)
