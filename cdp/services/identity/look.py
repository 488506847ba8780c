"""What a claim would join: the profile and who bears the identifier, side by side, for whoever decides.

The values come through a view of the officer's role, with the claim as the reason; what belongs to both is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.places import flag_column
from cdp.errors import NotFound
from cdp.services.identity.decide import bearer_of
from cdp.services.identity.links import Link, find_link
from cdp.services.officers_view import decisions, read_one, views_for
from cdp.store.asking import REQUEST
from cdp.store.lookup import find_ordinals
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER, Shape, Value
from views.policy import View


@dataclass(frozen=True)
class Person:
    """One of the two.

    Attributes:
        values: her fields, as the view shows them; None where it has no row of hers.
        rows: how many rows of each other entity belong to her.
        refused: the opt-outs that she refuses: who they become refuses what either does.
    """

    customer_id: str
    values: Mapping[str, Value] | None
    rows: Mapping[str, int]
    requests: int
    refused: Sequence[str]


@dataclass(frozen=True)
class Sight:
    """A claim, with the two whom it would join; nobody bears the identifier where there is one only."""

    link: Link
    view: View | None
    shapes: Mapping[str, Shape | None]
    profile: Person
    bearer: Person | None


def look_at_link(platform: Platform, link_id: str, *, principal: Principal) -> Sight:
    """Return what a claim would join. Every look is on the log.

    Raises:
        NotFound: `unknown_link`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", "read_links", principal, in_force.versions)) as change:
        link = find_link(change.conn, link_id)
        if link is None:
            raise NotFound("unknown_link", "there is no such link", path="link", hint="see `cdp identity links`")
        bearer = bearer_of(change.conn, link)
        ids = [link.customer_id, *([bearer] if bearer not in (None, link.customer_id) else [])]
        found = {each: _counted(change.conn, in_force, each) for each in ids if each}
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted(found))
    view = next(iter(reversed(views_for(in_force, principal.role, CUSTOMER))), None)  # the one that tells the most
    shapes = {name: each.shape for name, each in decisions(in_force, view).items()} if view else {}
    people = []
    for customer_id, (rows, requests, refused) in found.items():
        values = None
        if view is not None:
            reason = f"to decide identity link {link_id}"
            values = read_one(platform, view, principal, customer_id, fields=list(shapes), reason=reason)
        people.append(Person(customer_id, values, rows, requests, refused))
    return Sight(link, view, shapes, people[0], people[1] if len(people) > 1 else None)


def _counted(conn: Connection, in_force: InForce, customer_id: str) -> tuple[dict[str, int], int, list[str]]:
    """Return how much belongs to a customer, by entity; how many requests; what she refuses."""
    schema, catalogue = build_schema(in_force.catalogue, conn.dialect.name), in_force.catalogue
    rows = {}
    for name, table in schema.rows.items():
        if name != CUSTOMER:
            mine = select(func.count()).select_from(table).where(table.c.customer_id == customer_id)
            rows[name] = int(conn.execute(mine).scalar_one())
    asked = select(func.count()).select_from(REQUEST).where(REQUEST.c.customer_id == customer_id)
    flags = select(*(schema.customer.c[flag_column(name)] for name in catalogue.opt_outs))
    held = conn.execute(flags.where(schema.customer.c.customer_id == customer_id)).one_or_none()
    refused = [
        name for name, flag in zip(catalogue.opt_outs, held or (), strict=held is not None) if flag not in (0, False)
    ]  # fmt: skip
    return rows, int(conn.execute(asked).scalar_one()), refused
