"""Whether a selective view shows too much of canaries who refused everything: each cell against what is kept of them.

What a cell may show of somebody who refused is said here once more, by tags alone and without the rules of
`views.decide`: nothing of who it is, nothing sensitive, and nothing personal as it was said.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from cdp.bootstrap import InForce, Platform
from cdp.catalogue.field import Field
from cdp.services.canaries.known import Canary
from cdp.store.platform import TOKEN
from cdp.store.records import read_rows
from cdp.terms import OWN_ROLE, Kind, Sensitivity, Value
from views.compile import compile_view
from views.conditions import Comparison, Op
from views.policy import View
from views.request import ViewRequest
from views.run import ViewReading


def withholds(in_force: InForce, view: View) -> bool:
    """Return whether a refusal has to show in the cells of a view."""
    subject = in_force.policy.purposes[view.purpose].subject_to
    return view.kind is Kind.SELECTIVE and bool(subject) and any(role != OWN_ROLE for role in view.roles)


def shows_too_much(platform: Platform, conn: Connection, in_force: InForce, view: View, whom: Sequence[Canary]) -> bool:
    """Read what the view shows of them, as whoever it is for would get it; it goes no further than here."""
    entity = in_force.catalogue.entities[view.entity]
    c, ids = TOKEN.c, [each.customer_id for each in whom]
    rows_of = select(c.token, c.customer_id, c.row_id).where(
        c.customer_id.in_(ids), c.entity == view.entity, c.scope == view.scope
    )
    keys = {str(token): (str(customer), str(row)) for token, customer, row in conn.execute(rows_of)}
    kept = {
        each.row_id: each.values
        for each in read_rows(conn, in_force.catalogue, entity, list(keys.values()), keys=platform.vault)
    }
    return any(
        _is_too_much(entity.fields[name], value, kept[keys[token][1]].get(name))
        for token, row in _seen(platform, conn, in_force, view, sorted(keys))
        for name, value in row.items()
        if name in entity.fields and keys[token][1] in kept
    )


def _seen(
    platform: Platform, conn: Connection, in_force: InForce, view: View, tokens: Sequence[str]
) -> Iterator[tuple[str, dict[str, Value]]]:
    if not tokens:
        return
    role = next(role for role in view.roles if role != OWN_ROLE)
    where = (Comparison("token", Op.IN, tuple(tokens)),)
    request = ViewRequest(view.name, role, where=where, limit=len(tokens), reason="canaries")
    plan = compile_view(in_force.catalogue, in_force.policy, request)
    reading, position = ViewReading(plan, vault=platform.vault, dialect=platform.door.dialect), None
    names = [column.name for column in plan.columns]
    while not reading.done:
        chunk = reading.read(conn, position)
        position = chunk.next
        for row in chunk.rows:
            shown = dict(zip(names, row, strict=True))
            yield str(shown.pop("token")), shown


def _is_too_much(field: Field, shown: Value, kept: Value) -> bool:
    if shown is None:
        return False
    match field.sensitivity:
        case Sensitivity.IDENTIFYING | Sensitivity.SENSITIVE:
            return True
        case Sensitivity.PERSONAL:
            return str(shown) == str(kept)
        case _:
            return False
