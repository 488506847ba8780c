"""Parcels: bytes of any length that the platform keeps for itself until it knows whose they are.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, each under a key of its own:

    parcel = 1 (format, u8) ‖ nonce[12] ‖ ciphertext ‖ tag[16]
    key    = BLAKE2b-256(platform key, person = "cdp/parcel/1", name of the parcel in UTF-8)
    associated data = "cdp/parcel/1|" ‖ name

One key for each name: there is no count of parcels up to which a random nonce is safe, and a parcel that was moved to
another row does not open.
"""

import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cdp.vault.faults import fault

_FORMAT: Final = b"\x01"
_NONCE: Final = 12


def seal_parcel(key: bytes, name: str, data: bytes) -> bytes:
    """Seal bytes under a platform key; `name` is that of the row, and of no other."""
    nonce = os.urandom(_NONCE)
    return _FORMAT + nonce + _cipher(key, name).encrypt(nonce, data, b"cdp/parcel/1|" + name.encode())


def open_parcel(key: bytes, name: str, parcel: bytes) -> bytes:
    """Open what `seal_parcel` sealed.

    Raises:
        Unavailable: `parcel_damaged` if anything at all does not fit.
    """
    try:
        if parcel[:1] == _FORMAT:
            nonce, sealed = parcel[1 : 1 + _NONCE], parcel[1 + _NONCE :]
            return _cipher(key, name).decrypt(nonce, sealed, b"cdp/parcel/1|" + name.encode())
    except (InvalidTag, ValueError):
        pass
    raise fault("parcel_damaged", "parcel")


def _cipher(key: bytes, name: str) -> AESGCM:
    return AESGCM(hashlib.blake2b(name.encode(), key=key, digest_size=32, person=b"cdp/parcel/1").digest())
