"""Which person a read names: reads of one person have a quota for each app and person (`cdp.api.traffic.limits`)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cdp.bootstrap import InForce
from cdp.catalogue.model import Catalogue
from views.compile import view_columns
from views.conditions import Comparison, Op
from views.policy import Policy
from views.request import ViewRequest

_IDS: Final = ("customer_id", "token")


def persons_of(in_force: InForce, request: ViewRequest) -> Iterator[str]:
    """Yield what the conditions name persons by: an id, a token, or an identifier that the view shows.

    INVARIANT 1: a column that the view does not show names nobody, as one that does not exist.
    """
    for condition in request.where:
        if isinstance(condition, Comparison) and condition.op is Op.EQ and not condition.negated:
            names = condition.column in _IDS or condition.column in _shown(
                in_force.catalogue, in_force.policy, request.view
            )
            if names and condition.operands:
                yield condition.operands[0]


@lru_cache(maxsize=256)
def _shown(catalogue: Catalogue, policy: Policy, name: str) -> frozenset[str]:
    view = policy.views.get(name)
    if view is None:
        return frozenset()
    fields = catalogue.entities[view.entity].fields
    shown = (each.name for each in view_columns(catalogue, policy, view) if not each.hidden)
    return frozenset(each for each in shown if each in fields and fields[each].identifier)
