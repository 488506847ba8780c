"""The one place that puts the parts together: settings → vault, database, door → a platform that services use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from audit.door import Door
from audit.entries import Versions
from cdp.catalogue.model import Catalogue
from cdp.config import Settings
from cdp.database.database import Database
from cdp.database.faults import STORE
from cdp.errors import Unavailable
from cdp.store.platform import CATALOGUE_VERSION, POLICY_VERSION
from cdp.store.versions import Force, body_query, force_query
from cdp.vault.keystore import KeyStore
from cdp.vault.vault import Vault
from migrations import runner
from views.policy import Policy

FOLDER = "platform"


@dataclass(frozen=True)
class InForce:
    """The catalogue and the policy that decide now, with their version numbers."""

    catalogue: Catalogue
    policy: Policy
    catalogue_version: int
    policy_version: int

    @property
    def versions(self) -> Versions:
        """What entries say of them."""
        return Versions(self.catalogue.digest, self.policy.digest)


class Platform:
    """An open store: its door, its vault, and what is in force. Safe to use from several threads."""

    def __init__(self, settings: Settings, vault: Vault, database: Database) -> None:
        self.settings = settings
        self.vault = vault
        self.door = Door(database, vault)
        self._database = database
        self._in_force: InForce | None = None

    def in_force(self, *, fresh: bool = False) -> InForce:
        """Return what is in force; a door refuses what was decided by older versions, so it may be kept.

        Raises:
            Unavailable: `not_initialised`, `catalogue_applying`.
        """
        if self._in_force is None or fresh:
            self._in_force = self._load()
        return self._in_force

    def force(self) -> Force:
        """Return the row that says what is in force, as it stands now."""
        return Force(*self.door.lookup(force_query())[0])

    def catalogue(self, version: int) -> Catalogue:
        """Return one version of the catalogue."""
        return Catalogue.model_validate_json(self.door.lookup(body_query(CATALOGUE_VERSION, version))[0][0])

    def policy(self, version: int) -> Policy:
        """Return one version of the policy."""
        return Policy.model_validate_json(self.door.lookup(body_query(POLICY_VERSION, version))[0][0])

    def close(self) -> None:
        """Close database and vault."""
        self._database.close()
        self.vault.close()

    def _load(self) -> InForce:
        force = self.force()
        if not force.catalogue_version or not force.policy_version:
            raise Unavailable("not_initialised", "no catalogue and policy are in force yet", hint="run `cdp init`")
        if force.vault != self.vault.fingerprint:
            raise Unavailable(
                "keystore_foreign",
                "the key store is not the one that this database was sealed with",
                path="CDP_KEYS_URL",
                hint="restore the key store that belongs to it",
            )
        return InForce(
            self.catalogue(force.catalogue_version),
            self.policy(force.policy_version),
            force.catalogue_version,
            force.policy_version,
        )


@contextmanager
def open_platform(settings: Settings) -> Iterator[Platform]:
    """Open what is there; never makes anything.

    Raises:
        Unavailable: database or key store missing, older, newer, locked …
    """
    database = Database.open(settings.data_url, STORE)
    try:
        database.read(lambda conn: runner.check(conn, FOLDER))
        vault = Vault.open(settings.key_store_url, settings.kek_url)
    except BaseException:
        database.close()
        raise
    platform = Platform(settings, vault, database)
    try:
        yield platform
    finally:
        platform.close()


@contextmanager
def create_platform(settings: Settings) -> Iterator[Platform]:
    """Make what is not there yet and upgrade what is older, then open it.

    A data store that exists with its key store gone is never given fresh keys.

    Raises:
        Unavailable: as `open_platform`.
    """
    database = Database.create(settings.data_url, STORE)
    try:
        fresh = database.read(lambda conn: runner.state(conn, FOLDER)) is runner.State.EMPTY
        known = fresh or KeyStore.exists(settings.key_store_url)
        make = Vault.create if known else Vault.open
        vault = make(settings.key_store_url, settings.kek_url)
        database.write(lambda conn: runner.upgrade(conn, FOLDER))
    except BaseException:
        database.close()
        raise
    platform = Platform(settings, vault, database)
    try:
        yield platform
    finally:
        platform.close()
