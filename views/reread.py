"""A read that was made, under a policy that was not in force: what it would have shown, and to whom not.

Pure, by the same `compile_view` that decides reads. The log keeps the outline of a read: its columns and the shape of
its conditions. What it does not keep (the values of conditions, the order, how many rows were asked for) decides
nothing here but how many rows there are; so rows are counted for the view as a whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true

from cdp.catalogue.model import Catalogue
from cdp.errors import CdpError
from cdp.store.tables import build_schema
from cdp.terms import Shape
from views.compile import compile_outline
from views.conditions import comparisons, parse_outline
from views.decide import Decision, is_weaker
from views.policy import Policy, Purpose, View
from views.request import ViewRequest
from views.rows import KEEPS_REFUSED, allowed_rows

_GIVEN = "given, and not read here"


@dataclass(frozen=True, slots=True)
class Read:
    """What the log says of a read that matters to a policy.

    Attributes:
        purpose: what the reader's credential is bound to, if it is.
        fields: the columns that were chosen; None for all of them.
        where: the outlines of its conditions.
        reasoned: whether a reason was given.
        granted: whether it was made by a grant (break-glass).
    """

    view: str
    role: str
    purpose: str = ""
    fields: tuple[str, ...] | None = None
    where: tuple[str, ...] = ()
    reasoned: bool = False
    granted: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a read under a policy.

    Attributes:
        refused: the code by which it is refused; empty for one that is answered.
        columns: what is decided of each field that it shows or asks about.
    """

    refused: str
    columns: Mapping[str, Decision]
    view: View | None = None
    gates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which a read shows something else: of somebody who refused nothing, before and after.

    Attributes:
        exposes: whether anybody's value is shown that was not, or in a shape that was not.
    """

    field: str
    before: Shape | None
    after: Shape | None
    exposes: bool


def reread(catalogue: Catalogue, policy: Policy, read: Read, *, release: int | None) -> Outcome:
    """Return what becomes of a read.

    Args:
        release: the release that it would read, for an anonymized view.
    """
    request = ViewRequest(
        read.view, read.role, select=read.fields, where=tuple(map(parse_outline, read.where)), purpose=read.purpose,
        reason=_GIVEN if read.reasoned else "", release=release, break_glass=_GIVEN if read.granted else "",
    )  # fmt: skip
    try:
        template = compile_outline(catalogue, policy, request)
    except CdpError as error:
        return Outcome(error.code, {})
    asked = {each.column for each in comparisons(request.where)}
    columns = {each.name: each.decision for each in template.needed if each.decision is not None}
    whole = replace(request, select=None, where=())
    everything = compile_outline(catalogue, policy, whole) if asked else template
    columns |= {each.name: each.decision for each in everything.columns if each.name in asked and each.decision}
    view, purpose = template.view, policy.purposes[template.view.purpose]
    return Outcome("", columns, view, frozenset() if view.kind in KEEPS_REFUSED else frozenset(purpose.subject_to))


def differences(before: Outcome, after: Outcome) -> Iterator[Difference]:
    """Yield the fields of which a read shows something else, to whoever has a row in both."""
    gates = before.gates | after.gates
    for name in {**before.columns, **after.columns}:
        was, is_ = before.columns.get(name), after.columns.get(name)
        unless = {gate for each in (was, is_) if each for gate in each.unless} - gates
        pairs = [(_seen(was, refused), _seen(is_, refused)) for refused in _subsets(unless)]
        exposes = any(not is_weaker(new, old) for old, new in pairs)
        if exposes or any(new is not old for old, new in pairs):
            yield Difference(name, _seen(was, frozenset()), _seen(is_, frozenset()), exposes)


def rows_beyond(
    catalogue: Catalogue, entity: str, known: tuple[View, Purpose] | None, other: tuple[View, Purpose]
) -> Select[Any]:
    """Return the query that counts the rows that one view has and another has not; all of them without another."""
    schema, model = build_schema(catalogue, "postgresql"), catalogue.entities[entity]
    rows, customer = schema.rows[entity], schema.customer
    source = rows if model.is_customer else rows.join(customer, customer.c.customer_id == rows.c.customer_id)
    there = allowed_rows(*other, model, schema)
    wanted = select(func.count()).select_from(source).where(*there)
    if known is None:
        return wanted
    kept: ColumnElement[bool] = and_(true(), *allowed_rows(*known, model, schema))
    return wanted.where(case((kept, 0), else_=1) == 1)


def _seen(decision: Decision | None, refused: frozenset[str]) -> Shape | None:
    if decision is None:
        return None
    return decision.otherwise if refused.intersection(decision.unless) else decision.shape


def _subsets(names: set[str]) -> Iterator[frozenset[str]]:
    ordered = sorted(names)
    return map(frozenset, chain.from_iterable(combinations(ordered, size) for size in range(len(ordered) + 1)))
