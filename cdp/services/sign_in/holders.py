"""Whose a link or a session is: sealed, so that the tables are about nobody to whoever has only the database.

AES-256-GCM under a key of the platform, bound to the row. A link for an address that nobody has holds as many bytes as
one for a customer, so that neither the table nor the time it takes tells which addresses are known. When she is erased
her id leads nowhere, and what is left of her sessions is noise until it runs out.
"""

import hmac
import os
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cdp.vault.vault import BEARER, Vault

_NONCE: Final = 12
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_KEY: Final = BEARER


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret of 256 random bits: SHA-256, in hex. Nobody guesses what it is of."""
    return sha256(secret.encode()).hexdigest()


def seal_holder(vault: Vault, row: str, customer_id: str | None) -> bytes:
    """Seal whose the row is; None, for nobody, is as long."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(vault.platform_key(_KEY)).encrypt(nonce, (customer_id or NOBODY).encode(), row.encode())


def open_holder(vault: Vault, row: str, sealed: bytes) -> str | None:
    """Return whose the row is, None for nobody's or for one that was tampered with."""
    try:
        holder = AESGCM(vault.platform_key(_KEY)).decrypt(sealed[:_NONCE], sealed[_NONCE:], row.encode()).decode()
    except (InvalidTag, ValueError):
        return None
    return None if holder == NOBODY else holder


def bearer(vault: Vault, customer_id: str) -> str:
    """Return the keyed token by which all sessions of one customer are found."""
    return vault.bearer(customer_id)


def handle_of(vault: Vault, holder: str) -> bytes:
    """Return what names somebody's account to an authenticator: the same each time, and telling nothing."""
    return hmac.new(vault.platform_key(_KEY), b"cdp/handle/1" + holder.encode(), sha256).digest()
