"""What an officer may see of one row: through a view of the policy for her role, with a reason, and an entry like any.

Who decides about a value has to be allowed to see it. The view that shows the least besides is taken: daily work before
one purpose, that before everything.
"""

from collections.abc import Sequence
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound, Refused
from cdp.services.read import read_view
from cdp.terms import CUSTOMER, Kind, Shape, Value
from views.conditions import Comparison, Op
from views.decide import Decision, decided
from views.policy import View
from views.request import ViewRequest

_ORDER: Final = (Kind.STANDARD, Kind.OPT_OUT, Kind.FULL)
"""Kinds whose rows are the customers' own, the least telling first."""


def views_for(in_force: InForce, role: str, entity: str) -> list[View]:
    """Return the views of an entity in which a role reads customers by their ids, the least telling first."""
    found = [
        view for view in in_force.policy.views.values()
        if view.entity == entity and role in view.roles and view.kind in _ORDER
    ]  # fmt: skip
    return sorted(found, key=lambda view: _ORDER.index(view.kind))


def decisions(in_force: InForce, view: View) -> dict[str, Decision]:
    """Return what becomes of each field of a view."""
    entity, purpose = in_force.catalogue.entities[view.entity], in_force.policy.purposes[view.purpose]
    return {each.name: each for each in decided(entity, view, purpose)}


def clear_view(in_force: InForce, role: str, entity: str, field: str) -> View | None:
    """Return a view that shows a field to a role as it is, whatever anybody refused; None where there is none."""
    for view in views_for(in_force, role, entity):
        decision = decisions(in_force, view).get(field)
        if decision is not None and decision.shape is Shape.CLEAR and not decision.unless:
            return view
    return None


def read_one(
    platform: Platform, view: View, principal: Principal, row_id: str, *, fields: Sequence[str], reason: str
) -> dict[str, Value] | None:
    """Read one row of a view by its id; None where the view has no such row.

    Raises:
        Unavailable: as `read_view`.
    """
    column = "customer_id" if view.entity == CUSTOMER else f"{view.entity}_id"
    request = ViewRequest(
        view.name, principal.role, select=(column, *fields), where=(Comparison(column, Op.EQ, (row_id,)),),
        limit=1, reason=reason,
    )  # fmt: skip
    try:
        answer = read_view(platform, request, principal=principal)
    except (NotFound, Refused):  # the policy has changed meanwhile
        return None
    for chunk in answer.chunks:
        for row in chunk:
            return dict(zip((column, *fields), row, strict=True))
    return None
