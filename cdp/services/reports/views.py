"""The views with their privileges: what each shows, to whom, for what, and which shows most.

The priority of a view is its place among all: 1 shows most in full of what is sensitive, then of what identifies, then
of what is personal; then most masked or generalised. Views that show as much have the same.
"""

from cdp.services.reports.figures import Cell, Section, Source, Table
from cdp.terms import Kind, Sensitivity, Shape
from views.decide import Decision, decided
from views.policy import View

_VIEWS = ("priority", "view", "kind", "entity", "purpose", "legal_basis", "roles", "recipient")
_PRIVILEGES = ("view", "columns", "in_full", "rough", "withheld", "needs_reason", "writes", "rows_go_with", "k")
_WEIGHTY = (Sensitivity.SENSITIVE, Sensitivity.IDENTIFYING, Sensitivity.PERSONAL)


def views(source: Source) -> Section:
    """Return the section."""
    policy = source.in_force.policy
    decisions = {name: decisions_of(source, view) for name, view in policy.views.items()}
    ranks = {name: _weight(source, policy.views[name], each) for name, each in decisions.items()}
    ordered = sorted(policy.views, key=lambda name: (ranks[name], name))
    places = {name: 1 + sum(other < ranks[name] for other in ranks.values()) for name in ordered}
    return Section(
        "views",
        (
            Table("views", _VIEWS, [_row(source, places[name], policy.views[name]) for name in ordered]),
            Table(
                "privileges",
                _PRIVILEGES,
                [_privileges(source, policy.views[name], decisions[name]) for name in ordered],
                chart="in_full",
            ),
            Table(
                "columns",
                ("view", "field", "tag", "shape", "otherwise", "unless"),
                [
                    (
                        name, each.name, _tag(source, policy.views[name], each), _shape(each.shape),
                        _shape(each.otherwise), each.unless,
                    )
                    for name in ordered
                    for each in decisions[name]
                ],
            ),
        ),
    )  # fmt: skip


def decisions_of(source: Source, view: View) -> tuple[Decision, ...]:
    """Return what becomes of each column of a view."""
    in_force = source.in_force
    return decided(in_force.catalogue.entities[view.entity], view, in_force.policy.purposes[view.purpose])


def _row(source: Source, rank: int, view: View) -> tuple[Cell, ...]:
    basis = source.in_force.policy.purposes[view.purpose].legal_basis
    return rank, view.name, str(view.kind), view.entity, view.purpose, str(basis), view.roles, view.recipient


def _privileges(source: Source, view: View, decisions: tuple[Decision, ...]) -> tuple[Cell, ...]:
    full = sum(each.shape is Shape.CLEAR for each in decisions)
    hidden = sum(each.shape is None for each in decisions)
    # in a selective view a refusal of the purpose acts on cells; in every other kind it takes the row
    gone = () if view.kind is Kind.SELECTIVE else source.in_force.policy.purposes[view.purpose].subject_to
    return (
        view.name, len(decisions), full, len(decisions) - full - hidden, hidden, "reason" in view.needs, view.write,
        gone, view.k,
    )  # fmt: skip


def _weight(source: Source, view: View, decisions: tuple[Decision, ...]) -> tuple[int, ...]:
    tags = [(_tag(source, view, each), each.shape) for each in decisions]
    clear = [-sum(tag == wanted and shape is Shape.CLEAR for tag, shape in tags) for wanted in _WEIGHTY]
    rough = [-sum(tag == wanted and shape not in (Shape.CLEAR, None) for tag, shape in tags) for wanted in _WEIGHTY]
    return (*clear, *rough)


def _tag(source: Source, view: View, decision: Decision) -> str:
    return str(source.in_force.catalogue.entities[view.entity].fields[decision.name].sensitivity)


def _shape(shape: Shape | None) -> str:
    return "hidden" if shape is None else str(shape)
