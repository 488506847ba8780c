"""An organisation with a view of every kind, each bound to opt-outs where its kind can be, and people for its store."""

from typing import Any

from cdp.catalogue.model import Catalogue
from cdp.terms import Value
from tests.support.worlds import Person, catalogue_of, policy_of
from views.policy import Policy

FIELDS: dict[str, Any] = {
    "full_name": {"type": "text", "category": "user.name", "mask": "initials", "search": "words"},
    "email": {"type": "text", "category": "user.contact.email", "mask": "email", "identifier": "email"},
    "birth_date": {
        "type": "date",
        "sensitivity": "personal",
        "general": "year_band",
        "width": 10,
        "quasi_identifier": True,
    },
    "postcode": {"type": "text", "sensitivity": "personal", "general": "prefix", "keep": 2, "quasi_identifier": True},
    "income": {"type": "integer", "sensitivity": "personal", "general": "band", "width": 10_000},
    "account": {"type": "text", "sensitivity": "personal", "at_rest": "sealed", "identifier": "account"},
    "religion": {"type": "text", "category": "user.demographic.religious_belief", "mask": "generic"},
    "loyalty": {"type": "choice", "choices": ["gold", "silver"], "sensitivity": "none"},
}
ORDER: dict[str, Any] = {
    "belongs_to": "customer",
    "fields": {
        "total": {"type": "decimal", "sensitivity": "none"},
        "address": {"type": "text", "category": "user.contact.address", "mask": "generic"},
    },
}
PURPOSES: dict[str, Any] = {
    "service": {},
    "analytics": {},
    "marketing": {"subject_to": ["direct_marketing"], "allows_sensitive": True},
    "disclosure": {"subject_to": ["third_party_disclosure"], "allows_sensitive": True},
}
VIEWS: dict[str, Any] = {
    "desk": {"kind": "standard", "purpose": "service", "clear": ["full_name"]},
    "callers": {"kind": "standard", "purpose": "marketing"},
    "office": {"kind": "full", "purpose": "service", "needs": ["reason"]},
    "letter": {"kind": "opt_out", "purpose": "marketing", "fields": ["full_name", "email", "account", "income"]},
    "creed_letter": {"kind": "opt_out", "purpose": "marketing", "fields": ["email", "religion"]},
    "partner": {
        "kind": "selective", "purpose": "disclosure", "recipient": "acme",
        "fields": ["full_name", "email", "postcode", "income", "account", "religion", "loyalty"],
    },
    "partner_orders": {
        "kind": "selective", "entity": "order", "purpose": "disclosure", "recipient": "acme",
        "fields": ["total", "address"],
    },
    "insight": {"kind": "anonymized", "purpose": "analytics", "fields": ["birth_date", "postcode", "loyalty"], "k": 2},
}  # fmt: skip
BOUND = {"callers": "direct_marketing", "letter": "direct_marketing", "partner": "third_party_disclosure"}
"""Views by the opt-out that acts on them."""


def catalogue() -> Catalogue:
    return catalogue_of(FIELDS, others={"order": ORDER})


def policy(**views: Any) -> Policy:
    """The policy, with other views besides or instead."""
    return policy_of(PURPOSES, {**VIEWS, **views})


def values(number: int) -> dict[str, Value]:
    """The fields of one customer; all fall into few groups of quasi-identifiers."""
    return {
        "full_name": f"Ann Number{number}",
        "email": f"ann{number}@example.org",
        "birth_date": f"19{50 + number % 2 * 10}-03-02",
        "postcode": f"9{number % 2}10{number % 10}",
        "income": 1_000 * number,
        "account": f"AC-{number:06d}",
        "religion": f"creed {number}",
        "loyalty": "gold" if number % 2 else "silver",
    }


def people(count: int) -> list[Person]:
    return [Person(values(number)) for number in range(count)]
