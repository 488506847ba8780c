"""What an unclassified name may become: where in the catalogue, under which name, and what that would say.

The tag comes from `cdp.events.looks`; the mask and the generalisation are those that such fields commonly have.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, Literal

from cdp.catalogue.model import Catalogue
from cdp.events.looks import suggested
from cdp.events.normalise import field_name
from cdp.events.undeclared import FILES
from cdp.ingest.undeclared import Seen
from cdp.terms import CUSTOMER, NAME

Why = Literal["looks", "name", "nothing"]

_SHAPES: Final[dict[str, dict[str, Any]]] = {
    "user.contact.email": {"mask": "email"},
    "user.contact.phone_number": {"mask": "phone"},
    "user.name": {"mask": "initials"},
    "user.financial.bank_account": {"mask": "last4"},
    "user.financial.credit_card": {"mask": "last4"},
    "user.contact.address.postal_code": {"general": "prefix", "keep": 2},
    "user.demographic.date_of_birth": {"type": "date", "general": "year_band", "width": 10},
}
"""What such fields commonly say besides, by the beginning of the category."""


@dataclass(frozen=True)
class Suggestion:
    """What a name may become.

    Attributes:
        entity: whose field; empty for an entity of its own, None where an event has to be declared first.
        name: of the field or the entity.
        said: what the catalogue would say of it.
        why: what suggests the tag: what its values look like, its name, or nothing.
        look: what most of its values looked like, and how many of them.
    """

    entity: str | None
    name: str
    said: dict[str, Any]
    why: Why
    look: tuple[str, int] = ("", 0)


def suggestion_for(seen: Seen, catalogue: Catalogue) -> Suggestion:
    """Return what a name may become in a catalogue."""
    name = _name(seen.name)
    if seen.part == "events":
        return Suggestion("", name, {"belongs_to": CUSTOMER, "event": seen.name, "fields": {}}, "nothing")
    said: dict[str, Any] = {"type": "text"}
    if seen.category:
        said |= {"category": seen.category, **_shapes(seen.category)}
    if name != seen.name:
        said["sent_as"] = seen.name
    by_look = bool(seen.looked) and suggested("", seen.looked)[0] == seen.category
    why: Why = "nothing" if not seen.category else "looks" if by_look else "name"
    look = Counter(seen.looked).most_common(1)[0] if seen.looked else ("", 0)
    return Suggestion(_entity(seen, catalogue), name, said, why, look)


def _entity(seen: Seen, catalogue: Catalogue) -> str | None:
    if seen.source == FILES:
        return seen.part if seen.part in catalogue.entities else None
    if seen.part == "traits":
        return CUSTOMER
    return next((each.name for each in catalogue.entities.values() if each.event == seen.part), None)


def _shapes(category: str) -> dict[str, Any]:
    fitting = [each for each in _SHAPES if category.startswith(each)]
    return _SHAPES[max(fitting, key=len)] if fitting else {}


def _name(name: str) -> str:
    """Return a name that a field may have, if one can be made of it; empty where an officer has to find one."""
    made = field_name(name)[:48].strip("_")
    return made if NAME.fullmatch(made) else ""
