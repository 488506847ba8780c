"""Letters with links to sign in: queued with the link, and sent until the mail takes them or the link has run out.

A letter lies sealed in the row of its link. INVARIANT: a row is taken up at the same times and is as long whether there
is anybody to send it to or not, and whether it was sent or not: only inside it stands whether it still goes. Her key is
part of what it is sealed under: nobody reads it once she is erased.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import select, update

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.letters.outbox import deliver
from cdp.services.letters.write import Letter
from cdp.services.sign_in.holders import NOBODY, open_holder
from cdp.store.sign_in import SIGN_IN_LINK
from cdp.vault.parcel import open_parcel, seal_parcel
from cdp.vault.vault import Vault

TIMES: Final = tuple(timedelta(minutes=each) for each in (3, 8, 15))
"""When a letter is taken up again, since it was queued; meanwhile another process leaves it alone."""

WITHIN: Final = timedelta(minutes=1)
"""For so long the mail is asked about some that were taken up."""

BATCH: Final = 10
_KEY: Final = "link-letters"
_LENGTH: Final = 512
"""A letter is filled up to a multiple of so many bytes."""

_L: Final = SIGN_IN_LINK.c


def seal_link_letter(
    vault: Vault, link: str, address: str, letter: Letter, *, customer_id: str | None, goes: bool
) -> bytes:  # fmt: skip
    """Seal what is sent with a link; whether there is anybody that it goes to does not show."""
    said = {"address": address, "subject": letter.subject, "text": letter.text, "goes": int(goes)}
    return _sealed(_key(vault, customer_id) or b"", link, said)


def send_links(platform: Platform, *, now: datetime | None = None) -> int:
    """Send the letters that are due, and forget those of links that have run out; return how many the mail took.

    Raises:
        Unavailable: the database or the keys cannot serve; what the mail does not take waits.
    """
    at, sent = now or datetime.now(UTC), 0
    while taken := _take(platform, at):
        going = {each.link: each.said for each in taken if each.said["goes"]}
        done = deliver(platform, going, within=WITHIN)
        for each in taken:
            said = {**each.said, "goes": int(each.link in going and each.link not in done)}
            here = update(SIGN_IN_LINK).where(_L.link == each.link, _L.letter.is_not(None))
            platform.door.keep(here.values(letter=_sealed(each.key, each.link, said)))
        sent += len(done)
        if len(done) < len(going):
            break  # the mail is down; it will be asked again
    return sent


@dataclass(frozen=True)
class _Taken:
    link: str
    key: bytes
    said: Mapping[str, Any]


def _take(platform: Platform, now: datetime) -> list[_Taken]:
    """Return letters that are due, taken up by nobody else; those of links that have run out are forgotten."""
    due = select(_L.link, _L.holder, _L.letter, _L.created_at, _L.expires_at, _L.next_at)
    found = platform.door.lookup(due.where(_L.next_at <= timestamp(now)).order_by(_L.next_at).limit(BATCH))
    taken: list[_Taken] = []
    for link, holder, letter, created_at, expires_at, next_at in found:
        mine = update(SIGN_IN_LINK).where(_L.link == link, _L.next_at == next_at)
        key = _key(platform.vault, open_holder(platform.vault, link, bytes(holder)))
        if expires_at <= timestamp(now) or key is None:
            platform.door.keep(mine.values(letter=None, next_at=None))
        elif platform.door.keep(mine.values(next_at=_next(created_at, expires_at, now))):
            taken.append(_Taken(link, key, orjson.loads(open_parcel(key, link, bytes(letter)))))
    return taken or (_take(platform, now) if len(found) == BATCH else [])


def _next(created_at: str, expires_at: str, now: datetime) -> str:
    times = (datetime.fromisoformat(created_at) + each for each in TIMES)
    return next((timestamp(each) for each in times if each > now), expires_at)


def _sealed(key: bytes, link: str, said: Mapping[str, Any]) -> bytes:
    text = orjson.dumps(said)
    return seal_parcel(key, link, text.ljust(-(-len(text) // _LENGTH) * _LENGTH))


def _key(vault: Vault, customer_id: str | None) -> bytes | None:
    """Return the key of a letter: of the platform's, and hers if there is one; None once she is erased."""
    whose = customer_id or NOBODY
    hers = vault.keys([whose]).get(whose, None if customer_id else b"")
    if hers is None:
        return None
    return hashlib.blake2b(hers, key=vault.platform_key(_KEY), digest_size=32, person=b"cdp/link/1").digest()
