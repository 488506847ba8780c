"""Which person a read names: reads of one person have a quota for each app and person (`cdp.api.traffic.limits`)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from cdp.bootstrap import InForce
from cdp.catalogue.model import Catalogue
from views.compile import view_columns
from views.conditions import Op, comparisons
from views.policy import Policy
from views.request import ViewRequest

_IDS: Final = ("customer_id", "token")


def persons_of(in_force: InForce, request: ViewRequest) -> Iterator[str]:
    """Yield what the conditions name persons by: an id, a token, or an identifier that the view shows.

    Each counts in whatever group or list it stands: `and=(email.eq.…)` and `email=in.(…)` ask about her as well.

    INVARIANT 1: a column that the view does not show names nobody, as one that does not exist.
    """
    shown = _shown(in_force.catalogue, in_force.policy, request.view)
    named = (
        operand
        for each in comparisons(request.where)
        if each.op in (Op.EQ, Op.IN) and (each.column in _IDS or each.column in shown)
        for operand in each.operands
    )
    yield from dict.fromkeys(named)


@lru_cache(maxsize=256)
def _shown(catalogue: Catalogue, policy: Policy, name: str) -> frozenset[str]:
    view = policy.views.get(name)
    if view is None:
        return frozenset()
    fields = catalogue.entities[view.entity].fields
    shown = (each.name for each in view_columns(catalogue, policy, view) if not each.hidden)
    return frozenset(each for each in shown if each in fields and fields[each].identifier)
