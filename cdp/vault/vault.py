"""The vault: key store, blind index and notes as the one object that the store holds.

Design sections 2 and 5. Segments are sealed and opened by `cdp.vault.seal.Sealer` under the keys that come from here.
"""

import hashlib
import hmac
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from cdp.errors import CdpError, Unavailable
from cdp.vault.blind import BlindIndex
from cdp.vault.kek import create_kek, open_kek
from cdp.vault.keystore import BLIND_INDEX, FINGERPRINT, NOTES, SUPPRESSION, KeyStore
from cdp.vault.refusals import KeptRefusals
from cdp.vault.seal import seal_note, unseal_note
from cdp.vault.suppression import Suppression
from cdp.vault.tombstones import Tombstones

BEARER = "sign-in"
"""The platform key of the tokens of `Vault.bearer`."""


class Vault:
    """All that the layers above do with keys. Made by `open` or `create`; several threads may use it."""

    def __init__(self, keystore: KeyStore) -> None:
        self.keystore = keystore
        self.blind = BlindIndex(keystore.platform_key(BLIND_INDEX))
        self.tombstones = Tombstones(keystore.database)
        self.refusals = KeptRefusals(keystore.database)
        self.suppression = Suppression(keystore.database, lambda: keystore.platform_key(SUPPRESSION))
        self._notes = keystore.platform_key(NOTES)
        self._fingerprint = keystore.platform_key(FINGERPRINT)

    @classmethod
    def open(cls, keys_url: str, kek_url: str) -> Self:
        """The vault that is there; never makes a key store or a key-encryption key.

        Raises:
            BadInput: `keystore_url_…`, `kek_provider_unknown`.
            Unavailable: `keystore_…`, `kek_…`, `key_damaged`, `database_older`, `database_newer`.
        """
        return cls._of(KeyStore.open(keys_url, open_kek(kek_url)))

    @classmethod
    def create(cls, keys_url: str, kek_url: str) -> Self:
        """As `open`, after making what is not there and upgrading what is older; may be run again at any point.

        Never makes a key-encryption key for a key store that exists. Whether data exists for which the key store is
        missing, the caller must know: `fingerprint` tells whether this is the vault that the data was sealed with.
        """
        try:
            kek = open_kek(kek_url)
        except Unavailable as error:
            if error.code != "kek_missing" or KeyStore.exists(keys_url):
                raise
            kek = create_kek(kek_url)
        return cls._of(KeyStore.create(keys_url, kek))

    @classmethod
    def _of(cls, keystore: KeyStore) -> Self:
        try:
            return cls(keystore)
        except CdpError:
            keystore.close()
            raise

    @property
    def fingerprint(self) -> str:
        """Names this vault, through rotations and restores; no secret, to be kept with the data."""
        return hashlib.blake2b(key=self._fingerprint, digest_size=16, person=b"cdp/fingerprint").hexdigest()

    def new_keys(self, customer_ids: Iterable[str]) -> dict[str, bytes]:
        """As `KeyStore.new_keys`."""
        return self.keystore.new_keys(customer_ids)

    def keys(self, customer_ids: Iterable[str]) -> dict[str, bytes]:
        """As `KeyStore.keys`."""
        return self.keystore.keys(customer_ids)

    def destroy(self, customer_ids: Iterable[str]) -> None:
        """As `KeyStore.destroy`."""
        self.keystore.destroy(customer_ids)

    def platform_key(self, name: str) -> bytes:
        """As `KeyStore.platform_key`."""
        return self.keystore.platform_key(name)

    def bearer(self, customer_id: str) -> str:
        """Return the keyed token by which rows are found that are hers and do not name her: in columns `bearer`."""
        key = self.keystore.platform_key(BEARER)
        return hmac.new(key, b"cdp/bearer/1" + customer_id.encode(), hashlib.sha256).hexdigest()

    def seal_note(self, context: str, text: str) -> bytes:
        """As `cdp.vault.seal.seal_note`, under the key of the notes."""
        return seal_note(self._notes, context, text)

    def unseal_note(self, context: str, blob: bytes) -> str:
        """As `cdp.vault.seal.unseal_note`, under the key of the notes."""
        return unseal_note(self._notes, context, blob)

    def close(self) -> None:
        """As `KeyStore.close`."""
        self.keystore.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
