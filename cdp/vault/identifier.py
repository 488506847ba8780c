"""One spelling for each identifier, so that the same address, number or account always gives the same token.

RFC 5321, RFC 6531 and UTS 46 for e-mail addresses (email-validator), E.164 for telephone numbers (phonenumbers), and
Unicode's NFKC and case folding (UAX 15) for everything else.
"""

import re
import unicodedata
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

EMAIL: Final = "email"
PHONE: Final = "phone"

_EMAIL_LENGTH: Final = 254
_PHONE_LENGTH: Final = 250
_SPACES: Final = re.compile(r"\s+")


def normalise(kind: str, text: str) -> str | None:
    """The one spelling, or None when nothing is left of the text: a blank is nobody's identifier.

    >>> normalise("email", " Ann.Smith@Example.ORG "), normalise("email", "ann@bücher.example")
    ('ann.smith@example.org', 'ann@bücher.example')
    >>> normalise("phone", "+44 (0)7700 900-123"), normalise("phone", "07700 900123"), normalise("phone", "none")
    ('+447700900123', '07700900123', None)
    >>> normalise("account", "  Ab  ＣＤ-1 ")
    'ab cd-1'
    """
    if kind == EMAIL:
        return _email(text) or None
    if kind == PHONE:
        return _phone(text) or None
    return fold(text) or None


def fold(text: str) -> str:
    """The text without differences of case, width and spacing."""
    if text.isascii():
        return " ".join(text.lower().split())
    return _SPACES.sub(" ", _nfkc(_nfkc(text).casefold())).strip()


def _email(text: str) -> str:
    """The address in lower case, its domain in Unicode."""
    # In ASCII, all that email-validator would change is case, except for a domain that is written in Punycode.
    if text.isascii() and "xn--" not in (plain := text.strip().lower()):
        return plain
    text = _nfkc(text).strip()
    try:
        if len(text) <= _EMAIL_LENGTH:
            # Not `casefold`: ß and ss are two mailboxes.
            return validate_email(text, check_deliverability=False, globally_deliverable=False).normalized.lower()
    except EmailNotValidError:
        pass
    return _nfkc(text.casefold()).strip()


def _phone(text: str) -> str:
    """E.164 if the number is in international form, else its digits."""
    try:
        if len(text) <= _PHONE_LENGTH:
            number = phonenumbers.parse(text, None)
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    return "".join(str(unicodedata.decimal(character)) for character in _nfkc(text) if character.isdecimal())


def _nfkc(text: str) -> str:
    """Compatibility composed, without invisible (Cf) and broken (Cs) characters, which would be a second spelling."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(character for character in normal if unicodedata.category(character) not in ("Cf", "Cs"))
