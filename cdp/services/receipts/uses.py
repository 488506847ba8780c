"""What of the policy each opt-out stops: purposes, and what their views show, to whom, for how long."""

from collections.abc import Iterable

from cdp.bootstrap import InForce
from cdp.catalogue.field import Field
from consent.receipts.record import Use
from views.policy import View


def uses(in_force: InForce) -> list[Use]:
    """Return every purpose that some opt-out stops, by name."""
    found = []
    for name, purpose in sorted(in_force.policy.purposes.items()):
        if not purpose.subject_to:
            continue
        views = [view for view in in_force.policy.views.values() if view.purpose == name]
        shown = [field for view in views for field in _fields(in_force, view)]
        found.append(
            Use(
                name,
                str(purpose.legal_basis),
                frozenset(purpose.subject_to),
                tuple(sorted({field.category for field in shown if field.category})),
                tuple(sorted({view.recipient for view in views if view.recipient})),
                tuple(sorted({field.retention for field in shown if field.retention})),
            )
        )
    return found


def _fields(in_force: InForce, view: View) -> Iterable[Field]:
    fields = in_force.catalogue.entities[view.entity].fields
    return [fields[name] for name in (view.fields or fields) if name in fields]
