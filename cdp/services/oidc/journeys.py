"""There and back: what ties the answer of a provider to the browser and the page that asked.

`state` says which journey it is (RFC 6749 section 10.12), the nonce is in the token that comes of it, the verifier
proves that whoever turns in the code began here (RFC 7636), `iss` says whose answer it is (RFC 9207). A journey is good
for one answer, ten minutes, and the browser that began it; the database has the hash of its state, the rest is sealed.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

import orjson
from sqlalchemy import Connection, delete, select

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.oidc.provider import Provider, refused
from cdp.services.oidc.tokens import Told, UnknownKey, verify_id_token
from cdp.services.sign_in.holders import secret_hash
from cdp.services.sign_in.keeping import FRESH
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import OIDC_JOURNEY
from cdp.vault.parcel import open_parcel, seal_parcel

LASTS: Final = timedelta(minutes=10)
_KEY: Final = "sign-in"
_C: Final = OIDC_JOURNEY.c


@dataclass(frozen=True, slots=True)
class Journey:
    """Who goes there, and where to after: `kind` is `customer` or `staff`; `anew` has her prove who she is again."""

    kind: str
    redirect: str
    target: str = ""
    anew: bool = False


def set_out(platform: Platform, provider: Provider, journey: Journey, *, browser: str) -> str:
    """Return the address at the provider.

    Args:
        browser: the secret that the asking browser keeps.

    Raises:
        Unavailable: `oidc_unavailable`.
    """
    metadata, now = provider.metadata(), datetime.now(UTC)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    row = secret_hash(state)
    body = orjson.dumps([nonce, verifier, journey.target, journey.anew])
    sealed = seal_parcel(platform.vault.platform_key(_KEY), row, body)

    def work(conn: Connection) -> None:
        conn.execute(delete(OIDC_JOURNEY).where(_C.expires_at < timestamp(now)))
        insert_rows(
            conn, OIDC_JOURNEY, [[row, secret_hash(browser), journey.kind, sealed, timestamp(now + LASTS)]]
        )  # fmt: skip

    platform.door.take_in(work)
    asked = {
        "response_type": "code", "client_id": provider.client.client_id, "redirect_uri": journey.redirect,
        "scope": "openid email", "state": state, "nonce": nonce,
        "code_challenge": _challenge(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    if journey.anew:
        asked |= {"prompt": "login", "max_age": "0"}
    return f"{metadata.authorization}{'&' if '?' in metadata.authorization else '?'}{urlencode(asked)}"


def come_back(
    platform: Platform, provider: Provider, journey: Journey, answer: Mapping[str, str], *, browser: str
) -> tuple[Told, Journey]:  # fmt: skip
    """Return what the provider says of who comes back, and the journey as it was begun.

    Raises:
        Refused: `oidc_refused`: no journey of this browser, or nothing that holds has come of it.
        Unavailable: `oidc_unavailable`.
    """
    nonce, verifier, target, anew = _used_up(platform, journey, answer.get("state", ""), browser)
    named = answer.get("iss")
    if named != provider.client.issuer and (named is not None or provider.metadata().names_issuer):
        raise refused()  # the answer of another provider: a mix-up
    if "error" in answer or not answer.get("code"):
        raise refused()
    token = provider.exchange(answer["code"], verifier=verifier, redirect=journey.redirect)
    now = datetime.now(UTC)
    try:
        told = verify_id_token(token, provider.keys(), client=provider.client, nonce=nonce, now=now)
    except UnknownKey:
        try:
            told = verify_id_token(token, provider.keys(again=True), client=provider.client, nonce=nonce, now=now)
        except UnknownKey:
            raise refused() from None
    if anew and (told.proved_at is None or now - told.proved_at >= FRESH):
        raise refused()
    return told, Journey(journey.kind, journey.redirect, target, anew)


def _used_up(platform: Platform, journey: Journey, state: str, browser: str) -> tuple[str, str, str, bool]:
    row = secret_hash(state)
    mine = (_C.state == row, _C.browser == secret_hash(browser), _C.kind == journey.kind, _C.expires_at > timestamp())

    def work(conn: Connection) -> bytes | None:
        found = conn.execute(select(_C.sealed).where(*mine)).scalar_one_or_none()
        gone = conn.execute(delete(OIDC_JOURNEY).where(*mine)).rowcount
        return bytes(found) if found is not None and gone == 1 else None

    sealed = platform.door.take_in(work)
    if sealed is None:
        raise refused()
    nonce, verifier, target, anew = orjson.loads(open_parcel(platform.vault.platform_key(_KEY), row, sealed))
    return nonce, verifier, target, anew


def _challenge(verifier: str) -> str:
    """Return what RFC 7636 section 4.2 calls S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def subject_token(platform: Platform, told: Told) -> str:
    """Return the keyed token of a subject of an issuer; it tells neither."""
    named = b"cdp/oidc/1" + orjson.dumps([told.issuer, told.subject])
    return hmac.new(platform.vault.platform_key(_KEY), named, "sha256").hexdigest()
