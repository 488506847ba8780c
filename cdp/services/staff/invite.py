"""Adding somebody to staff, new one-time links, and disabling an account."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, or_, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.document import nearest
from cdp.errors import BadInput, Refused
from cdp.services.sign_in import keeping
from cdp.services.sign_in.holders import bearer, secret_hash
from cdp.services.staff.accounts import KEY, NAME, Account, C, address_token, named_account
from cdp.services.staff.permissions import ROLES
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import SESSION
from cdp.store.staff import STAFF, STAFF_LINK
from cdp.vault.parcel import seal_parcel

LASTS: Final = timedelta(hours=24)
LONGEST_ADDRESS: Final = 254
OFFICER: Final = "privacy_officer"


@dataclass(frozen=True, slots=True)
class Invited:
    """An account, and the secret of the link by which its owner chooses how she signs in; it is kept nowhere."""

    account: Account
    secret: str


def add_staff(platform: Platform, name: str, *, role: str, address: str, principal: Principal) -> Invited:
    """Add an account.

    Raises:
        BadInput: `bad_staff_name`, `bad_staff_role`, `bad_staff_address`.
        Refused: `staff_exists`: the name was given before, or the address is another account's.
    """
    if not NAME.fullmatch(name):
        hint = "lower-case letters, digits, `.`, `_` and `-`"
        raise BadInput("bad_staff_name", "this is no name of an account", path="name", hint=hint)
    if role not in ROLES:
        hint = nearest(role, ROLES) or f"one of {', '.join(ROLES)}"
        raise BadInput("bad_staff_role", "there is no such role in the console", path="role", hint=hint)
    address = address.strip()
    if not 3 <= len(address) <= LONGEST_ADDRESS or "@" not in address[1:-1] or not address.isprintable():
        raise BadInput("bad_staff_address", "this is no e-mail address", path="email")
    staff, now, secret = f"staff_{secrets.token_hex(12)}", datetime.now(UTC), secrets.token_urlsafe(32)
    sealed = seal_parcel(platform.vault.platform_key(KEY), f"{staff}/address", address.encode())
    token = address_token(platform.vault, address)
    facts = {"staff": staff, "name": name, "as": role}
    with platform.door.record(_entry(platform, "staff_added", principal, facts)) as change:
        taken = or_(C.name == name, (C.address_token == token) & C.disabled_at.is_(None))
        if change.conn.execute(select(C.staff).where(taken)).first():
            hint = "a name is never given twice; `cdp staff link NAME` makes a new link"
            raise Refused("staff_exists", "there is an account of this name or address", path="name", hint=hint)
        values: list[object] = [
            staff, name, role, sealed, token, None, None, 0, None, timestamp(now), principal.name, None, None,
            None, None, None,
        ]  # fmt: skip
        insert_rows(change.conn, STAFF, [values])
        _link(change.conn, staff, secret, now)
    return Invited(Account(staff, name, role, timestamp(now), principal.name, None, welcomed=False), secret)


def new_link(platform: Platform, name: str, *, principal: Principal) -> Invited:
    """Make a new link for an account, as for somebody who lost what she proves with; earlier links are over.

    Raises:
        NotFound: `unknown_staff`.
    """
    secret = secrets.token_urlsafe(32)
    with platform.door.record(_entry(platform, "staff_link", principal, {"name": name})) as change:
        account = named_account(change.conn, name)
        _link(change.conn, account.staff, secret, datetime.now(UTC))
    return Invited(account, secret)


def disable_staff(platform: Platform, name: str, *, principal: Principal) -> Account:
    """Disable an account for ever: it is over at its next request, and its sessions and links end.

    Raises:
        NotFound: `unknown_staff`.
        Refused: `last_officer`: nobody else would answer for the whole.
    """
    with platform.door.record(_entry(platform, "staff_disabled", principal, {"name": name})) as change:
        officers = _officers(change.conn)
        account = named_account(change.conn, name)
        if officers == [account.staff]:
            hint = "add another one first, who opens her link"
            raise Refused("last_officer", "the last privacy officer cannot be disabled", path="name", hint=hint)
        values = {"disabled_at": timestamp(), "password": None, "totp": None, "subject": None}
        change.conn.execute(update(STAFF).where(C.staff == account.staff).values(values))
        change.conn.execute(delete(STAFF_LINK).where(STAFF_LINK.c.staff == account.staff))
        keeping.end(change.conn, SESSION.c.bearer == bearer(platform.vault, account.staff))
    return account


def _officers(conn: Connection) -> list[str]:
    """Return the privacy officers who can sign in, locked: two cannot disable each other at the same time."""
    can = or_(C.welcomed_at.is_not(None), C.subject.is_not(None))
    mine = select(C.staff).where(C.role == OFFICER, C.disabled_at.is_(None), can).order_by(C.staff).with_for_update()
    return [str(staff) for (staff,) in conn.execute(mine)]


def _link(conn: Connection, staff: str, secret: str, now: datetime) -> None:
    conn.execute(delete(STAFF_LINK).where(or_(STAFF_LINK.c.staff == staff, STAFF_LINK.c.expires_at < timestamp(now))))
    insert_rows(conn, STAFF_LINK, [[secret_hash(secret), staff, timestamp(now + LASTS)]])


def _entry(platform: Platform, act: str, principal: Principal, facts: dict[str, str]) -> Entry:
    return Entry("change", act, principal, platform.in_force().versions, facts)
