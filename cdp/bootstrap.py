"""The one place that puts the parts together: settings → vault, database, door → a platform that services use."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import select

from audit.cosignature import parse_witnesses
from audit.door import Door
from audit.entries import Entry, Principal, Versions
from audit.keeper import LogKeeper
from audit.note import NoteError, SignerKey
from audit.outside import outside_of
from audit.tail import check_tail
from cdp.acts import is_behind, replay_acts
from cdp.catalogue.model import Catalogue
from cdp.config import Settings
from cdp.database.database import Database
from cdp.database.faults import STORE
from cdp.erasure.replay import replay
from cdp.errors import BadInput, CdpError, Unavailable
from cdp.store.platform import CATALOGUE_VERSION, IN_FORCE, POLICY_VERSION
from cdp.store.versions import Force, body_query, force_query
from cdp.vault.keystore import KeyStore
from cdp.vault.vault import Vault
from migrations import runner
from views.policy import Policy

FOLDER = "platform"
NOBODY = "00000000-0000-0000-0000-000000000000"
"""An id that no customer has."""


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

    def __init__(self, settings: Settings, vault: Vault, database: Database, keeper: LogKeeper) -> None:
        self.settings = settings
        self.vault = vault
        self.keeper = keeper
        self.door = Door(database, vault)
        self._database = database
        self._in_force: InForce | None = None

    def in_force(self, *, fresh: bool = False) -> InForce:
        """Return what is in force; a door refuses what was decided by older versions, so it may be kept.

        Raises:
            Unavailable: `not_initialised`, `catalogue_applying`.
        """
        before = self._in_force
        if before is not None and not fresh:
            return before
        self._in_force = loaded = self._load()
        if before is not None and before.catalogue != loaded.catalogue:
            self._database.forget_statements()
        return loaded

    def force(self) -> Force:
        """Return the row that says what is in force, as it stands now."""
        return Force(*self.door.lookup(force_query())[0])

    def catalogue(self, version: int) -> Catalogue:
        """Return one version of the catalogue."""
        return Catalogue.model_validate_json(self.door.lookup(body_query(CATALOGUE_VERSION, version))[0][0])

    def policy(self, version: int) -> Policy:
        """Return one version of the policy."""
        return Policy.model_validate_json(self.door.lookup(body_query(POLICY_VERSION, version))[0][0])

    def check(self) -> None:
        """Do nothing while this platform can serve: the database answers, keys open, the log is written and signed.

        A place outside that cannot be written is no reason (decision 23): the log is signed then, and `keeper.state`
        says so. A keeper that is gone is one, and so is a log that takes nothing.

        Raises:
            Unavailable: what is amiss.
        """
        in_force = self.in_force(fresh=True)
        self.vault.keys([NOBODY])
        self.keeper.check()
        self.door.check(Entry("disclosure", "read", Principal("system"), in_force.versions))

    def close(self) -> None:
        """Close database and vault."""
        self._database.close()
        self.vault.close()

    def _load(self) -> InForce:
        force = self.force()
        if not force.catalogue_version or not force.policy_version:
            raise Unavailable("not_initialised", "no catalogue and policy are in force yet", hint="run `cdp init`")
        _require_own_keys(force.vault, self.vault)
        return InForce(
            self.catalogue(force.catalogue_version),
            self.policy(force.policy_version),
            force.catalogue_version,
            force.policy_version,
        )


def _require_own_keys(sealed_by: str, vault: Vault) -> None:
    if sealed_by != vault.fingerprint:
        raise Unavailable(
            "keystore_foreign",
            "the key store is not the one that this database was sealed with",
            path="CDP_KEYS_URL",
            hint="restore the key store that belongs to it",
        )


@contextmanager
def open_platform(settings: Settings) -> Iterator[Platform]:
    """Open what is there; never makes anything.

    Raises:
        Unavailable: database or key store missing, older, newer, locked …; `log_rolled_back`, `log_forked`,
            `checkpoint_unreadable`, `checkpoint_unwritable`.
        BadInput: `bad_setting`.
    """
    with ExitStack() as held:
        database = Database.open(settings.data_url, STORE, pool=settings.pool)
        held.callback(database.close)
        database.read(lambda conn: runner.check(conn, FOLDER))
        vault = Vault.open(settings.key_store_url, settings.kek_url)
        held.callback(vault.close)
        with _anchored(settings, vault, database) as keeper:
            platform = Platform(settings, vault, database, keeper)
            _replay(platform, database)
            yield platform


@contextmanager
def create_platform(settings: Settings) -> Iterator[Platform]:
    """Make what is not there yet and upgrade what is older, then open it.

    A data store that exists with its key store gone is never given fresh keys.

    Raises:
        Unavailable: as `open_platform`.
    """
    with ExitStack() as held:
        database = Database.create(settings.data_url, STORE)
        held.callback(database.close)
        fresh = database.read(lambda conn: runner.state(conn, FOLDER)) is runner.State.EMPTY
        known = fresh or KeyStore.exists(settings.key_store_url)
        make = Vault.create if known else Vault.open
        vault = make(settings.key_store_url, settings.kek_url)
        held.callback(vault.close)
        database.write(lambda conn: runner.upgrade(conn, FOLDER))
        with _anchored(settings, vault, database) as keeper:
            platform = Platform(settings, vault, database, keeper)
            _replay(platform, database)
            yield platform


def _replay(platform: Platform, database: Database) -> None:
    """Before the first read: nobody who was erased comes back, and nobody is read who has refused."""
    replay(platform.door, platform.vault, database.read)
    force, refusals = platform.force(), platform.vault.refusals
    in_force = force.catalogue_version and force.applying is None and force.vault == platform.vault.fingerprint
    if in_force and is_behind(refusals, database.read):
        replay_acts(platform.door, platform.catalogue(force.catalogue_version), refusals, database.read)


def keeper_of(settings: Settings, vault: Vault, database: Database) -> LogKeeper:
    """Return who signs for the log.

    Raises:
        BadInput: `bad_setting`, for `CDP_CHECKPOINTS` and `CDP_WITNESSES`.
    """
    signer = SignerKey(settings.log_origin, vault.platform_key("log"))
    try:
        outside = outside_of(settings.checkpoints, settings.home)
    except OSError:
        raise BadInput(
            "bad_setting", "checkpoints are kept in a file, a folder or at an `https:` URL", path="CDP_CHECKPOINTS"
        ) from None
    try:
        witnesses = parse_witnesses(settings.witnesses)
    except (NoteError, OSError):
        raise BadInput(
            "bad_setting", "a witness is named by its key, a space, and its URL", path="CDP_WITNESSES"
        ) from None
    return LogKeeper(database, outside, signer, witnesses, home=settings.home)


@contextmanager
def _anchored(settings: Settings, vault: Vault, database: Database) -> Iterator[LogKeeper]:
    """Hold the log to the last checkpoint outside the database, and sign for it again when all is done."""
    sealed_by = database.read(lambda conn: conn.execute(select(IN_FORCE.c.vault)).scalar_one())
    if sealed_by:  # with another store's keys the log would be another's, too, and that is not what is wrong
        _require_own_keys(sealed_by, vault)
    keeper = keeper_of(settings, vault, database)
    keeper.sign()  # a place that cannot be reached is found out before anything is done
    with database.snapshot() as conn:
        check_tail(conn)
    try:
        yield keeper
    except BaseException:
        with suppress(CdpError):  # what went wrong first is what is to be told
            keeper.sign()
        raise
    keeper.sign()
    keeper.cosign(wait=2.0)
