"""What is kept about a customer, for herself: every field, its tag, who is shown what of it, whence, until when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from audit.entries import HERSELF, Entry
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.field import Field
from cdp.catalogue.model import Entity
from cdp.errors import NotFound, Refused
from cdp.services.customers import find_customer
from cdp.services.herself import READER
from cdp.services.herself.terms import Terms
from cdp.services.herself.whence import Whence, collected_for, whence
from cdp.services.read import read_view
from cdp.services.retention.terms import RowTerm
from cdp.terms import CUSTOMER, OWN_ROLE, Kind, Value
from views.conditions import parse_conditions
from views.policy import View
from views.request import ViewRequest
from views.seen import Seen, seen

MOST_ROWS = 200
"""How many rows of one entity a page shows; an export has them all."""


@dataclass(frozen=True)
class Kept:
    """One field: its definition, and who is shown what of it."""

    field: Field
    seen: Sequence[Seen]

    @property
    def purposes(self) -> tuple[str, ...]:
        """For what it is used: the purposes of the views that show anything of it to anybody."""
        return tuple(dict.fromkeys(each.view.purpose for each in self.seen if each.shape is not None))


@dataclass(frozen=True)
class Records:
    """What is kept in one entity: its fields, and her rows by field; `more` says that there are others besides.

    Attributes:
        whence, terms: by the id of a row, from where it came and until when it is kept.
    """

    entity: Entity
    fields: Sequence[Kept]
    rows: Sequence[dict[str, Value]]
    more: bool
    whence: Mapping[str, Whence]
    terms: Mapping[str, RowTerm]

    def row_id(self, row: Mapping[str, Value]) -> str:
        """Return the id of a row."""
        return str(row.get(self.entity.id_column))


def own_data(platform: Platform, customer_id: str, refused: frozenset[str], *, today: date) -> list[Records]:
    """Read what is kept about a customer in her own name.

    Raises:
        Refused: `no_own_view`, when the policy gives customers nothing to read.
        Unavailable: as `read_view`.
    """
    in_force = platform.in_force()
    shown: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    origins = whence(platform, customer_id)
    collected = collected_for(platform, origins)
    for each in seen(in_force.catalogue, in_force.policy, refused, collected=collected):
        if OWN_ROLE not in each.view.roles:
            shown[each.entity, each.field].append(each)
    rows = {view.name: _rows(platform, view, customer_id) for view in own_views(in_force)}
    found = []
    with platform.door.record(Entry("disclosure", "own_terms", HERSELF, in_force.versions)) as change:
        change.subjects.append(find_customer(change.conn, in_force, platform.vault, customer_id).ordinal)
        terms = Terms(change.conn, in_force, platform.vault, customer_id, today=today)
        for view in own_views(in_force):
            entity, mine = in_force.catalogue.entities[view.entity], rows[view.name]
            ids = [str(row[entity.id_column]) for row in mine[:MOST_ROWS]]
            until = {row_id: term for row_id, (_, term) in terms.of(entity, ids).items()}
            kept = [Kept(field, shown[entity.name, name]) for name, field in entity.fields.items()]
            of = {each.row_id: each for each in origins if each.entity == entity.name}
            found.append(Records(entity, kept, mine[:MOST_ROWS], len(mine) > MOST_ROWS, of, until))
    return found


def count_filled(platform: Platform, customer_id: str) -> int:
    """Return how many values are kept about a customer, as far as a page shows them.

    Raises:
        Refused, Unavailable: as `own_data`.
    """
    in_force, count = platform.in_force(), 0
    for view in own_views(in_force):
        fields = in_force.catalogue.entities[view.entity].fields.keys()
        rows = _rows(platform, view, customer_id)[:MOST_ROWS]
        count += sum(row.get(name) is not None for row in rows for name in fields)
    return count


def own_row(platform: Platform, customer_id: str) -> dict[str, Value]:
    """Return what is kept of the customer herself, by field; nothing where the policy gives her nothing to read."""
    views = [view for view in own_views(platform.in_force()) if view.entity == CUSTOMER]
    return next((row for view in views for row in _rows(platform, view, customer_id)), {})


def own_record(platform: Platform, customer_id: str, entity: str, row_id: str = "") -> dict[str, Value]:
    """Read one row of hers in her own name; her own, if no id of one is given.

    Raises:
        Refused: `no_own_view`.
        NotFound: `no_such_field`, for one that is not there, or is not hers.
    """
    in_force = platform.in_force()
    for view in own_views(in_force):
        if view.entity == entity:
            column = in_force.catalogue.entities[entity].id_column
            for row in _rows(platform, view, customer_id):
                if not row_id or row.get(column) == row_id:
                    return row
    raise NotFound("no_such_field", "there is no such field", path="field")


def own_views(in_force: InForce) -> list[View]:
    """Return the views in which customers read about themselves, the customer's own first.

    Raises:
        Refused: `no_own_view`.
    """
    views = [view for view in in_force.policy.views.values() if OWN_ROLE in view.roles and view.kind is Kind.FULL]
    if not views:
        hint = f"give a full view to the role `{OWN_ROLE}`, of a purpose that is subject to nothing"
        raise Refused("no_own_view", "the policy has no view for customers themselves", path="views", hint=hint)
    return sorted(views, key=lambda view: view.entity != CUSTOMER)


def own_request(view: View, customer_id: str, *, limit: int | None = None) -> ViewRequest:
    """Return the request for her rows of a view.

    INVARIANT: the condition is put here, and never by what a browser sent.
    """
    mine = parse_conditions([("customer_id", f"eq.{customer_id}")])
    return ViewRequest(view.name, OWN_ROLE, where=mine, limit=limit)


def _rows(platform: Platform, view: View, customer_id: str) -> list[dict[str, Value]]:
    answer = read_view(platform, own_request(view, customer_id, limit=MOST_ROWS + 1), principal=READER)
    names = [column.name for column in answer.plan.columns]
    return [dict(zip(names, row, strict=True)) for chunk in answer.chunks for row in chunk]
