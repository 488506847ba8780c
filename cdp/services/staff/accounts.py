"""Who there is among staff. An account names a person in the log, as `staff:ann`; her address is kept sealed."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.services.staff.permissions import Permission, may
from cdp.store.staff import STAFF
from cdp.vault.parcel import open_parcel
from cdp.vault.vault import Vault

NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,47}")
KEY: Final = "staff"
C: Final = STAFF.c


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works in the console.

    Attributes:
        staff: names the account for ever; names of people may be given anew.
        welcomed: whether she has chosen how she signs in.
        signed_in_at: when she last did.
    """

    staff: str
    name: str
    role: str
    created_at: str
    created_by: str
    disabled_at: str | None
    welcomed: bool
    signed_in_at: str | None = None
    confirmed_at: str | None = None
    confirmed_by: str | None = None

    @property
    def settled_at(self) -> str:
        """When somebody last said that she needs what she may see: by adding her, or by confirming."""
        return self.confirmed_at or self.created_at

    @property
    def principal(self) -> Principal:
        """Return who acts, for the log and for views."""
        return Principal(f"staff:{self.name}", self.role)

    def may(self, permission: Permission) -> bool:
        """Return whether she may do something in the console."""
        return may(self.role, permission)


def accounts_query() -> Select[Any]:
    """Return the statement that reads accounts."""
    return select(
        C.staff, C.name, C.role, C.created_at, C.created_by, C.disabled_at, C.welcomed_at, C.signed_in_at,
        C.confirmed_at, C.confirmed_by,
    )  # fmt: skip


def account_of(row: Sequence[Any]) -> Account:
    """Return the account of a row of `accounts_query`."""
    staff, name, role, created_at, created_by, disabled_at, welcomed_at, *since = row
    return Account(staff, name, role, created_at, created_by, disabled_at, welcomed_at is not None, *since)


def list_accounts(platform: Platform) -> list[Account]:
    """Return all accounts by name, those that are disabled last."""
    rows = platform.door.lookup(accounts_query().order_by(C.disabled_at.is_not(None), C.name, C.created_at))
    return [account_of(row) for row in rows]


def find_account(platform: Platform, staff: str) -> Account | None:
    """Return an account that may act, by its id."""
    rows = platform.door.lookup(accounts_query().where(C.staff == staff, C.disabled_at.is_(None)))
    return account_of(rows[0]) if rows else None


def named_account(conn: Connection, name: str) -> Account:
    """Return the account of a name that may act, locked.

    Raises:
        NotFound: `unknown_staff`.
    """
    found = conn.execute(accounts_query().where(C.name == name, C.disabled_at.is_(None)).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise NotFound("unknown_staff", "there is no such account", path="name", hint="`cdp staff list` has them")
    return account_of(row)


def require_other(account: Account, actor: str) -> None:
    """Do nothing if what an actor of the log did may be decided by this account: nobody decides on her own acts.

    Raises:
        Refused: `own_act`.
    """
    if account.principal.name == actor:
        raise Refused("own_act", "nobody decides on what she did herself", hint="ask another officer")


def address_token(vault: Vault, address: str) -> str:
    """Return the keyed token by which an account is found by its address."""
    folded = address.strip().casefold().encode()
    return hmac.new(vault.platform_key(KEY), b"cdp/staff-address/1" + folded, sha256).hexdigest()


def address_of(platform: Platform, account: Account) -> str:
    """Return the address of an account."""
    ((sealed,),) = platform.door.lookup(select(C.address).where(C.staff == account.staff))
    return open_parcel(platform.vault.platform_key(KEY), f"{account.staff}/address", bytes(sealed)).decode()
