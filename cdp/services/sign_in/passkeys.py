"""Passkeys of customers: adding, listing, naming, removing, and signing in with one.

INVARIANT: whatever is amiss with an answer, it looks the same: an unknown passkey, somebody else's, a wrong signature,
another site, a challenge that was used. Ids of passkeys are hashed, public keys and names sealed under the key of the
customer, so that an erasure takes them with it.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from audit.entries import HERSELF, Entry, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.customers import find_customer
from cdp.services.sign_in import ceremony
from cdp.services.sign_in.ceremony import Site
from cdp.services.sign_in.challenges import ask_challenge, is_used_up
from cdp.services.sign_in.keeping import Session
from cdp.services.sign_in.sessions import Proof, let_in
from cdp.store.bulk import insert_rows
from cdp.store.lookup import find_ordinals
from cdp.store.sign_in import PASSKEY
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault

MOST: Final = 20
LONGEST_NAME: Final = 60
ADD: Final = "add"
ENTER: Final = "enter"

_C: Final = PASSKEY.c
_SEALER: Final = Sealer("cdp_passkey", "passkey")
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it; `doubted_at` says when a copy of it was used."""

    passkey: str
    name: str
    created_at: str
    used_at: str | None
    doubted_at: str | None
    credential: bytes


def ask_to_add(platform: Platform, site: Site, session: Session, *, name: str) -> str:
    """Return what her browser needs to make a passkey, as JSON."""
    known = [each.credential for each in list_passkeys(platform, session)]
    challenge = ask_challenge(platform, session.secret, ADD)
    handle = _handle(platform.vault, session.holder)
    return ceremony.options_to_add(site, challenge, handle=handle, name=name, known=known)


def add_passkey(platform: Platform, site: Site, session: Session, answer: str, *, name: str) -> None:
    """Keep a passkey that her browser has made.

    Raises:
        Refused: `passkey_invalid`, `too_many_passkeys`.
        BadInput: `bad_passkey_name`.
    """
    name, challenge = _name(name), ceremony.challenge_of(answer)
    if not is_used_up(platform, challenge, session.secret, ADD):
        raise ceremony.invalid()
    made = ceremony.check_made(site, challenge, answer)
    row = ceremony.fingerprint(made.credential)
    key = _key(platform.vault, session)
    values = {"name": name, "credential": made.credential.hex(), "key": made.public_key.hex()}
    sealed = _SEALER.seal(key, row, values, schema=_FORMAT)
    with platform.door.record(_entry(platform.in_force(), "passkey_added")) as change:
        change.subjects += find_ordinals(change.conn, platform.in_force().catalogue, [session.holder])
        hers = select(func.count()).select_from(PASSKEY).where(_C.customer_id == session.holder)
        if change.conn.execute(hers).scalar_one() >= MOST:
            raise Refused("too_many_passkeys", "there are too many passkeys", hint="remove one first")
        if change.conn.execute(select(_C.passkey).where(_C.passkey == row)).first():
            raise ceremony.invalid()  # of an authenticator that gives the same id twice, or of somebody who repeats one
        insert_rows(change.conn, PASSKEY, [[session.holder, row, sealed, made.sign_count, timestamp(), None, None]])


def list_passkeys(platform: Platform, session: Session) -> list[Passkey]:
    """Return her passkeys, the newest first."""
    in_force = platform.in_force()
    key = _key(platform.vault, session)
    with platform.door.record(Entry("disclosure", "own_passkeys", HERSELF, in_force.versions)) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [session.holder])
        wanted = select(_C.passkey, _C.sealed, _C.created_at, _C.used_at, _C.doubted_at)
        rows = change.conn.execute(
            wanted.where(_C.customer_id == session.holder).order_by(_C.created_at.desc(), _C.passkey)
        ).all()  # fmt: skip
    found = []
    for passkey, sealed, created_at, used_at, doubted_at in rows:
        opened = _SEALER.unseal(key, passkey, bytes(sealed))
        credential = bytes.fromhex(str(opened["credential"]))
        found.append(Passkey(passkey, str(opened["name"]), created_at, used_at, doubted_at, credential))
    return found


def name_passkey(platform: Platform, session: Session, passkey: str, name: str) -> None:
    """Give a passkey of hers another name.

    Raises:
        NotFound: `unknown_passkey`: there is none, or it is somebody else's.
        BadInput: `bad_passkey_name`.
    """
    name, key = _name(name), _key(platform.vault, session)
    with platform.door.record(_entry(platform.in_force(), "passkey_named")) as change:
        change.subjects += find_ordinals(change.conn, platform.in_force().catalogue, [session.holder])
        mine = (_C.customer_id == session.holder, _C.passkey == passkey)
        sealed = change.conn.execute(select(_C.sealed).where(*mine).with_for_update()).scalar_one_or_none()
        if sealed is None:
            raise _unknown()
        values = {**_SEALER.unseal(key, passkey, bytes(sealed)), "name": name}
        change.conn.execute(
            update(PASSKEY).where(*mine).values(sealed=_SEALER.seal(key, passkey, values, schema=_FORMAT))
        )  # fmt: skip


