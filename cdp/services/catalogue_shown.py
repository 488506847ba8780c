"""The catalogue in force as an officer looks at it: fields, their shapes on invented values, and who is shown them.

Computed from the two files by the decisions that reads are compiled from; nobody's data is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cdp.bootstrap import InForce
from cdp.catalogue.field import Field
from cdp.catalogue.model import Entity
from cdp.errors import NotFound
from cdp.services.examples import Example, examples_of
from views.decide import Decision, decided
from views.policy import Policy, View


@dataclass(frozen=True, slots=True)
class Shown:
    """A field.

    Attributes:
        examples: invented values in each shape.
        views: those that have it, each with what it makes of it.
        regimes: the laws of the policy under which its category is sensitive, whatever the catalogue says.
    """

    field: Field
    examples: Sequence[Example]
    views: Sequence[tuple[View, Decision]]
    regimes: Sequence[str]


def shown_fields(in_force: InForce, entity: str) -> list[Shown]:
    """Return the fields of an entity, in the order of the catalogue.

    Raises:
        NotFound: `not_found`.
    """
    catalogue, policy = in_force.catalogue, in_force.policy
    if entity not in catalogue.entities:
        raise NotFound("not_found", "there is no such thing here")
    held = catalogue.entities[entity]
    views = _views(policy, held)
    return [
        Shown(field, examples_of(field), views.get(name, ()), _regimes(policy, field))
        for name, field in held.fields.items()
    ]


def _views(policy: Policy, entity: Entity) -> dict[str, list[tuple[View, Decision]]]:
    found: dict[str, list[tuple[View, Decision]]] = {}
    for view in policy.views.values():
        if view.entity == entity.name:
            for decision in decided(entity, view, policy.purposes[view.purpose]):
                found.setdefault(decision.name, []).append((view, decision))
    return found


def _regimes(policy: Policy, field: Field) -> list[str]:
    return [
        str(each.name) for each in policy.regime.configured
        if field.category and each.sensitive and field.category in each.sensitive.categories
    ]  # fmt: skip
