"""One view within another: with each row of a view, the rows of a child view that belong to it.

A child is read by its own view, under its own purpose, through the door: each has its own plan, its own refusals and
its own entries, and what it withholds is simply not there. The ids by which rows find each other never leave.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from audit.entries import Principal
from audit.passage import Row
from cdp.bootstrap import InForce, Platform
from cdp.services.read import plan_view, read_view
from cdp.terms import Kind, Type
from views.compile import view_columns
from views.plan import Column, Plan
from views.policy import View
from views.request import ViewRequest
from views.select import Selection

_NO_COLUMN: Final = "("
"""Ends a name that no column has, so that a child that is not there is refused as a column that is not there."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child view under its name in a row, with its own children."""

    name: str
    request: ViewRequest
    children: tuple["Child", ...] = ()

    @property
    def column(self) -> Column:
        """The column that it is in the rows of its parent."""
        return Column(self.name, Type.JSON)


Asked = dict[str, ViewRequest]
"""Conditions and order of children, by their path, as `orders.items`."""


@dataclass(frozen=True)
class Embedding:
    """Where the names of children are looked up: the views that may be read, and what is asked of each child."""

    in_force: InForce
    views: Sequence[View]
    asked: Asked

    def of(self, request: ViewRequest, selection: Selection, path: str = "") -> tuple[ViewRequest, tuple[Child, ...]]:
        """Return a request for a view with its selection, and its children.

        A name that is none, hidden or absent, becomes a column that there is not, and is refused as such.
        """
        request, children = replace(request, select=selection.columns), []
        parent = next((view for view in self.views if view.name == request.view), None)
        for name, inner in selection.embedded:
            found = _found(self.in_force, self.views, parent, name)
            if found is None:
                return replace(request, select=(name + _NO_COLUMN,)), ()
            begun = self.asked.get(f"{path}{name}", ViewRequest("", ""))
            begun = replace(begun, view=found.name, role=request.role, purpose=request.purpose, reason=request.reason)
            mine, below = self.of(begun, inner, f"{path}{name}.")
            children.append(Child(name, mine, below))
        return replace(request, keeps_row=bool(children)), tuple(children)


def plans_of(
    platform: Platform, children: Sequence[Child], *, principal: Principal, path: str = ""
) -> Iterator[tuple[str, Plan]]:
    """Yield the plan of each child by its path; what is wrong with one is found before anything is read.

    Raises:
        Refused, BadInput: as `cdp.services.read.plan_view`.
    """
    for child in children:
        where = f"{path}{child.name}"
        yield where, plan_view(platform, replace(child.request, parents=()), principal=principal)
        yield from plans_of(platform, child.children, principal=principal, path=f"{where}.")


def _found(in_force: InForce, views: Sequence[View], parent: View | None, name: str) -> View | None:
    """Return the one view that a name means below a parent, if there is one."""
    if parent is None or parent.kind is Kind.ANONYMIZED:
        return None
    taken = {column.name for column in view_columns(in_force.catalogue, in_force.policy, parent)}
    entities = in_force.catalogue.entities
    below = [
        view for view in views if entities[view.entity].belongs_to == parent.entity and view.kind != Kind.ANONYMIZED
    ]
    named = [view for view in below if view.name == name]
    named = named or [view for view in below if name in (view.entity, f"{view.entity}s")]
    return named[0] if len(named) == 1 and name not in taken else None


def attach(
    platform: Platform, rows: Sequence[Row], children: Sequence[Child], *, principal: Principal
) -> Sequence[Row]:
    """Return rows, which have their ids at their ends, with the rows of each child in the place of the id."""
    ids = tuple(dict.fromkeys(row[-1] for row in rows))
    found = [_rows_of(platform, child, ids, principal) for child in children]
    return [(*row[:-1], *(each.get(row[-1], []) for each in found)) for row in rows]


def _rows_of(
    platform: Platform, child: Child, ids: tuple[str, ...], principal: Principal
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a child by the row that they belong to."""
    answer = read_view(platform, replace(child.request, parents=ids), principal=principal)
    names = [column.name for column in answer.plan.columns]
    names += [each.name for each in child.children]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for chunk in answer.chunks:
        for row in _completed(platform, chunk, child, principal):
            parent, cells = row[len(answer.plan.columns)], (*row[: len(answer.plan.columns)],)
            found[parent].append(dict(zip(names, (*cells, *row[len(cells) + 1 :]), strict=True)))
    return found


def _completed(platform: Platform, chunk: Sequence[Row], child: Child, principal: Principal) -> Sequence[Row]:
    return attach(platform, chunk, child.children, principal=principal) if child.children else chunk
