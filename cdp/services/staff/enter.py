"""Signing in with a password and a one-time code.

INVARIANT: whatever is wrong, the answer is the same and takes the same work: one password is compared by Argon2id and
the codes of three steps, for a name that nobody has as well. How often one may try is counted by name and by address
before anything is looked up (`cdp.console.sign_in`), so that being told to wait says nothing of whether a name exists.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Delete, Update, delete, select, update

from audit.door import Change
from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.sessions import Proof
from cdp.services.staff import proofs
from cdp.services.staff.accounts import KEY, Account, C, account_of, accounts_query
from cdp.services.staff.sessions import let_in
from cdp.store.staff import RECOVERY_CODE, STAFF
from cdp.vault.parcel import open_parcel

_NOBODYS: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_R: Final = RECOVERY_CODE.c


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody types; the code is one of her authenticator, or of her list."""

    name: str
    password: str
    code: str


def enter(platform: Platform, attempt: Attempt, *, device: str = "", cookie: str = "") -> Session:
    """Begin a session; or, in a browser where she is signed in, prove anew who she is.

    Raises:
        Refused: `staff_refused`, with its entry.
    """
    now, found = datetime.now(UTC), _found(platform, attempt.name)
    right = proofs.is_password(found.password, attempt.password)
    step = proofs.code_step(found.secret or _NOBODYS, attempt.code, now=now, after=found.used)
    step = step if found.secret else None
    try:
        if found.account is None or not right:
            raise refused()
        with platform.door.record(_entry(platform, "change", found.account.principal)) as change:
            _use(change, platform, found, step, attempt.code)
            return let_in(change.conn, platform, found.account, Proof("totp", device, cookie), now)
    except Refused:
        principal = found.account.principal if found.account else Principal("staff:unknown")
        platform.door.note(_entry(platform, "refusal", principal))
        raise


@dataclass(frozen=True, slots=True)
class _Found:
    """What is kept of a name; of one that nobody has, nothing. `secret` is that of the one-time codes."""

    account: Account | None = None
    password: str | None = None
    secret: str = ""
    used: int = 0


def _found(platform: Platform, name: str) -> _Found:
    wanted = accounts_query().add_columns(C.password, C.totp, C.totp_step)
    rows = platform.door.lookup(wanted.where(C.name == name, C.disabled_at.is_(None)))
    if not rows:
        return _Found()
    *said, password, totp, used = rows[0]
    account = account_of(said)
    return _Found(account, password, _secret(platform, account, totp), used)


def _use(change: Change, platform: Platform, found: _Found, step: int | None, code: str) -> None:
    """Use up the step or the recovery code, if the account is still as it was looked up.

    Raises:
        Refused: `staff_refused`.
    """
    staff = found.account.staff if found.account else ""
    once: Update | Delete = delete(RECOVERY_CODE).where(
        _R.staff == staff, _R.code == proofs.recovery_hash(platform.vault, staff, code)
    )
    if step is not None:
        once = update(STAFF).where(C.staff == staff, C.totp_step < step).values(totp_step=step)
    able = select(C.staff).where(C.staff == staff, C.disabled_at.is_(None), C.password == found.password)
    if change.conn.execute(once).rowcount != 1 or change.conn.execute(able).first() is None:
        raise refused()
    change.facts["by"] = "totp" if step is not None else "recovery_code"


def refused() -> Refused:
    """Return the one error for whoever is not let in."""
    return Refused("staff_refused", "name, password or code is not right", hint="try again, or ask for a new link")


def _secret(platform: Platform, account: Account, sealed: bytes | None) -> str:
    if sealed is None:
        return ""
    return open_parcel(platform.vault.platform_key(KEY), f"{account.staff}/totp", bytes(sealed)).decode()


def _entry(platform: Platform, what: str, principal: Principal) -> Entry:
    return Entry("change" if what == "change" else "refusal", "staff_sign_in", principal, platform.in_force().versions)
