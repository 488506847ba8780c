"""A policy that locks people out who must not be, and so never comes into force.

What a role may *do* in the console is no part of the policy (decision 35): no policy takes from anybody the right to
propose or publish the next one. What it can take away is sight, and with it the work that is done by sight:

1. everybody's: no role reads any column of any view;
2. the privacy officer's: no view about customers is for her role, or no full one, by which requests are answered;
3. the customers' own: no view is for themselves, by which the portal shows what is stored of them.

Each is measured by what is in force: what an organisation never gave, no draft takes away.
"""

from typing import Final

from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput, CdpError, Several
from cdp.terms import CUSTOMER, OWN_ROLE, Kind
from views.decide import decided
from views.policy import Policy, View

OFFICER: Final = "privacy_officer"
"""The role of `cdp.services.staff.permissions` that answers for the whole."""


def require_sight(catalogue: Catalogue, old: Policy, new: Policy) -> None:
    """Do nothing if a policy leaves everybody their sight who must not lose it.

    Raises:
        Several: `locks_out`.
    """
    before, after = _seeing(catalogue, old), _seeing(catalogue, new)
    faults: list[CdpError] = [
        BadInput("locks_out", message, path="views", hint=hint)
        for (message, hint), was, is_ in zip(_SAID, before, after, strict=True)
        if was and not is_
    ]
    if faults:
        raise Several("locks_out", "the policy would lock people out", faults)


_SAID: Final = (
    ("nobody could read anything any more", "leave at least one view to a role"),
    ("the privacy officer could not look at customers any more", f"leave a view about customers to `{OFFICER}`"),
    ("the privacy officer would have no full view any more", f"leave a view of kind `full` to `{OFFICER}`"),
    ("customers could not see any more what is stored of them", f"leave a view about customers to `{OWN_ROLE}`"),
)


def _seeing(catalogue: Catalogue, policy: Policy) -> tuple[bool, bool, bool, bool]:
    """Return whether anybody reads, whether the officer does, and in full, and whether customers see themselves."""
    read = [view for view in policy.views.values() if _shows(catalogue, policy, view)]
    hers = [view for view in read if OFFICER in view.roles and view.entity == CUSTOMER]
    return (
        any(set(view.roles) - {OWN_ROLE} for view in read),
        any(view.kind is not Kind.ANONYMIZED for view in hers),
        any(view.kind is Kind.FULL for view in hers),
        any(OWN_ROLE in view.roles and view.entity == CUSTOMER for view in read),
    )


def _shows(catalogue: Catalogue, policy: Policy, view: View) -> bool:
    decisions = decided(catalogue.entities[view.entity], view, policy.purposes[view.purpose])
    return any(decision.shape for decision in decisions)
