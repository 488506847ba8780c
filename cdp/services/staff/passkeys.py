"""Passkeys of staff: one stands for a password and a code, since it verifies its user.

As those of customers (`cdp.services.sign_in.passkeys`), sealed under a key of the platform.
"""

from datetime import UTC, datetime
from typing import Final

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.services.sign_in import ceremony, keeping
from cdp.services.sign_in.ceremony import Site
from cdp.services.sign_in.challenges import STAFF_ADD, STAFF_ENTER, ask_challenge, use_up
from cdp.services.sign_in.holders import handle_of
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.keyring import Copied, Keyring, Passkey, checked_name
from cdp.services.sign_in.sessions import Proof
from cdp.services.staff.accounts import KEY, Account, find_account
from cdp.services.staff.sessions import TERMS, Staff, let_in
from cdp.services.staff.welcome import begin_anew, find_invited
from cdp.store.staff import STAFF_PASSKEY

RING: Final = Keyring(STAFF_PASSKEY)


def ask_to_add(platform: Platform, site: Site, account: Account, *, browser: str) -> str:
    """Return what a browser needs to make a passkey, as JSON.

    Args:
        browser: the secret that the asking browser keeps.
    """
    known = [each.credential for each in list_passkeys(platform, account)]
    challenge, handle = ask_challenge(platform, browser, STAFF_ADD), handle_of(platform.vault, account.staff)
    return ceremony.options_to_add(site, challenge, handle=handle, name=account.name, known=known)


def add_passkey(platform: Platform, site: Site, staff: Staff, answer: str, *, name: str) -> None:
    """Keep a passkey that a browser has made.

    Raises:
        Refused: `passkey_invalid`, `too_many_passkeys`.
        BadInput: `bad_passkey_name`.
    """
    name = checked_name(name)
    made = ceremony.check_made(site, use_up(platform, answer, staff.session.secret, STAFF_ADD), answer)
    with platform.door.record(_entry(platform, "passkey_added", staff.principal)) as change:
        RING.add(change.conn, staff.account.staff, made, key=_key(platform), name=name)


def accept_passkey(
    platform: Platform, site: Site, link: str, answer: str, *, browser: str, name: str, device: str = ""
) -> Session:  # fmt: skip
    """Choose, by a one-time link, a passkey as the way to sign in; sign in with it.

    Raises:
        Refused: `link_invalid`, `passkey_invalid`.
        BadInput: `bad_passkey_name`.
    """
    account, name, now = find_invited(platform, link), checked_name(name), datetime.now(UTC)
    made = ceremony.check_made(site, use_up(platform, answer, browser, STAFF_ADD), answer)
    with platform.door.record(_entry(platform, "staff_welcomed", account.principal)) as change:
        begin_anew(change.conn, platform, account, link, now)
        RING.add(change.conn, account.staff, made, key=_key(platform), name=name)
        return keeping.begin(
            change.conn, platform.vault, TERMS, account.staff, now=now, proved_by="passkey", proved_at=now,
            device=device,
        )  # fmt: skip


def list_passkeys(platform: Platform, account: Account) -> list[Passkey]:
    """Return somebody's passkeys, the newest first."""
    with platform.door.record(_entry(platform, "own_passkeys", account.principal)) as change:
        return RING.list_of(change.conn, account.staff, key=_key(platform))


def remove_passkey(platform: Platform, staff: Staff, passkey: str) -> None:
    """Take a passkey of one's own away.

    Raises:
        NotFound: `unknown_passkey`.
    """
    with platform.door.record(_entry(platform, "passkey_removed", staff.principal)) as change:
        RING.remove(change.conn, staff.account.staff, passkey)


def ask_to_enter(platform: Platform, site: Site, *, browser: str) -> str:
    """Return what a browser needs to sign in with a passkey, as JSON: the same for everybody."""
    return ceremony.options_to_enter(site, ask_challenge(platform, browser, STAFF_ENTER))


def open_passkey(
    platform: Platform, site: Site, answer: str, *, browser: str, device: str = "", cookie: str = ""
) -> Session:  # fmt: skip
    """Sign in with a passkey; or, in a browser where one is signed in, prove anew who one is.

    Raises:
        Refused: `passkey_invalid`.
    """
    said = ceremony.parse_answer(answer, use_up(platform, answer, browser, STAFF_ENTER))
    try:
        with platform.door.record(_entry(platform, "staff_sign_in", Principal("staff:unknown"))) as change:
            kept = RING.find(change.conn, said.credential)
            said.require_handle(handle_of(platform.vault, kept.holder))
            RING.use(change.conn, kept, said, site=site, key=_key(platform))
            account = find_account(platform, kept.holder)
            if account is None:
                raise ceremony.invalid()
            change.principal = account.principal
            change.facts["by"] = "passkey"
            return let_in(change.conn, platform, account, Proof("passkey", device, cookie), datetime.now(UTC))
    except Copied as copied:
        account = find_account(platform, copied.holder)
        principal = account.principal if account else Principal("staff:unknown")
        with platform.door.record(_entry(platform, "passkey_copied", principal)) as change:
            RING.doubt(change.conn, said.credential)
        raise ceremony.invalid() from None


def _key(platform: Platform) -> bytes:
    return platform.vault.platform_key(KEY)


def _entry(platform: Platform, act: str, principal: Principal) -> Entry:
    return Entry("change", act, principal, platform.in_force().versions)
