"""What each role of staff may do in the console. What a role may *read* of customers is the policy's, as everywhere.

INVARIANT: silence refuses: a role that is not here may nothing, and a page that names no permission is for nobody (a
test goes through all routes).
"""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One kind of act in the console; a page or form names exactly one."""

    ACCOUNT = "account"
    """One's own account: passkeys, sessions."""
    APPS_READ = "apps_read"
    APPS_MANAGE = "apps_manage"
    APPROVE = "approve"
    """Being the second person: for widening a policy, break-glass, what the policy wants decided by two."""
    BREAK_GLASS_ASK = "break_glass_ask"
    """Asking to see one customer in full for a short time, where the policy says so of the role."""
    BREAK_GLASS_READ = "break_glass_read"
    CATALOGUE_READ = "catalogue_read"
    CATALOGUE_PROPOSE = "catalogue_propose"
    CONSENT_READ = "consent_read"
    CUSTOMERS_READ = "customers_read"
    """Looking somebody up, through views of the policy and with a reason where they ask for one."""
    IDENTITY_DECIDE = "identity_decide"
    LOG_READ = "log_read"
    POLICY_READ = "policy_read"
    POLICY_PROPOSE = "policy_propose"
    RECIPIENTS_READ = "recipients_read"
    """To whom data is passed on, and what was agreed with them."""
    RECIPIENTS_MANAGE = "recipients_manage"
    REPORTS_READ = "reports_read"
    REPORTS_MAKE = "reports_make"
    REQUESTS_READ = "requests_read"
    REQUESTS_DECIDE = "requests_decide"
    STAFF_READ = "staff_read"
    STAFF_MANAGE = "staff_manage"
    STATEMENT_READ = "statement_read"
    STATEMENT_EDIT = "statement_edit"
    TODAY = "today"


P = Permission
_LOOKS: Final = frozenset(
    {
        P.ACCOUNT, P.APPS_READ, P.BREAK_GLASS_READ, P.CATALOGUE_READ, P.CONSENT_READ, P.LOG_READ, P.POLICY_READ,
        P.RECIPIENTS_READ,
        P.REPORTS_READ, P.REQUESTS_READ, P.STAFF_READ, P.STATEMENT_READ, P.TODAY,
    }
)  # fmt: skip

ROLES: Final[dict[str, frozenset[Permission]]] = {
    "privacy_officer": frozenset(Permission),
    "second_officer": _LOOKS | {P.APPROVE, P.BREAK_GLASS_ASK, P.CUSTOMERS_READ, P.REPORTS_MAKE, P.REQUESTS_DECIDE},
    "auditor": _LOOKS | {P.REPORTS_MAKE},
    "support": frozenset(
        {
            P.ACCOUNT,
            P.TODAY,
            P.BREAK_GLASS_ASK,
            P.BREAK_GLASS_READ,
            P.CONSENT_READ,
            P.CUSTOMERS_READ,
            P.REQUESTS_READ,
        }
    ),
}
"""The privacy officer answers for the whole; the second officer stands beside her; an auditor looks and changes
nothing; support helps customers."""


def may(role: str, permission: Permission) -> bool:
    """Return whether a role may do something."""
    return permission in ROLES.get(role, frozenset())
