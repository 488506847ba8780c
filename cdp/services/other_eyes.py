"""See-as for officers: what a role, an app or a view is shown of one customer, and never more than the officer may see.

Each row comes out of the view's own plan, through the door, as whoever the view is for would get it. Deny first:

1. The officer needs a view of her own role about the same entity, one that names its rows (standard, full, opt-out).
   With several, the one that lets her see most of the other counts. Without one she sees shapes, and no value.
2. A field is read through the other view only if her own gives it of this customer at least as clearly: the same
   shape, or in full. Masked and generalised say different things; neither stands for the other. Any other field keeps
   its sign, and its value is never fetched.
3. A row is shown only if her own view has it: what was refused, or collected for something else, keeps it from her too.
4. Of a release no row is anybody's: she sees what would be said of the customer, made from what her own view gives, and
   not how many are alike; that is the analysts'.

What she read stands on the log twice, with her reason: in her own role through her own view, and as `see_as` through
the other one, which names the role that she looked as.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound, Refused, Unavailable
from cdp.services.breakglass.ask import check_words
from cdp.services.herself.see_as import MOST_ROWS, Sight, others_views, shaped
from cdp.services.read import plan_view, read_view
from cdp.services.read_known import Known, read_known
from cdp.services.staff.accounts import Account
from cdp.terms import CUSTOMER, OWN_ROLE, Kind, Shape, Value
from views.conditions import Comparison, Op
from views.decide import is_weaker
from views.policy import View
from views.request import ViewRequest
from views.run import ViewReading
from views.seen import Seen, absence, seen_through

NAMING: Final = frozenset({Kind.STANDARD, Kind.FULL, Kind.OPT_OUT})
"""Kinds whose rows say whose they are."""

MOST_OWN: Final = 5_000
Rows = Sequence[Mapping[str, Value]]


@dataclass(frozen=True)
class Eyes:
    """What one view shows of a customer, as far as the officer may see it.

    Attributes:
        through: her own view by which she may; None where there is none.
        kept_back: the fields that the view shows and her own does not show her so.
    """

    sight: Sight
    through: View | None
    kept_back: frozenset[str]


def look_as(
    platform: Platform, account: Account, customer: str, names: Sequence[str], *, reason: str
) -> tuple[str, list[Eyes]]:
    """Read what views show of a customer; return her id with it.

    Raises:
        NotFound: `unknown_view`, `unknown_customer`.
        Refused: `not_permitted`, for a role that no view about customers is for; it has its entry.
        BadInput: `text_needed`, `bad_text`, for the reason.
        Unavailable: the database, the keys or the log cannot serve.
    """
    check_words(reason, path="reason")
    for fresh in (False, True):
        in_force = platform.in_force(fresh=fresh)
        known_views = {view.name: view for view in others_views(in_force)}
        if not set(names) <= known_views.keys():
            raise NotFound("unknown_view", "there is no such view", path="view")
        if not any(view.entity == CUSTOMER for view in own_views_of(in_force, account.role)):
            error = Refused("not_permitted", "no view about customers is for this role", path="role")
            entry = Entry("refusal", "see_as", account.principal, in_force.versions, {"code": error.code})
            platform.door.note(entry)
            raise error
        try:
            known = read_known(platform, customer, account.principal)
            looker = _Looker(platform, in_force, account, known, reason)
            return known.customer_id, [looker.look(known_views[name]) for name in names]
        except Unavailable as error:
            if error.code != "superseded" or fresh:
                raise
    raise AssertionError("the second time either answers or raises")


def own_views_of(in_force: InForce, role: str) -> list[View]:
    """Return the views that a role reads by itself and that name their rows."""
    return [view for view in in_force.policy.views.values() if role in view.roles and view.kind in NAMING]


class _SeeAs(ViewReading):
    """A reading of a view whose entry says that somebody of staff looked as somebody else."""

    def entry(self, principal: Principal) -> Entry:
        entry = super().entry(principal)
        return replace(entry, act="see_as", facts={**entry.facts, "as": self._plan.request.role})


@dataclass(frozen=True)
class _Looker:
    """An officer who looks at one customer with the eyes of others."""

    platform: Platform
    in_force: InForce
    account: Account
    known: Known
    reason: str

    def look(self, view: View) -> Eyes:
        """Read one view."""
        catalogue, policy = self.in_force.catalogue, self.in_force.policy
        columns = tuple(seen_through(catalogue, policy, self.known.refused, view))
        against = absence(policy, self.known.refused, view)
        through, allowed = self._own(view, columns)
        shown = tuple(each.field for each in columns if each.shape is not None and each.field in allowed)
        kept_back = frozenset(each.field for each in columns if each.shape is not None and each.field not in allowed)
        rows: Rows = ()
        if through is not None and shown and not against:
            rows = list(self._rows(view, columns, through, shown))
        return Eyes(Sight(view, columns, rows[:MOST_ROWS], against, more=len(rows) > MOST_ROWS), through, kept_back)

    def _own(self, view: View, columns: Sequence[Seen]) -> tuple[View | None, frozenset[str]]:
        """Return her own view that lets her see most of another one, and which of its fields."""
        best: tuple[View | None, frozenset[str]] = (None, frozenset())
        for mine in own_views_of(self.in_force, self.account.role):
            if mine.entity != view.entity or absence(self.in_force.policy, self.known.refused, mine):
                continue
            shapes = self._shapes(mine)
            allowed = frozenset(each.field for each in columns if is_weaker(each.shape, shapes.get(each.field)))
            if best[0] is None or len(allowed) > len(best[1]):
                best = mine, allowed
        return best

    def _shapes(self, view: View) -> dict[str, Shape | None]:
        found = seen_through(self.in_force.catalogue, self.in_force.policy, self.known.refused, view)
        return {each.field: each.shape for each in found}

    def _rows(
        self, view: View, columns: Sequence[Seen], through: View, shown: tuple[str, ...]
    ) -> Iterator[Mapping[str, Value]]:
        entity = self.in_force.catalogue.entities[view.entity]
        released = view.kind is Kind.ANONYMIZED
        own = self._own_rows(through, (entity.id_column, *(shown if released else ())))
        if released:
            if entity.is_customer:
                yield from (self._released(row, columns, through, shown) for row in own)
            return
        ids, owed = {row[entity.id_column] for row in own}, self.in_force.policy.purposes[through.purpose].is_owed
        for row in self._theirs(view, shown):
            if view.kind is not Kind.SELECTIVE:
                may = row[entity.id_column] in ids
            else:  # its rows go by pseudonyms: hers are these, if her own view has the one there is, or withholds none
                may = bool(ids) and (entity.is_customer or owed)
            if may:
                yield row

    def _own_rows(self, through: View, select: tuple[str, ...]) -> Rows:
        where = (Comparison("customer_id", Op.EQ, (self.known.customer_id,)),)
        request = ViewRequest(
            through.name, self.account.role, select=select, where=where, limit=MOST_OWN, reason=self.reason
        )  # fmt: skip
        answer = read_view(self.platform, request, principal=self.account.principal)
        return [dict(zip(select, row, strict=True)) for chunk in answer.chunks for row in chunk]

    def _theirs(self, view: View, shown: tuple[str, ...]) -> Iterator[Mapping[str, Value]]:
        """Read the other view. INVARIANT: who it is about is put here, and never by what a browser sent."""
        name, value = "customer_id", self.known.customer_id
        if view.kind is Kind.SELECTIVE:  # tokens are per recipient and purpose; who has none is in no such view
            name, value = "token", self.known.tokens.get(view.scope, "")
        entity = self.in_force.catalogue.entities[view.entity]
        select = tuple(dict.fromkeys((name, *(() if entity.is_customer else (entity.id_column,)), *shown)))
        role = next(role for role in view.roles if role != OWN_ROLE)
        request = ViewRequest(
            view.name, role, select=select, where=(Comparison(name, Op.EQ, (value,)),), limit=MOST_ROWS + 1,
            reason=self.reason,
        )  # fmt: skip
        plan = plan_view(self.platform, request, principal=self.account.principal, looks=True)
        reading = _SeeAs(plan, vault=self.platform.vault, dialect=self.platform.door.dialect)
        for rows in self.platform.door.disclose(reading, self.account.principal):
            yield from (dict(zip(select, row, strict=True)) for row in rows)

    def _released(
        self, row: Mapping[str, Value], columns: Sequence[Seen], through: View, shown: tuple[str, ...]
    ) -> Mapping[str, Value]:
        """Return what a release would say of her: her own view's value, made into the shape that it has there."""
        fields, mine = self.in_force.catalogue.entities[CUSTOMER].fields, self._shapes(through)
        return {
            each.field: row[each.field] if mine[each.field] == each.shape else shaped(
                row[each.field], fields[each.field], each.shape
            )
            for each in columns
            if each.field in shown
        }  # fmt: skip
