"""Choosing how one signs in, by a one-time link: a password with one-time codes.

Whoever has the link decides; so it lasts a day, works once, and what the account had before it (password, codes,
passkeys, sessions) is over when it has worked.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select, update

from audit.entries import Entry, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, Refused, Unavailable
from cdp.services.sign_in import keeping
from cdp.services.sign_in.holders import bearer, secret_hash
from cdp.services.sign_in.keeping import Session
from cdp.services.staff import proofs
from cdp.services.staff.accounts import KEY, Account, C, account_of, accounts_query
from cdp.services.staff.sessions import TERMS
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import SESSION
from cdp.store.staff import RECOVERY_CODE, STAFF, STAFF_LINK, STAFF_PASSKEY
from cdp.vault.parcel import open_parcel, seal_parcel

_L = STAFF_LINK.c


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody has chosen: the sealed secret that the page gave her, a code that it makes, and a password."""

    password: str
    sealed: str
    code: str


def find_invited(platform: Platform, link: str) -> Account:
    """Return whose a link is; looking uses nothing up.

    Raises:
        Refused: `link_invalid`.
    """
    mine = (_L.link == secret_hash(link), _L.expires_at > timestamp(), C.staff == _L.staff, C.disabled_at.is_(None))
    rows = platform.door.lookup(accounts_query().where(*mine))
    if not rows:
        raise _invalid()
    return account_of(rows[0])


def new_sealed_secret(platform: Platform, link: str) -> tuple[str, str]:
    """Return a new secret for one-time codes, and the same sealed for the form that brings it back."""
    secret = proofs.new_secret()
    sealed = seal_parcel(platform.vault.platform_key(KEY), f"welcome/{secret_hash(link)}", secret.encode())
    return secret, sealed.hex()


def opened_secret(platform: Platform, link: str, sealed: str) -> str:
    """Return the secret that a page of this link was given.

    Raises:
        Refused: `link_invalid`: it is of another link, or of none.
    """
    try:
        name = f"welcome/{secret_hash(link)}"
        return open_parcel(platform.vault.platform_key(KEY), name, bytes.fromhex(sealed)).decode()
    except (ValueError, Unavailable):
        raise _invalid() from None


def accept(platform: Platform, link: str, chosen: Chosen, *, device: str = "") -> tuple[Session, list[str]]:
    """Keep what somebody has chosen, sign her in, and return her recovery codes, which are shown this once.

    Raises:
        Refused: `link_invalid`.
        BadInput: `weak_password`, `wrong_code`.
    """
    account, now = find_invited(platform, link), datetime.now(UTC)
    secret = opened_secret(platform, link, chosen.sealed)
    proofs.check_password(chosen.password, name=account.name)
    step = proofs.code_step(secret, chosen.code, now=now, after=0)
    if step is None:
        hint = "look at the clock of the device"
        raise BadInput("wrong_code", "this is not the code that the authenticator shows now", path="code", hint=hint)
    codes = proofs.new_recovery_codes()
    hashed = proofs.hash_password(chosen.password)
    sealed = seal_parcel(platform.vault.platform_key(KEY), f"{account.staff}/totp", secret.encode())
    with platform.door.record(_entry(platform, account)) as change:
        begin_anew(change.conn, platform, account, link, now)
        values = {"password": hashed, "totp": sealed, "totp_step": step}
        change.conn.execute(update(STAFF).where(C.staff == account.staff).values(values))
        kept = [[account.staff, proofs.recovery_hash(platform.vault, account.staff, code)] for code in codes]
        insert_rows(change.conn, RECOVERY_CODE, kept)
        session = keeping.begin(
            change.conn, platform.vault, TERMS, account.staff, now=now, proved_by="totp", proved_at=now, device=device
        )  # fmt: skip
    return session, codes


def begin_anew(conn: Connection, platform: Platform, account: Account, link: str, now: datetime) -> None:
    """Use a link up, and let go of whatever the account proved with before.

    Raises:
        Refused: `link_invalid`: somebody else was quicker.
    """
    mine = delete(STAFF_LINK).where(_L.link == secret_hash(link), _L.expires_at > timestamp(now))
    able = conn.execute(select(C.staff).where(C.staff == account.staff, C.disabled_at.is_(None)).with_for_update())
    if conn.execute(mine).rowcount != 1 or able.first() is None:
        raise _invalid()
    for table in (RECOVERY_CODE, STAFF_PASSKEY):
        conn.execute(delete(table).where(table.c.staff == account.staff))
    keeping.end(conn, SESSION.c.bearer == bearer(platform.vault, account.staff))
    at = timestamp(now)
    values = {"welcomed_at": at, "signed_in_at": at, "password": None, "totp": None, "totp_step": 0, "subject": None}
    conn.execute(update(STAFF).where(C.staff == account.staff).values(values))


def _entry(platform: Platform, account: Account) -> Entry:
    return Entry("change", "staff_welcomed", account.principal, platform.in_force().versions)


def _invalid() -> CdpError:
    return Refused("link_invalid", "the link has been used or has run out", hint="ask for a new one")
