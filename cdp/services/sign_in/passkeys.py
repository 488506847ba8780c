"""Passkeys of customers: adding, listing, naming, removing, and signing in with one.

Of whoever became part of her they are hers as well, while that stands: they stay where they are, under the key and the
handle of whom they were made for, so that a merge that is undone leaves nothing of them with anybody else.

INVARIANT: whatever is amiss with an answer, it looks the same: an unknown passkey, somebody else's, a wrong signature,
another site, a challenge that was used. They are sealed under the key of the customer, so that an erasure takes them.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection

from audit.entries import HERSELF, Entry
from cdp.bootstrap import Platform
from cdp.erasure.register import part_of, survivor_of
from cdp.errors import NotFound
from cdp.services.customers import find_customer
from cdp.services.sign_in import ceremony
from cdp.services.sign_in.ceremony import Site
from cdp.services.sign_in.challenges import ADD, ENTER, ask_challenge, use_up
from cdp.services.sign_in.holders import handle_of
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.keyring import Copied, Keyring, Passkey, checked_name
from cdp.services.sign_in.sessions import Proof, let_in
from cdp.store.lookup import find_ordinals
from cdp.store.sign_in import PASSKEY
from cdp.vault.vault import Vault

RING: Final = Keyring(PASSKEY)


def ask_to_add(platform: Platform, site: Site, session: Session, *, name: str) -> str:
    """Return what her browser needs to make a passkey, as JSON."""
    known = [each.credential for each in list_passkeys(platform, session)]
    challenge = ask_challenge(platform, session.secret, ADD)
    handle = handle_of(platform.vault, session.holder)
    return ceremony.options_to_add(site, challenge, handle=handle, name=name, known=known)


def add_passkey(platform: Platform, site: Site, session: Session, answer: str, *, name: str) -> None:
    """Keep a passkey that her browser has made.

    Raises:
        Refused: `passkey_invalid`, `too_many_passkeys`.
        BadInput: `bad_passkey_name`.
    """
    name = checked_name(name)
    made = ceremony.check_made(site, use_up(platform, answer, session.secret, ADD), answer)
    key, in_force = _key(platform.vault, session.holder), platform.in_force()
    with platform.door.record(_entry(platform, "passkey_added")) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [session.holder])
        RING.add(change.conn, session.holder, made, key=key, name=name)


def list_passkeys(platform: Platform, session: Session) -> list[Passkey]:
    """Return her passkeys, the newest first."""
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", "own_passkeys", HERSELF, in_force.versions)) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [session.holder])
        found = [each for who, key in _rings(change.conn, platform.vault, session.holder)
                 for each in RING.list_of(change.conn, who, key=key)]  # fmt: skip
        return sorted(found, key=lambda each: (each.created_at, each.passkey), reverse=True)


def name_passkey(platform: Platform, session: Session, passkey: str, name: str) -> None:
    """Give a passkey of hers another name.

    Raises:
        NotFound: `unknown_passkey`: there is none, or it is somebody else's.
        BadInput: `bad_passkey_name`.
    """
    name = checked_name(name)
    with platform.door.record(_entry(platform, "passkey_named")) as change:
        change.subjects += find_ordinals(change.conn, platform.in_force().catalogue, [session.holder])
        who, key = _ring(change.conn, platform.vault, session.holder, passkey)
        RING.rename(change.conn, who, passkey, key=key, name=name)


def remove_passkey(platform: Platform, session: Session, passkey: str) -> None:
    """Take a passkey of hers away; it lets nobody in any more.

    Raises:
        NotFound: `unknown_passkey`.
    """
    with platform.door.record(_entry(platform, "passkey_removed")) as change:
        change.subjects += find_ordinals(change.conn, platform.in_force().catalogue, [session.holder])
        RING.remove(change.conn, _ring(change.conn, platform.vault, session.holder, passkey)[0], passkey)


def ask_to_enter(platform: Platform, site: Site, *, browser: str) -> str:
    """Return what a browser needs to sign in with a passkey, as JSON."""
    return ceremony.options_to_enter(site, ask_challenge(platform, browser, ENTER))


def open_passkey(
    platform: Platform, site: Site, answer: str, *, browser: str, device: str = "", cookie: str = ""
) -> Session:  # fmt: skip
    """Sign in with a passkey; or, in a browser where she is signed in, prove anew who she is.

    Args:
        browser: the secret that the asking browser keeps.

    Raises:
        Refused: `passkey_invalid`.
    """
    said = ceremony.parse_answer(answer, use_up(platform, answer, browser, ENTER))
    in_force = platform.in_force()
    try:
        with platform.door.record(_entry(platform, "sign_in")) as change:
            kept = RING.find(change.conn, said.credential)
            said.require_handle(handle_of(platform.vault, kept.holder))
            RING.use(change.conn, kept, said, site=site, key=_key(platform.vault, kept.holder))
            her = find_customer(change.conn, in_force, platform.vault, survivor_of(change.conn, kept.holder))
            change.subjects.append(her.ordinal)
            return let_in(change.conn, platform, her.customer_id, Proof("passkey", device, cookie), datetime.now(UTC))
    except NotFound:  # she was erased since
        raise ceremony.invalid() from None
    except Copied as copied:
        with platform.door.record(_entry(platform, "passkey_copied")) as change:
            change.subjects += find_ordinals(change.conn, in_force.catalogue, [copied.holder])
            RING.doubt(change.conn, said.credential)
        raise ceremony.invalid() from None


def _key(vault: Vault, customer_id: str) -> bytes:
    """Return the key of a customer.

    Raises:
        NotFound: `unknown_customer`: she was erased meanwhile.
    """
    key = vault.keys([customer_id]).get(customer_id)
    if key is None:
        raise NotFound("unknown_customer", "there is no such customer")
    return key


def _rings(conn: Connection, vault: Vault, customer_id: str) -> list[tuple[str, bytes]]:
    """Return whose passkeys are hers, with their keys: her own, and those of whoever is part of her."""
    ids = [customer_id, *sorted(part_of(conn, [customer_id]))]
    keys = vault.keys(ids)
    return [(each, keys[each]) for each in ids if each in keys]


def _ring(conn: Connection, vault: Vault, customer_id: str, passkey: str) -> tuple[str, bytes]:
    """Return under whom one of her passkeys is kept, and the key; herself for one that is not hers."""
    rings = _rings(conn, vault, customer_id)
    for who, key in rings:
        if any(each.passkey == passkey for each in RING.list_of(conn, who, key=key)):
            return who, key
    return customer_id, _key(vault, customer_id)


def _entry(platform: Platform, act: str) -> Entry:
    return Entry("change", act, HERSELF, platform.in_force().versions)
