"""The synthetic organisation: its two files and its customers, made fast and the same on every run."""

from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.model import Catalogue
from cdp.store.write import NewRow
from cdp.terms import Value
from views.policy import Policy

CATALOGUE_TEXT = """\
entities:
  customer:
    fields:
      full_name:  {type: text, category: user.name, mask: initials}
      email:      {type: text, category: user.contact.email, mask: email, identifier: email}
      phone:      {type: text, category: user.contact.phone_number, mask: phone}
      street:     {type: text, category: user.contact.address, mask: generic}
      birth_date: {type: date, sensitivity: personal, general: year_band, width: 10, quasi_identifier: true}
      postcode:   {type: text, sensitivity: personal, general: prefix, keep: 2, quasi_identifier: true}
      city:       {type: text, sensitivity: personal, general: prefix, keep: 3}
      country:    {type: choice, choices: [de, fr, gb, us], sensitivity: none}
      income:     {type: integer, category: user.financial, sensitivity: personal, general: band, width: 10000}
      joined_at:  {type: datetime, sensitivity: personal, general: year}
      loyalty:    {type: choice, choices: [gold, silver, none], sensitivity: none}
      religion:   {type: text, category: user.demographic.religious_belief}
"""

# `filtered` and `unfiltered` differ in nothing but the flag that the purpose tests; nobody has refused it, so that
# both give the same rows and only the test itself is measured.
POLICY_TEXT = """\
roles: [reader]
purposes:
  service: {legal_basis: contract, subject_to: []}
  scoring: {legal_basis: legitimate_interest, subject_to: [automated_decisions]}
views:
  masked:     {kind: standard, purpose: service, roles: [reader], fields: [full_name, email, phone, street,
               birth_date, postcode, city, country, income, joined_at, loyalty]}
  filtered:   {kind: opt_out, purpose: scoring, roles: [reader], fields: [birth_date, postcode, income, loyalty]}
  unfiltered: {kind: opt_out, purpose: service, roles: [reader], fields: [birth_date, postcode, income, loyalty]}
  everything: {kind: full, purpose: service, roles: [reader], needs: [reason]}
"""

ROLE = "reader"
FIELDS = (
    "full_name", "email", "phone", "street", "birth_date", "postcode", "city", "country", "income", "joined_at",
    "loyalty", "religion",
)  # fmt: skip
SHOWN = FIELDS[:-1]
"""The columns of the view `masked`; the sensitive field would be null in it and cost nothing."""

_NAMES = ("Ada", "Björn", "Chidi", "Dolores", "Emilia", "Fatima", "Grace", "Hedy", "Ines", "Jun", "Kofi")
_SURNAMES = ("Abara", "Bernstein", "Castillo", "Dubois", "Eriksen", "Ferrari", "García", "Hopper", "Ivanova")
_CITIES = ("Aberdeen", "Bordeaux", "Cardiff", "Dresden", "Edinburgh", "Frankfurt", "Grenoble")
_RELIGIONS = ("none", "buddhist", "christian", "hindu", "jewish", "muslim", "sikh")


def catalogue() -> Catalogue:
    """The catalogue."""
    return validate(Catalogue, parse_document(CATALOGUE_TEXT, "catalogue.yaml"))


def policy() -> Policy:
    """The policy."""
    return validate(Policy, parse_document(POLICY_TEXT, "policy.yaml"))


def person(number: int) -> dict[str, Value]:
    """The canonical values of one customer; `number` decides them all."""
    name, surname = _NAMES[number % 11], _SURNAMES[number % 9]
    return {
        "full_name": f"{name} {surname}",
        "email": email(number),
        "phone": f"+44 7700 {number % 1_000_000:06}",
        "street": f"{number % 300 + 1} {_SURNAMES[number % 7]} Road",
        "birth_date": f"{1940 + number % 65}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "postcode": f"{10_000 + number * 7 % 90_000}",
        "city": _CITIES[number % 7],
        "country": ("de", "fr", "gb", "us")[number % 4],
        "income": 12_000 + number * 37 % 140_000,
        "joined_at": f"20{number % 20 + 5:02}-{number % 12 + 1:02}-{number % 28 + 1:02}T10:{number % 60:02}:00+00:00",
        "loyalty": ("gold", "silver", "none")[number % 3],
        "religion": _RELIGIONS[number % 7],
    }


def email(number: int) -> str:
    """The e-mail address of one customer."""
    return f"{_NAMES[number % 11].lower().replace('ö', 'o')}.{number}@example.org"


def new_rows(numbers: range) -> list[NewRow]:
    """Customers for the Writer."""
    return [NewRow(person(number)) for number in numbers]
