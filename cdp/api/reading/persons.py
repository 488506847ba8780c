"""Which person a read names: reads of one person have a quota for each app and person (`cdp.api.traffic.limits`)."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from cdp.bootstrap import InForce
from cdp.catalogue.model import Catalogue
from cdp.services.embed import Child
from views.compile import view_columns
from views.conditions import Op, comparisons
from views.policy import Policy
from views.request import ViewRequest

_EXACT: Final = frozenset({Op.EQ, Op.IN})
_PATTERNS: Final = frozenset({Op.LIKE, Op.ILIKE})
_WILD: Final = frozenset("*%_")


def persons_of(in_force: InForce, request: ViewRequest, children: Sequence[Child] = ()) -> Iterator[str]:
    """Yield what the conditions name persons by: an id, a token, or an identifier that the view shows.

    Each counts in whatever group or list it stands, and as a pattern that fits one text alone: `and=(email.eq.…)`,
    `email=in.(…)` and `email=like.…` ask about her as well, and so do conditions on a child, as `orders.customer_id`.

    INVARIANT 1: a column that the view does not show names nobody, as one that does not exist.
    """
    if request.where or children:
        yield from dict.fromkeys(_named(in_force, request, children))


def _named(in_force: InForce, request: ViewRequest, children: Sequence[Child]) -> Iterator[str]:
    shown = _shown(in_force.catalogue, in_force.policy, request.view)
    for each in comparisons(request.where):
        if each.column not in shown:
            continue
        if each.op in _EXACT:
            yield from each.operands
        elif each.op in _PATTERNS:
            yield from (operand for operand in each.operands if _WILD.isdisjoint(operand))
    for child in children:
        yield from _named(in_force, child.request, child.children)


@lru_cache(maxsize=256)
def _shown(catalogue: Catalogue, policy: Policy, name: str) -> frozenset[str]:
    view = policy.views.get(name)
    if view is None:
        return frozenset()
    fields = catalogue.entities[view.entity].fields
    shown = (each for each in view_columns(catalogue, policy, view) if not each.hidden)
    return frozenset(each.name for each in shown if each.decision is None or fields[each.name].identifier)
