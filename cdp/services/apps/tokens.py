"""Client id and secret → a bearer token, and a bearer token → the app.

OAuth 2 client credentials (RFC 6749 section 4.4), tokens as RFC 9068 has them: JWTs signed with Ed25519 by a key of
the platform, bound to the app, its views and its purpose, for a few minutes. INVARIANT: a token is never enough by
itself: the app is looked up for each request, so a revocation holds from the next one on. Unknown, wrong, expired and
revoked are one error, to the byte.
"""

import hmac
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import bindparam, or_, select, update

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, Unauthenticated
from cdp.services.access_term import is_held_back
from cdp.services.apps.known import COLUMNS, App, app_of
from cdp.services.apps.refusals import note_refusal
from cdp.services.apps.register import digest_of
from cdp.store.columns import TEXT
from cdp.store.platform import APP

ALGORITHM: Final = "Ed25519"
TYPE: Final = "at+jwt"
KEY: Final = "tokens"
KEPT: Final = 4096
MAX_TOKEN: Final = 4096
USED_EVERY: Final = timedelta(minutes=1)
"""When an app last asked is kept no finer than that: a write for every token would cost more than it says."""

_BY_ID: Final = select(*COLUMNS, APP.c.secret).where(APP.c.client_id == bindparam("client_id", type_=TEXT))

Claims = dict[str, Any]
Known = dict[str, App | None]
"""Apps by client id, as they were looked up."""


class Tokens:
    """Issues and reads the tokens of one platform. Several threads may use it.

    A token that was verified is remembered, so that a program's next request pays for no signature; what it says of
    time, and the app itself, is looked at each time.
    """

    def __init__(self, platform: Platform, *, clock: Callable[[], float] = time.time) -> None:
        self._platform = platform
        self._clock = clock
        self._seconds = platform.settings.token_seconds
        self._issuer = platform.settings.origin.rstrip("/")
        private = Ed25519PrivateKey.from_private_bytes(platform.vault.platform_key(KEY))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._key = OKPKey.import_key(pem)
        self._verified: dict[str, Claims] = {}
        self._find = platform.door.prepare(_BY_ID)

    def issue(self, client_id: str, secret: str, *, scope: Sequence[str] | None = None) -> tuple[str, int, App]:
        """Return a token, for how many seconds it holds, and the app.

        Args:
            scope: the views that it is for, some of the app's; None means all.

        Raises:
            Unauthenticated: `bad_client`.
            BadInput: `bad_scope`, for whatever is not the app's, views and purposes alike; it has its entry.
        """
        row = self._find({"client_id": client_id})
        kept = bytes(row[0][-1]) if row else digest_of("")  # an unknown id takes as long as a wrong secret
        right = hmac.compare_digest(kept, digest_of(secret))
        app = app_of(row[0][:-1]) if row else None
        if app is None or not right or not self._holds(app):
            raise Unauthenticated("bad_client", "the client id or its secret does not hold", path="client")
        views = _scoped(app, scope)
        if not views or not set(views) <= set(app.views):
            error = BadInput("bad_scope", "the scope names what is not this app's", path="scope")
            note_refusal(self._platform, app, error, act="sign_in")
            raise error
        now = int(self._clock())
        claims = {
            "iss": self._issuer, "aud": self._issuer, "sub": client_id, "client_id": client_id, "iat": now,
            "exp": now + self._seconds, "scope": " ".join(views), "purpose": app.purpose, "role": app.role,
            "renewed": app.renewed,
        }  # fmt: skip
        token = jwt.encode({"alg": ALGORITHM, "typ": TYPE}, claims, self._key, algorithms=[ALGORITHM])
        self._note_use(app)
        return token, self._seconds, _narrowed(app, views)

    def read(self, token: str, known: Known | None = None) -> App:
        """Return the app that a token stands for, with those of its views that the token names.

        Args:
            known: apps that were looked up since the request came; what is looked up here is added.

        Raises:
            Unauthenticated: `bad_token`.
        """
        claims = self._claims(token)
        app = self._app(claims["sub"], {} if known is None else known)
        if app is None or not claims["iat"] <= self._clock() + 60 or not self._clock() < claims["exp"]:
            raise bad_token()
        said = (claims["purpose"], claims["role"], claims.get("renewed", 0))
        if said != (app.purpose, app.role, app.renewed) or not self._holds(app):
            raise bad_token()
        named = claims["scope"].split(" ")
        return app if tuple(named) == app.views else _narrowed(app, named)

    def _holds(self, app: App) -> bool:
        """Return whether an app may act now; where accesses have to be confirmed, that it was counts, too."""
        return app.holds(timestamp()) and not is_held_back(self._platform.settings, app.settled_at)

    def _note_use(self, app: App) -> None:
        now = datetime.now(UTC)
        c, before = APP.c, timestamp(now - USED_EVERY)
        if app.used_at is None or app.used_at < before:
            due = update(APP).where(c.client_id == app.client_id, or_(c.used_at.is_(None), c.used_at < before))
            with suppress(CdpError):  # when it was used is not worth that it cannot be
                self._platform.door.keep(due.values(used_at=timestamp(now)))

    def _app(self, client_id: str, known: Known) -> App | None:
        if client_id not in known:
            row = self._find({"client_id": client_id})
            known[client_id] = app_of(row[0][:-1]) if row else None
        return known[client_id]

    def _claims(self, token: str) -> Claims:
        known = self._verified.get(token)
        if known is not None:
            return known
        if len(token) > MAX_TOKEN:
            raise bad_token()
        try:
            found = jwt.decode(token, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError):
            raise bad_token() from None
        claims = dict(found.claims)
        fits = found.header.get("typ") == TYPE and claims.get("iss") == claims.get("aud") == self._issuer
        if not fits or not isinstance(claims.get("sub"), str):
            raise bad_token()
        if len(self._verified) >= KEPT:
            self._verified.clear()
        self._verified[token] = claims
        return claims


def bad_token() -> Unauthenticated:
    """Return the one error for a token that does not hold, and for none."""
    return Unauthenticated("bad_token", "there is no bearer token that holds", hint="ask for one at /oauth/token")


def _scoped(app: App, scope: Sequence[str] | None) -> Sequence[str]:
    """Return the views that a scope names; to name the app's own purpose there is allowed, and changes nothing."""
    if scope is None:
        return app.views
    own = (app.purpose, f"purpose:{app.purpose}")
    named = [each for each in dict.fromkeys(scope) if each in app.views or each not in own]
    return named or (app.views if scope else ())


def _narrowed(app: App, named: Sequence[str]) -> App:
    return replace(app, views=tuple(name for name in app.views if name in named))
