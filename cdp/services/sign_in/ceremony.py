"""The two ceremonies of passkeys: making one, and signing in with one.

W3C Web Authentication Level 3, sections 7.1 and 7.2, by py_webauthn. A passkey is discoverable, so that nobody has to
say first who she is, and verifies its user (a finger, a face, a PIN): it stands for what she has and what she is.
Nothing is asked about the maker of the device (no attestation).
"""

import hmac
import ipaddress
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cdp.config import Settings
from cdp.errors import Refused

T = TypeVar("T")
_REQUIRED: Final = UserVerificationRequirement.REQUIRED
_DISCOVERABLE: Final = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
)


@dataclass(frozen=True, slots=True)
class Site:
    """For which site passkeys are: its origin, and the name of its host, which browsers bind them to."""

    origin: str
    host: str


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey as its authenticator made it."""

    credential: bytes
    public_key: bytes
    sign_count: int


def invalid() -> Refused:
    """Return the one error for every passkey that does not let in, whatever is amiss with it."""
    return Refused("passkey_invalid", "the passkey does not open this", hint="try again, or ask for a link")


def site_of(settings: Settings) -> Site | None:
    """Return the site that passkeys can be for; None for one that has an address of numbers only, or no TLS.

    Browsers make passkeys in secure contexts alone, and for names.
    """
    parts = urlsplit(settings.origin)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(settings.origin.rstrip("/"), host) if parts.scheme == "https" or host == "localhost" else None
    return None


def fingerprint(credential: bytes) -> str:
    """Return the hash by which a passkey is found."""
    return sha256(credential).hexdigest()


def options_to_add(site: Site, challenge: bytes, *, handle: bytes, name: str, known: Sequence[bytes]) -> str:
    """Return what a browser needs to make a passkey, as JSON.

    Args:
        handle: names the account, and tells nothing of it.
        known: ids of passkeys that the account has, so that no authenticator makes a second one.
    """
    options = generate_registration_options(
        rp_id=site.host, rp_name=site.host, user_id=handle, user_name=name, user_display_name=name,
        challenge=challenge, authenticator_selection=_DISCOVERABLE,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )  # fmt: skip
    return options_to_json(options)


def options_to_enter(site: Site, challenge: bytes) -> str:
    """Return what a browser needs to sign in with a passkey, as JSON: the same for everybody."""
    options = generate_authentication_options(rp_id=site.host, challenge=challenge, user_verification=_REQUIRED)
    return options_to_json(options)


def challenge_of(answer: str) -> bytes:
    """Return the challenge that an answer says it is for; whether it is one has still to be seen.

    Raises:
        Refused: `passkey_invalid`.
    """

    def read() -> bytes:
        told = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        return base64url_to_bytes(told["challenge"])

    return _checked(read)


def check_made(site: Site, challenge: bytes, answer: str) -> Made:
    """Return the passkey that a browser has made.

    Raises:
        Refused: `passkey_invalid`.
    """

    def check() -> Made:
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin,
            require_user_verification=True,
        )  # fmt: skip
        return Made(made.credential_id, made.credential_public_key, made.sign_count)

    return _checked(check)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser says of the passkey that was used, and the challenge that it was to sign."""

    said: AuthenticationCredential
    challenge: bytes

    @property
    def credential(self) -> bytes:
        """Return the id of the passkey."""
        return self.said.raw_id

    def require_handle(self, handle: bytes) -> None:
        """Do nothing if it says itself whose it is, and says so rightly.

        Raises:
            Refused: `passkey_invalid`.
        """
        if not hmac.compare_digest(self.said.response.user_handle or b"", handle):
            raise invalid()


def parse_answer(answer: str, challenge: bytes) -> Answer:
    """Return what a browser says of the passkey that was used.

    Raises:
        Refused: `passkey_invalid`.
    """
    return Answer(_checked(lambda: parse_authentication_credential_json(answer)), challenge)


def check_used(site: Site, answer: Answer, *, public_key: bytes) -> int:
    """Return how often the authenticator says that the passkey was used, 0 when it does not count.

    The count is not compared here: the library would do so before it looks at the signature, and anybody who knows the
    id of a passkey could have it doubted.

    Raises:
        Refused: `passkey_invalid`.
    """

    def check() -> int:
        used = verify_authentication_response(
            credential=answer.said, expected_challenge=answer.challenge, expected_rp_id=site.host,
            expected_origin=site.origin, credential_public_key=public_key, credential_current_sign_count=0,
            require_user_verification=True,
        )  # fmt: skip
        return used.new_sign_count

    return _checked(check)


def counts_behind(said: int, known: int) -> bool:
    """Return whether a passkey counts no further than it has counted before: somebody uses a copy."""
    return (said > 0 or known > 0) and said <= known


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except Exception:  # noqa: BLE001 -- the library parses what anybody has sent, and raises whatever comes of it
        raise invalid() from None
