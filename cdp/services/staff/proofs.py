"""What staff prove with: a password, and a one-time code of an authenticator or of a list kept for the day it is lost.

Passwords: Argon2id (RFC 9106, the second recommended option, as argon2-cffi has it); long, and no rules of composition
(NIST SP 800-63B section 3.1.1.2). Codes: TOTP (RFC 6238), six digits, half a minute, one step to either side, each step
once. Recovery codes: 80 random bits, of which a keyed hash is kept.
"""

import hmac
import secrets
import unicodedata
from base64 import b32encode
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cdp.errors import BadInput
from cdp.services.staff.accounts import KEY
from cdp.vault.vault import Vault

SHORTEST: Final = 12
LONGEST: Final = 256
VARIED: Final = 6
"""So many different letters a password has at least: `aaaaaaaaaaaa` and `121212121212` are guessed first."""

STEP: Final = 30
WINDOW: Final = 1
RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return PasswordHasher().hash(_normal(password))


def is_password(kept: str | None, password: str) -> bool:
    """Return whether a password is the one; where there is none to compare with, it takes as long to say no."""
    try:
        PasswordHasher().verify(kept or _nobodys(), _normal(password)[: LONGEST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def check_password(password: str, *, name: str) -> None:
    """Do nothing for a password that may be chosen.

    Raises:
        BadInput: `weak_password`, with the rule that it breaks, never with the password.
    """
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise BadInput("weak_password", f"a password has {SHORTEST} to {LONGEST} letters", hint="take a sentence")
    if len(set(normal.casefold())) < VARIED or name.casefold() in normal.casefold():
        raise BadInput(
            "weak_password", "a password has several different letters, and not the name", hint="take a sentence"
        )  # fmt: skip


def new_secret() -> str:
    """Return a new secret for one-time codes, in the form that authenticators take (base32)."""
    return pyotp.random_base32()


def enrolment(secret: str, *, name: str, issuer: str) -> str:
    """Return the address by which an authenticator takes a secret in (the Key Uri Format)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def code_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """Return the step of which a code is, None for a wrong one, and for one of a step that was used, or before it.

    Args:
        after: the last step of which a code was used.
    """
    given, clock, found = "".join(code.split()), pyotp.TOTP(secret, interval=STEP), None
    current = int(now.timestamp()) // STEP
    for step in range(current - WINDOW, current + WINDOW + 1):  # all are compared: how long it takes says nothing
        if hmac.compare_digest(clock.at(step * STEP).encode(), given.encode()) and step > after:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return recovery codes, which are shown once."""
    return [_grouped(b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()) for _ in range(RECOVERY_CODES)]


def recovery_hash(vault: Vault, staff: str, code: str) -> str:
    """Return what is kept of a recovery code; spaces, hyphens and capitals do not matter."""
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    named = f"cdp/recovery/1|{staff}|{plain}".encode()
    return hmac.new(vault.platform_key(KEY), named, sha256).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return PasswordHasher().hash(secrets.token_urlsafe(32))
