"""What a value looks like, and which tag a name and looks suggest. Suggestions only: an officer decides.

By shape: addresses (email-validator), telephone numbers (phonenumbers), cards and numbers that states give
(python-stdnum), addresses of the network, dates of birth. By name: the words of Fideslang's categories, and those that
programs use. Of a value only its look is kept, never the value.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban, luhn
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.fr import nir
from stdnum.us import ssn

from cdp.catalogue.categories import SENSITIVITY_OF
from cdp.events.normalise import field_name

_LONGEST: Final = 254
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(T.*)?")
_CARD: Final = re.compile(r"\d{4}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}")
_PHONE: Final = re.compile(r"\+[\d ()./-]{7,24}")

_CATEGORY_OF_LOOK: Final[Mapping[str, str]] = {
    "email": "user.contact.email",
    "phone": "user.contact.phone_number",
    "card": "user.financial.credit_card",
    "iban": "user.financial.bank_account",
    "id_number": "user.government_id.national_identification_number",
    "ip": "user.device.ip_address",
    "date_of_birth": "user.demographic.date_of_birth",
}

_CATEGORY_OF_WORD: Final[Mapping[str, str]] = {
    "email": "user.contact.email", "mail": "user.contact.email", "phone": "user.contact.phone_number",
    "mobile": "user.contact.phone_number", "tel": "user.contact.phone_number", "name": "user.name",
    "firstname": "user.name.first", "lastname": "user.name.last", "surname": "user.name.last",
    "address": "user.contact.address", "street": "user.contact.address.street", "city": "user.contact.address.city",
    "zip": "user.contact.address.postal_code", "postcode": "user.contact.address.postal_code",
    "country": "user.contact.address.country", "birth": "user.demographic.date_of_birth",
    "birthday": "user.demographic.date_of_birth", "dob": "user.demographic.date_of_birth",
    "gender": "user.demographic.gender", "sex": "user.demographic.gender", "age": "user.demographic.age_range",
    "religion": "user.demographic.religious_belief", "ethnicity": "user.demographic.race_ethnicity",
    "race": "user.demographic.race_ethnicity", "party": "user.demographic.political_opinion",
    "health": "user.health_and_medical", "diagnosis": "user.health_and_medical", "ssn": "user.government_id",
    "passport": "user.government_id.passport_number", "ip": "user.device.ip_address", "device": "user.device.device_id",
    "iban": "user.financial.bank_account", "card": "user.financial.credit_card", "income": "user.financial",
    "salary": "user.financial", "password": "user.authorization.password", "token": "user.authorization.credentials",
    "latitude": "user.location.precise", "longitude": "user.location.precise", "url": "user.behavior.browsing_history",
    "referrer": "user.behavior.browsing_history", "query": "user.behavior.search_history", "job": "user.job_title",
}  # fmt: skip


def look_of(value: object) -> str:
    """Return what a value looks like, or nothing."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    text = str(value).strip()
    if not 3 <= len(text) <= _LONGEST:
        return ""
    return next((name for name, looks in _LOOKS if looks(text)), "")


def suggested(name: str, looks: Mapping[str, int]) -> tuple[str, str]:
    """Return the category and the sensitivity that a name and looks suggest, both empty where they suggest none."""
    category = ""
    if looks:
        category = _CATEGORY_OF_LOOK.get(Counter(looks).most_common(1)[0][0], "")
    words = field_name(name).split("_")
    for word in [] if category else ["".join(words), *reversed(words)]:
        category = _CATEGORY_OF_WORD.get(word) or _OWN_WORDS.get(word, "")
        if category:
            break
    return category, str(SENSITIVITY_OF[category]) if category else ""


def _is_email(text: str) -> bool:
    try:
        return "@" in text and bool(validate_email(text, check_deliverability=False, test_environment=True))
    except EmailNotValidError:
        return False


def _is_phone(text: str) -> bool:
    if not _PHONE.fullmatch(text):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return False


def _is_card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    return bool(_CARD.fullmatch(text)) and 13 <= len(digits) <= 19 and bool(luhn.is_valid(digits))


def _is_id_number(text: str) -> bool:
    return any(kind.is_valid(text) for kind in (ssn, nir, ric)) or (len(text) == 11 and bool(idnr.is_valid(text)))


def _is_ip(text: str) -> bool:
    try:
        return ("." in text or ":" in text) and bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _is_date_of_birth(text: str) -> bool:
    found = _DATE.fullmatch(text)
    try:
        return found is not None and 1900 <= date(*map(int, found.groups()[:3])).year <= date.today().year - 10  # noqa: DTZ011
    except ValueError:
        return False


_LOOKS: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("email", _is_email), ("ip", _is_ip), ("date_of_birth", _is_date_of_birth), ("phone", _is_phone),
    ("card", _is_card), ("iban", lambda text: bool(iban.is_valid(text))), ("id_number", _is_id_number),
)  # fmt: skip

_OWN_WORDS: Final[Mapping[str, str]] = {
    category.rpartition(".")[2]: category
    for category in sorted(SENSITIVITY_OF, key=len, reverse=True)  # of two with the same last word the wider
    if category.startswith("user.")
}
"""The last words of Fideslang's own keys."""
