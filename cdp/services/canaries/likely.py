"""What a person looks like here: values of others who are alike, each value of somebody else.

So a canary is like everybody, field by field, and is nobody: no two values of hers come from one person, unless they
are of one group of fields, as town and postcode. What names somebody is made up; what would reach somebody is left out,
but for an address of electronic mail under a domain of the organisation's own.
"""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Final

from cdp.catalogue.field import Field
from cdp.catalogue.model import Entity
from cdp.terms import Sensitivity, Type, Value
from cdp.vault.identifier import EMAIL

LONGEST: Final = 40
"""Longer texts may be about somebody, whatever the catalogue says of them, and are not taken over."""

ENOUGH: Final = 5
_ASCII: Final = re.compile(r"[a-z]{3,}")
_CHOICES: Final = (Type.CHOICE, Type.BOOLEAN)

Person = Mapping[str, Value]


def likely(entity: Entity, people: Sequence[Person], domain: str, chance: random.Random) -> dict[str, Value]:
    """Return the values of somebody who is nobody.

    Args:
        people: some of those there are.
        domain: of the organisation: mail to her comes back to it.
    """
    alike = _alike(entity, people, chance)
    donors: dict[str, Person] = {}
    made: dict[str, Value] = {}
    for name, field in entity.fields.items():
        group = _group(name, field)
        donor = donors.setdefault(group, chance.choice(alike))
        made[name] = _value(field, name, donor, alike, chance)
    for name, field in entity.fields.items():
        if field.identifier == EMAIL:
            made[name] = f"{_local(made, alike, name, chance)}@{domain}"
    return made


def _alike(entity: Entity, people: Sequence[Person], chance: random.Random) -> Sequence[Person]:
    """Return those who agree with one of them in what is chosen from lists, so that language and country fit."""
    base, alike = chance.choice(people), list(people)
    for name, field in entity.fields.items():
        if field.type in _CHOICES and field.sensitivity is not Sensitivity.SENSITIVE:
            fewer = [each for each in alike if each.get(name) == base.get(name)]
            alike = fewer if len(fewer) >= ENOUGH else alike
    return alike


def _group(name: str, field: Field) -> str:
    """Return what has to come from one and the same person: the parts of an address."""
    category = str(field.category or "")
    return "address" if ".address" in category or name in ("city", "postcode", "country") else name


def _value(field: Field, name: str, donor: Person, alike: Sequence[Person], chance: random.Random) -> Value:
    value = donor.get(name)
    if field.identifier and not field.required:
        return None
    if field.identifier:
        return _renumbered(value, chance)
    if field.type is Type.JSON or (isinstance(value, str) and len(value) > LONGEST):
        return None
    if field.sensitivity is Sensitivity.IDENTIFYING:
        other = chance.choice(alike).get(name)
        return _renumbered(_crossed(value, other), chance)
    return value


def _crossed(one: Value, other: Value) -> Value:
    """Return the beginning of one name with the end of another."""
    if not (isinstance(one, str) and isinstance(other, str) and one and other):
        return one
    if " " in one and " " in other:
        return f"{one.split(' ')[0]} {other.rsplit(' ', 1)[1]}"
    return one if " " in one + other else one[0] + other[1:]


def _renumbered(value: Value, chance: random.Random) -> Value:
    """Return a text with other digits in the same places."""
    if not isinstance(value, str):
        return value
    return "".join(chance.choice("123456789") if letter.isdigit() else letter for letter in value)


def _local(made: Person, alike: Sequence[Person], name: str, chance: random.Random) -> str:
    """Return what stands before the sign: words as others have them, and a number that nobody guesses."""
    words = [word for value in made.values() if isinstance(value, str) for word in value.lower().split()[:2]]
    known = [str(each[name]).partition("@")[0].lower() for each in alike if each.get(name)]
    mine = [word for word in words if _ASCII.fullmatch(word)][:2]
    base = ".".join(mine) or next(iter(_ASCII.findall(chance.choice(known) if known else "")), "mail")
    return f"{base}{chance.randrange(10_000, 100_000)}"