def remove_passkey(platform: Platform, session: Session, passkey: str) -> None:
    """Take a passkey of hers away; it lets nobody in any more.

    Raises:
        NotFound: `unknown_passkey`.
    """
    with platform.door.record(_entry(platform.in_force(), "passkey_removed")) as change:
        change.subjects += find_ordinals(change.conn, platform.in_force().catalogue, [session.holder])
        mine = delete(PASSKEY).where(_C.customer_id == session.holder, _C.passkey == passkey)
        if change.conn.execute(mine).rowcount != 1:
            raise _unknown()


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
    challenge = ceremony.challenge_of(answer)
    if not is_used_up(platform, challenge, browser, ENTER):
        raise ceremony.invalid()
    said, now = ceremony.parse_answer(answer), datetime.now(UTC)
    row, in_force = ceremony.fingerprint(said.raw_id), platform.in_force()
    try:
        with platform.door.record(_entry(in_force, "sign_in")) as change:
            held = _held(change.conn, platform.vault, row)
            if not hmac.compare_digest(said.response.user_handle or b"", _handle(platform.vault, held.customer_id)):
                raise ceremony.invalid()
            count = ceremony.check_used(site, challenge, said, public_key=held.public_key)
            _require_forward(held, count)
            mine = (_C.passkey == row, _C.sign_count == held.sign_count)
            used = update(PASSKEY).where(*mine).values(sign_count=count, used_at=timestamp(now))
            if change.conn.execute(used).rowcount != 1:
                raise ceremony.invalid()
            change.subjects.append(find_customer(change.conn, in_force, platform.vault, held.customer_id).ordinal)
            return let_in(change.conn, platform, held.customer_id, Proof("passkey", device, cookie), now)
    except NotFound:  # she was erased since, or became part of another customer
        raise ceremony.invalid() from None
    except _Copied as copied:
        with platform.door.record(_entry(in_force, "passkey_copied")) as change:
            change.subjects += find_ordinals(change.conn, in_force.catalogue, [copied.customer_id])
            change.conn.execute(update(PASSKEY).where(_C.passkey == row).values(doubted_at=timestamp(now)))
        raise ceremony.invalid() from None


class _Copied(Exception):
    """A passkey counts behind."""

    def __init__(self, customer_id: str) -> None:
        super().__init__()
        self.customer_id = customer_id


@dataclass(frozen=True, slots=True)
class _Held:
    customer_id: str
    public_key: bytes
    sign_count: int


def _held(conn: Connection, vault: Vault, row: str) -> _Held:
    """Return what is kept of a passkey, locked."""
    wanted = select(_C.customer_id, _C.sealed, _C.sign_count).where(_C.passkey == row).with_for_update()
    found = conn.execute(wanted).one_or_none()
    if found is not None:
        key = vault.keys([found.customer_id]).get(found.customer_id)
        if key is not None:  # else an erasure has begun
            opened = _SEALER.unseal(key, row, bytes(found.sealed))
            return _Held(found.customer_id, bytes.fromhex(str(opened["key"])), found.sign_count)
    raise ceremony.invalid()


def _require_forward(held: _Held, count: int) -> None:
    if ceremony.counts_behind(count, held.sign_count):
        raise _Copied(held.customer_id)


def _key(vault: Vault, session: Session) -> bytes:
    """Return the key of who is signed in.

    Raises:
        NotFound: `unknown_customer`: she was erased meanwhile.
    """
    key = vault.keys([session.holder]).get(session.holder)
    if key is None:
        raise NotFound("unknown_customer", "there is no such customer")
    return key


def _handle(vault: Vault, customer_id: str) -> bytes:
    """Return what names her account to an authenticator: the same each time, and telling nothing."""
    return hmac.new(vault.platform_key("sign-in"), b"cdp/handle/1" + customer_id.encode(), sha256).digest()


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput("bad_passkey_name", f"a passkey has a name of at most {LONGEST_NAME} letters")
    return name


def _entry(in_force: InForce, act: str) -> Entry:
    return Entry("change", act, HERSELF, in_force.versions)


def _unknown() -> NotFound:
    return NotFound("unknown_passkey", "there is no such passkey")
