"""What has to hold of an ID token: OpenID Connect Core 1.0 section 3.1.3.7.

1. signed with a key of the provider, by an algorithm with a public key: never `none`, never by our shared secret
2. from this issuer, for us, and if for others besides, made for us (`azp`)
3. not run out, and made at a time that has been
4. with the nonce of this journey
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cdp.services.oidc.provider import Client, refused

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
LEEWAY: Final = 60
LONGEST: Final = 32 * 1024


class UnknownKey(Exception):
    """The token is signed with a key that is not among those known; the provider may have new ones."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider has said of somebody.

    Attributes:
        proved_at: when she proved to it who she is; None when it does not say.
    """

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    proved_at: datetime | None

    def verified(self, claim: str) -> str:
        """Return the text of a claim, if the provider has verified it; empty if it has not, or does not say.

        Addresses and telephone numbers are anybody's word until they are verified (Core section 5.1); other claims are
        the provider's own.
        """
        text = self.claims.get(claim)
        if not isinstance(text, str) or not text.strip():
            return ""
        said = {"email": "email_verified", "phone_number": "phone_number_verified"}.get(claim)
        return text.strip() if said is None or self.claims.get(said) is True else ""


def verify_id_token(token: str, keys: KeySet, *, client: Client, nonce: str, now: datetime) -> Told:
    """Return what the token says.

    Raises:
        Refused: `oidc_refused`.
        UnknownKey: no key of those known is the token's.
    """
    if len(token) > LONGEST:
        raise refused()
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()), leeway=LEEWAY, iss={"essential": True, "value": client.issuer},
        aud={"essential": True, "value": client.client_id}, sub={"essential": True}, exp={"essential": True},
        iat={"essential": True}, nonce={"essential": True, "value": nonce},
    )  # fmt: skip
    try:
        claims = jwt.decode(token, _with_key(keys), algorithms=ALGORITHMS).claims
        registry.validate(claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise refused() from None
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if others else client.client_id) != client.client_id:
        raise refused()
    at = claims.get("auth_time")
    proved_at = datetime.fromtimestamp(at, UTC) if isinstance(at, int) and 0 < at <= now.timestamp() + LEEWAY else None
    return Told(client.issuer, claims["sub"], claims, proved_at)


def _with_key(keys: KeySet) -> Any:
    def choose(token: Any) -> Any:
        named = token.headers().get("kid")
        fitting = [key for key in keys.keys if key.key_type != "oct" and named in (None, key.kid)]
        if named is not None and not fitting:
            raise UnknownKey
        if len(fitting) != 1:
            raise refused()
        return fitting[0]

    return choose
