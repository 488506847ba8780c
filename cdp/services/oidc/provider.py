"""An OpenID provider: what it says of itself, its keys, and a code turned into an ID token.

OpenID Connect Discovery 1.0 section 4; RFC 6749 section 4.1.3; RFC 7636. What it sends is bounded in size and time, and
no redirect is followed; an address that it names has to be HTTPS, as its own is (or both are this machine, for trials).
"""

import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx2
import orjson
from joserfc.jwk import KeySet

from cdp.config import Settings
from cdp.errors import Refused, Unavailable

SECONDS: Final = 10
MOST_BYTES: Final = 1024 * 1024
KEPT: Final = 600
"""For how many seconds it is believed what the provider said of itself."""

AGAIN: Final = 60
"""After how many seconds its keys are asked for again because of a key that is not known."""


@dataclass(frozen=True, slots=True)
class Client:
    """What we are at a provider."""

    issuer: str
    client_id: str
    secret: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself."""

    authorization: str
    token: str
    keys: str
    names_issuer: bool
    takes_posted_secret: bool


class Provider:
    """One provider; what it says is kept for a while. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._lock = threading.Lock()
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def metadata(self) -> Metadata:
        """Return what the provider says of itself.

        Raises:
            Unavailable: `oidc_unavailable`: it does not answer, or not as a provider does.
        """
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > KEPT:
                self._metadata = (time.monotonic(), self._discovered())
            return self._metadata[1]

    def keys(self, *, again: bool = False) -> KeySet:
        """Return the provider's keys.

        Args:
            again: asks anew, though not more often than once a minute: a token names a key that is not among them.

        Raises:
            Unavailable: `oidc_unavailable`.
        """
        address = self.metadata().keys
        with self._lock:
            age = time.monotonic() - self._keys[0] if self._keys else KEPT + 1
            if self._keys is None or age > (AGAIN if again else KEPT):
                self._keys = (time.monotonic(), _keys(self._fetch("GET", address)))
            return self._keys[1]

    def exchange(self, code: str, *, verifier: str, redirect: str) -> str:
        """Turn a code into an ID token, which still has to be verified.

        Raises:
            Unavailable: `oidc_unavailable`.
            Refused: `oidc_refused`: the provider does not take the code.
        """
        metadata = self.metadata()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        auth: httpx2.BasicAuth | None = None
        if metadata.takes_posted_secret:
            form |= {"client_id": self.client.client_id, "client_secret": self.client.secret}
        else:  # RFC 6749 section 2.3.1: both are encoded as in a form before they are joined
            auth = httpx2.BasicAuth(quote(self.client.client_id, safe=""), quote(self.client.secret, safe=""))
        token = self._fetch("POST", metadata.token, data=form, auth=auth).get("id_token")
        if not isinstance(token, str):
            raise unavailable()
        return token

    def _discovered(self) -> Metadata:
        told = self._fetch("GET", self.client.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if told.get("issuer") != self.client.issuer:  # Discovery 1.0 section 4.3: exactly, or it is somebody else's
            raise unavailable()
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Metadata(
            self._address(told, "authorization_endpoint"),
            self._address(told, "token_endpoint"),
            self._address(told, "jwks_uri"),
            told.get("authorization_response_iss_parameter_supported") is True,
            isinstance(methods, list) and "client_secret_basic" not in methods,
        )

    def _address(self, told: dict[str, Any], name: str) -> str:
        text = told.get(name)
        if not isinstance(text, str):
            raise unavailable()
        ours, theirs = urlsplit(self.client.issuer), urlsplit(text)
        if theirs.scheme != "https" and (theirs.scheme, theirs.hostname) != (ours.scheme, ours.hostname):
            raise unavailable()
        return text

    def _fetch(self, method: str, address: str, **sent: Any) -> dict[str, Any]:
        sent = {name: value for name, value in sent.items() if value is not None}
        body = b""
        try:
            with httpx2.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as http:
                headers = {"accept": "application/json"}
                with http.stream(method, address, headers=headers, **sent) as answer:
                    for part in answer.iter_bytes():
                        body += part
                        if len(body) > MOST_BYTES:
                            raise unavailable()
                    status = answer.status_code
            found = orjson.loads(body) if status == httpx2.codes.OK or 400 <= status < 500 else None
        except (httpx2.HTTPError, httpx2.InvalidURL, orjson.JSONDecodeError):
            raise unavailable() from None
        if status != httpx2.codes.OK and method == "POST" and isinstance(found, dict):
            raise refused()
        if status != httpx2.codes.OK or not isinstance(found, dict):
            raise unavailable()
        return found


def providers(settings: Settings) -> dict[str, Provider]:
    """Return the providers of the settings, by whom they are for."""
    given = {
        "customer": Client(settings.oidc_issuer, settings.oidc_client, settings.oidc_secret, settings.oidc_name),
        "staff": Client(
            settings.staff_oidc_issuer, settings.staff_oidc_client, settings.staff_oidc_secret, settings.staff_oidc_name
        ),
    }
    named = {
        kind: replace(each, name=each.name or urlsplit(each.issuer).hostname or "") for kind, each in given.items()
    }
    return {kind: Provider(client) for kind, client in named.items() if client.issuer}


def unavailable() -> Unavailable:
    """Return the error for a provider that does not do its part."""
    return Unavailable("oidc_unavailable", "the sign-in service of the organisation does not answer as it should")


def refused() -> Refused:
    """Return the one error for whatever the provider, or somebody in its name, sent that does not hold."""
    return Refused("oidc_refused", "the sign-in service has not said who this is", hint="begin again")


def _keys(told: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set(told)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 -- whatever is wrong with keys, there are none
        raise unavailable() from None
