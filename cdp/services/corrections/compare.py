"""A correction as an officer decides about it: old and new side by side, as far as a view lets her see the field.

Who may not see a field decides nothing about it: she gets neither value, and no digest that a decision could name.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.services.corrections.fields import is_safe
from cdp.services.corrections.read import Shown, read_correction
from cdp.services.corrections.recipients import past_recipients
from cdp.services.corrections.records import PROPOSED, Place
from cdp.services.customers import find_customer
from cdp.services.officers_view import clear_view, read_one
from cdp.services.requests.records import Request
from cdp.store.corrected import APPLIED
from cdp.terms import Value
from views.policy import View


@dataclass(frozen=True)
class Compared:
    """One field of a correction.

    Attributes:
        shown: with values and digest only where they may be seen.
        view: the view through which the stored value was read; None where none shows the field to this role.
        recipients: who was given the field before, and gets a notice.
        safe: whether it is of those that may be approved together.
    """

    shown: Shown
    view: View | None
    recipients: Sequence[str]
    safe: bool

    @property
    def place(self) -> Place:
        """What is corrected."""
        return self.shown.correction.place


@dataclass(frozen=True)
class Comparison:
    """A correction with its fields."""

    request: Request
    fields: Sequence[Compared]


def compare(platform: Platform, request_id: str, *, principal: Principal, tell: bool = True) -> Comparison:
    """Return a correction, each field through a view of the principal's role; every read is on the log.

    Args:
        tell: whether to say who was given the fields before, which searches the log for her.

    Raises:
        NotFound: `unknown_request`.
    """
    found, in_force = read_correction(platform, request_id, principal=principal), platform.in_force()
    views = {
        each.correction.place: clear_view(
            in_force, principal.role, each.correction.place.entity, each.correction.place.field
        )
        for each in found.fields
        if not each.gone
    }  # fmt: skip
    values = _values(platform, found.request, views, principal)
    recipients = _recipients(platform, found.request, found.fields, principal) if tell else {}
    fields = []
    for each in found.fields:
        place = each.correction.place
        visible = place in values
        shown = replace(each, stored=values[place]) if visible else _withheld(each)
        view = views.get(place) if visible else None
        fields.append(Compared(shown, view, recipients.get(place, ()), is_safe_now(in_force, shown)))
    return Comparison(found.request, fields)


def is_safe_now(in_force: InForce, shown: Shown) -> bool:
    """Return whether a field may be approved together with others: it is harmless, and nothing about it is odd."""
    place, entities = shown.correction.place, in_force.catalogue.entities
    if not shown.seen or shown.changed or shown.gone or shown.correction.state != PROPOSED:
        return False
    return place.field in entities[place.entity].fields and is_safe(entities[place.entity].fields[place.field])


def _withheld(shown: Shown) -> Shown:
    return replace(shown, correction=replace(shown.correction, old=None, new=None), stored=None, seen="")


def _values(
    platform: Platform, request: Request, views: dict[Place, View | None], principal: Principal
) -> dict[Place, Value]:
    """Return what stands in the store now, by what may be seen of it; one read for each view and row."""
    together = defaultdict[tuple[str, str], list[Place]](list)
    for place, view in views.items():
        if view is not None:
            together[view.name, place.row_id].append(place)
    values: dict[Place, Value] = {}
    for (name, row_id), places in together.items():
        view = platform.in_force().policy.views.get(name)
        if view is None:
            continue
        row = read_one(
            platform, view, principal, row_id or request.customer_id, fields=[each.field for each in places],
            reason=f"to decide correction {request.request_id}",
        )  # fmt: skip
        if row is not None:
            values |= {each: row[each.field] for each in places}
    return values


def _recipients(
    platform: Platform, request: Request, fields: Sequence[Shown], principal: Principal
) -> dict[Place, list[str]]:
    """Return who was given each field before, from the log; that is a look at her accesses, and has its entry."""
    in_force, found = platform.in_force(), {}
    entry = Entry("disclosure", "read_recipients", principal, in_force.versions, {"request": request.request_id})
    with platform.door.record(entry) as change:
        who = find_customer(change.conn, in_force, platform.vault, request.customer_id)
        change.subjects.append(who.ordinal)
        for each in fields:
            if each.correction.state in (PROPOSED, APPLIED) and not each.gone:
                place = each.correction.place
                found[place] = sorted(past_recipients(change.conn, in_force, who, place))
    return found
