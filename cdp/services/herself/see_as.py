"""See-as: what others see of a customer, for her own eyes, exactly as each view gives it now.

Design section 4. Every row comes out of the view's own plan, in a role of the view, through the door, with an entry
that says that she looked herself (`see_as`). A release has no row that is hers: of that she sees the group that she
would be counted in, by values of her own, and how many are in it, never anybody's row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from audit.entries import HERSELF, Entry, Principal
from audit.passage import Reading
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.field import Field
from cdp.errors import NotFound, Unavailable
from cdp.services.herself.own_data import own_row
from cdp.services.read import plan_view
from cdp.services.read_known import Known, read_known
from cdp.services.releases import newest_release
from cdp.store.shaper import shaping
from cdp.terms import CUSTOMER, OWN_ROLE, Kind, Shape, Value
from views.conditions import Comparison, Op
from views.plan import Plan
from views.policy import View
from views.request import ViewRequest
from views.run import CountReading, ViewReading
from views.seen import Seen, absence, seen_through

MOST_ROWS: Final = 20
REASON: Final = "the customer looked at what this view shows of her"


@dataclass(frozen=True)
class Sight:
    """What one view shows of her.

    Attributes:
        columns: what becomes of each field for her.
        rows: her rows, by field; none where the view has no row about her, or where there is nothing of the kind.
        refusals: by which of her refusals it has none.
        alike: of a release, how many share what could tell her from others, None while there is no release.
    """

    view: View
    columns: Sequence[Seen]
    rows: Sequence[Mapping[str, Value]]
    refusals: tuple[str, ...] = ()
    alike: int | None = None
    more: bool = False

    @property
    def of(self) -> Mapping[str, Seen]:
        """The columns by field."""
        return {each.field: each for each in self.columns}


def others_views(in_force: InForce) -> list[View]:
    """Return every view in which somebody else reads about customers, those of the customer herself first."""
    views = [view for view in in_force.policy.views.values() if view.roles != (OWN_ROLE,)]
    return sorted(views, key=lambda view: view.entity != CUSTOMER)


def one_of_each_kind(in_force: InForce) -> list[View]:
    """Return the first view of each kind that shows customers themselves: the five side by side.

    The full one comes first, since the others are held against it.
    """
    found: dict[Kind, View] = {}
    for view in others_views(in_force):
        if view.entity == CUSTOMER:
            found.setdefault(view.kind, view)
    return sorted(found.values(), key=lambda view: (view.kind is not Kind.FULL, list(Kind).index(view.kind)))


def see_as(platform: Platform, customer_id: str, names: Sequence[str]) -> list[Sight]:
    """Read what views show of a customer, in her own name.

    Raises:
        NotFound: `unknown_view`, also for one that is for herself; `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    for fresh in (False, True):
        in_force = platform.in_force(fresh=fresh)
        known = {view.name: view for view in others_views(in_force)}
        if not set(names) <= known.keys():
            raise NotFound("unknown_view", "there is no such view", path="view")
        eyes = _Eyes(platform, in_force, read_known(platform, customer_id, HERSELF))
        try:
            return [eyes.see(known[name]) for name in names]
        except Unavailable as error:
            if error.code != "superseded" or fresh:
                raise
    raise AssertionError("the second time either answers or raises")


class _SeeAs(ViewReading):
    """A reading of a view whose entry says that she looked herself."""

    def entry(self, principal: Principal) -> Entry:
        return replace(super().entry(principal), act="see_as")


class _Eyes:
    """Reads views as others read them, about one customer."""

    def __init__(self, platform: Platform, in_force: InForce, known: Known) -> None:
        self._platform = platform
        self._in_force = in_force
        self._known = known

    def see(self, view: View) -> Sight:
        catalogue, policy = self._in_force.catalogue, self._in_force.policy
        columns = tuple(seen_through(catalogue, policy, self._known.refused, view))
        if view.kind is Kind.ANONYMIZED:
            return self._in_a_group(view, columns)
        name, value = "customer_id", self._known.customer_id
        if (
            view.kind is Kind.SELECTIVE
        ):  # tokens are per recipient and purpose; somebody who has none is in no such view
            name, value = "token", self._known.tokens.get(view.scope, "")
        rows = list(self._rows(view, (Comparison(name, Op.EQ, (value,)),)))
        against = absence(policy, self._known.refused, view)
        return Sight(view, columns, rows[:MOST_ROWS], against, more=len(rows) > MOST_ROWS)

    def _in_a_group(self, view: View, columns: Sequence[Seen]) -> Sight:
        """Return what would be said of her: in a release by rows of her own entity, else only the shapes."""
        refusals = absence(self._in_force.policy, self._known.refused, view)
        if view.entity != CUSTOMER or refusals:
            return Sight(view, columns, [], refusals)
        own = own_row(self._platform, self._known.customer_id)
        fields = self._in_force.catalogue.entities[CUSTOMER].fields
        row = {each.field: shaped(own.get(each.field), fields[each.field], each.shape) for each in columns}
        shared = [name for name in row if fields[name].quasi_identifier]
        where = tuple(_equals(name, row[name]) for name in shared)
        return Sight(view, columns, [row], alike=self._alike(view, where))

    def _alike(self, view: View, where: tuple[Comparison, ...]) -> int | None:
        if newest_release(self._platform, self._in_force, view) is None:
            return None
        plan = self._plan(view, where)
        reading = CountReading(_SeeAs(plan, vault=self._platform.vault, dialect=self._platform.door.dialect))
        [[row]] = self._disclosed(reading, view)
        return row[0] if isinstance(row[0], int) else None

    def _rows(self, view: View, where: tuple[Comparison, ...]) -> Iterator[Mapping[str, Value]]:
        plan = self._plan(view, where)
        names = [column.name for column in plan.columns]
        reading = _SeeAs(plan, vault=self._platform.vault, dialect=self._platform.door.dialect)
        for rows in self._disclosed(reading, view):
            yield from (dict(zip(names, row, strict=True)) for row in rows)

    def _disclosed(self, reading: Reading, view: View) -> Iterator[Sequence[Sequence[Value]]]:
        yield from self._platform.door.disclose(reading, replace(HERSELF, role=view.roles[0]))

    def _plan(self, view: View, where: tuple[Comparison, ...]) -> Plan:
        """Plan the read. INVARIANT: who it is about is put here, and never by what a browser sent."""
        reason = REASON if view.needs else ""
        request = ViewRequest(view.name, view.roles[0], where=where, limit=MOST_ROWS + 1, reason=reason)
        return plan_view(self._platform, request, principal=replace(HERSELF, role=view.roles[0]))


def shaped(value: Value, field: Field, shape: Shape | None) -> Value:
    """Return a value of hers in a shape, made as the store makes it."""
    make = None if shape is None else shaping(field, shape)
    return None if shape is None or value is None else make(value) if make else value


def _equals(column: str, value: Value) -> Comparison:
    return Comparison(column, Op.IS, ("null",)) if value is None else Comparison(column, Op.EQ, (str(value),))
