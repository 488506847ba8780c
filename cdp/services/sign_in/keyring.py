"""Passkeys of one kind of holder, customers or staff: kept, found, used. In the caller's transaction, with its entry.

INVARIANT: ids of passkeys are hashed, public keys and names sealed under a key that the caller gives.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, func, select, update

from audit.entries import timestamp
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.sign_in import ceremony
from cdp.services.sign_in.ceremony import Made, Site
from cdp.store.bulk import insert_rows
from cdp.vault.seal import Sealer

MOST = 20
LONGEST_NAME = 60
_FORMAT = 1


class Copied(Exception):
    """A passkey counts behind: somebody uses a copy. Whose it is says `holder`."""

    def __init__(self, holder: str) -> None:
        super().__init__()
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it; `doubted_at` says when a copy of it was used."""

    passkey: str
    name: str
    created_at: str
    used_at: str | None
    doubted_at: str | None
    credential: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a passkey that somebody brings."""

    passkey: str
    holder: str
    sealed: bytes
    sign_count: int


class Keyring:
    """The passkeys in one table; its first column names the holder."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._c = table.c
        self._holder = next(iter(table.c))
        self._sealer = Sealer(table.name, "passkey")

    def add(self, conn: Connection, holder: str, made: Made, *, key: bytes, name: str) -> None:
        """Keep a passkey.

        Raises:
            Refused: `passkey_invalid`: it is kept already, and whoever repeats one is told no more;
                `too_many_passkeys`.
        """
        row = ceremony.fingerprint(made.credential)
        mine = select(func.count()).select_from(self._table).where(self._holder == holder)
        if conn.execute(mine).scalar_one() >= MOST:
            raise Refused("too_many_passkeys", "there are too many passkeys", hint="remove one first")
        if conn.execute(select(self._c.passkey).where(self._c.passkey == row)).first():
            raise ceremony.invalid()
        values = {"name": name, "credential": made.credential.hex(), "key": made.public_key.hex()}
        sealed = self._sealer.seal(key, row, values, schema=_FORMAT)
        insert_rows(conn, self._table, [[holder, row, sealed, made.sign_count, timestamp(), None, None]])

    def list_of(self, conn: Connection, holder: str, *, key: bytes) -> list[Passkey]:
        """Return somebody's passkeys, the newest first."""
        c = self._c
        wanted = select(c.passkey, c.sealed, c.created_at, c.used_at, c.doubted_at).where(self._holder == holder)
        found = []
        for passkey, sealed, created_at, used_at, doubted_at in conn.execute(
            wanted.order_by(c.created_at.desc(), c.passkey)
        ):
            opened = self._sealer.unseal(key, passkey, bytes(sealed))
            credential = bytes.fromhex(str(opened["credential"]))
            found.append(Passkey(passkey, str(opened["name"]), created_at, used_at, doubted_at, credential))
        return found

    def rename(self, conn: Connection, holder: str, passkey: str, *, key: bytes, name: str) -> None:
        """Give somebody's passkey another name.

        Raises:
            NotFound: `unknown_passkey`: there is none, or it is somebody else's.
        """
        mine = (self._holder == holder, self._c.passkey == passkey)
        sealed = conn.execute(select(self._c.sealed).where(*mine).with_for_update()).scalar_one_or_none()
        if sealed is None:
            raise _unknown()
        values = {**self._sealer.unseal(key, passkey, bytes(sealed)), "name": name}
        conn.execute(
            update(self._table).where(*mine).values(sealed=self._sealer.seal(key, passkey, values, schema=_FORMAT))
        )  # fmt: skip

    def remove(self, conn: Connection, holder: str, passkey: str) -> None:
        """Take somebody's passkey away.

        Raises:
            NotFound: `unknown_passkey`.
        """
        mine = delete(self._table).where(self._holder == holder, self._c.passkey == passkey)
        if conn.execute(mine).rowcount != 1:
            raise _unknown()

    def find(self, conn: Connection, credential: bytes) -> Kept:
        """Return what is kept of a passkey, locked.

        Raises:
            Refused: `passkey_invalid`: nothing is.
        """
        row, c = ceremony.fingerprint(credential), self._c
        wanted = select(self._holder, c.sealed, c.sign_count).where(c.passkey == row).with_for_update()
        found = conn.execute(wanted).one_or_none()
        if found is None:
            raise ceremony.invalid()
        holder, sealed, sign_count = found
        return Kept(row, holder, bytes(sealed), sign_count)

    def use(self, conn: Connection, kept: Kept, answer: ceremony.Answer, *, site: Site, key: bytes) -> None:
        """Verify that who answers has the passkey, and write down how often it was used.

        Raises:
            Refused: `passkey_invalid`.
            Copied: it counts behind.
        """
        public_key = bytes.fromhex(str(self._sealer.unseal(key, kept.passkey, kept.sealed)["key"]))
        count = ceremony.check_used(site, answer, public_key=public_key)
        if ceremony.counts_behind(count, kept.sign_count):
            raise Copied(kept.holder)
        mine = (self._c.passkey == kept.passkey, self._c.sign_count == kept.sign_count)
        used = update(self._table).where(*mine).values(sign_count=count, used_at=timestamp())
        if conn.execute(used).rowcount != 1:
            raise ceremony.invalid()

    def doubt(self, conn: Connection, credential: bytes) -> None:
        """Write down that a copy of a passkey was used."""
        mine = self._c.passkey == ceremony.fingerprint(credential)
        conn.execute(update(self._table).where(mine).values(doubted_at=timestamp()))


def checked_name(text: str) -> str:
    """Return a name of a passkey as it is kept.

    Raises:
        BadInput: `bad_passkey_name`.
    """
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput("bad_passkey_name", f"a passkey has a name of at most {LONGEST_NAME} letters")
    return name


def _unknown() -> NotFound:
    return NotFound("unknown_passkey", "there is no such passkey")
