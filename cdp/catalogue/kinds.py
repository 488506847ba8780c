"""The kinds of identifiers of a customer: those of the catalogue's fields, and those that events name.

A kind that a source does not verify is its own: `user_id@web` is what the source `web` calls somebody, and names nobody
whom another source, an import or a person has named.
"""

import re
from typing import Final

from cdp.catalogue.model import Catalogue
from cdp.terms import CUSTOMER, EVENT_KINDS

_SCOPED: Final = re.compile(r"[a-z][a-z0-9_]{0,47}@[a-z0-9][a-z0-9_.-]{0,100}")


def known_kinds(catalogue: Catalogue) -> frozenset[str]:
    """Return the kinds by which a customer may be named, whatever source says it."""
    return frozenset((*field_of_kind(catalogue).keys(), *EVENT_KINDS))


def names_somebody(catalogue: Catalogue, kind: str) -> bool:
    """Return whether somebody may be looked for by this kind: a known one, or a source's own word (`user_id@web`)."""
    base, own, _ = kind.partition("@")
    return kind in known_kinds(catalogue) or bool(own and base in EVENT_KINDS and _SCOPED.fullmatch(kind))


def field_of_kind(catalogue: Catalogue) -> dict[str, str]:
    """Return the field of the customer that holds the identifier of a kind, the first one if there are several."""
    found: dict[str, str] = {}
    for name, kind in identifying_fields(catalogue).items():
        found.setdefault(kind, name)
    return found


def identifying_fields(catalogue: Catalogue) -> dict[str, str]:
    """Return the fields of the customer that hold identifiers, with their kinds."""
    fields = catalogue.entities[CUSTOMER].fields
    return {name: field.identifier for name, field in fields.items() if field.identifier}


def scoped(kind: str, source: str) -> str:
    """Return the kind under which a source's own word for somebody is kept."""
    name = f"{kind}@{source}"
    if not _SCOPED.fullmatch(name):
        raise ValueError("a source is named by letters, digits and `_.-`")
    return name
