"""A plan as people and programs see it: for each column its shape, the rule that gives it, and the reason.

Design section 2, line 3: the explanation is the plan, printed.
"""

from typing import Any

from cdp.bootstrap import InForce, Platform
from cdp.cli.answers import described, head, legend
from cdp.cli.render import SIGNS, WORDS, Cell, show, show_json, show_table, styled
from cdp.cli.session import acting
from cdp.services.read import explain_view
from cdp.terms import Kind
from views.plan import Plan
from views.request import ViewRequest


def explain(platform: Platform, request: ViewRequest, *, as_json: bool) -> None:
    """Print the plan of a request. A view that needs a reason is explained without one: nothing is read.

    Raises:
        NotFound, Refused, BadInput: as `explain_view`.
    """
    plan = explain_view(platform, request, principal=acting(platform, request.role))
    in_force = platform.in_force()
    if as_json:
        show_json(_object(plan, in_force))
        return
    rows: list[list[Cell]] = []
    for column, told in zip(plan.columns, plan.explain(), strict=True):
        shape, otherwise = told["shape"] or "hidden", told["otherwise"]
        refused = f"{_sign(otherwise)}: {told['unless']}" if otherwise else ""
        rows.append([head(column), _sign(shape), refused, styled(told["rule"] or ""), styled(told["reason"] or "")])
    show_table(["column", "shown", "where refused", "rule", "because"], rows)
    show(styled(f"{described(plan)}. {_rows(plan, in_force)}", "dim"))
    show(styled(legend(plan), "dim"))


def _sign(shape: str) -> str:
    return f"{SIGNS[shape]} {WORDS[shape]}"


def _rows(plan: Plan, in_force: InForce) -> str:
    """Return which customers are in the answer."""
    subject_to = in_force.policy.purposes[plan.view.purpose].subject_to
    if plan.view.kind is Kind.ANONYMIZED:
        return f"Rows come from the newest release; groups of fewer than {plan.view.k} people are not in it."
    if plan.view.kind is Kind.SELECTIVE:
        return "Every customer is there; what she refused shows in her cells."
    if not subject_to:
        return "Every customer is there."
    return f"Customers who refused {' or '.join(subject_to)} are not there."


def _object(plan: Plan, in_force: InForce) -> dict[str, Any]:
    view = plan.view
    return {
        "view": view.name,
        "kind": view.kind,
        "entity": view.entity,
        "purpose": view.purpose,
        "recipient": view.recipient,
        "role": plan.request.role,
        "rows": _rows(plan, in_force),
        "columns": plan.explain(),
        "plan": plan.template.digest,
        "catalogue": in_force.catalogue.digest,
        "policy": in_force.policy.digest,
    }
