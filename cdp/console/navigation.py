"""What stands in the rail, in this order, and the permission by which somebody sees it there.

A place whose page needs another permission than it says here would be a dead end; a test compares them.
"""

from dataclasses import dataclass
from typing import Literal

from cdp.pages.language import translations
from cdp.services.staff.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the rail; those of one group stand close together."""

    address: str
    title: str
    needs: Permission
    group: Literal["today", "decide", "look", "rules", "access"]


def navigation(language: str) -> list[Place]:
    """Return the rail in a language."""
    _ = translations(language).gettext
    return [
        Place("/console", _("Today"), Permission.TODAY, "today"),
        Place("/console/requests", _("Requests"), Permission.REQUESTS_READ, "decide"),
        Place("/console/corrections", _("Corrections"), Permission.REQUESTS_READ, "decide"),
        Place("/console/links", _("Identity links"), Permission.REQUESTS_READ, "decide"),
        Place("/console/unclassified", _("Unclassified names"), Permission.CATALOGUE_READ, "decide"),
        Place("/console/break-glass", _("Break-glass"), Permission.BREAK_GLASS_READ, "decide"),
        Place("/console/who-sees", _("Who sees what"), Permission.POLICY_READ, "look"),
        Place("/console/see-as", _("See as others do"), Permission.CUSTOMERS_READ, "look"),
        Place("/console/log", _("Log"), Permission.LOG_READ, "look"),
        Place("/console/consent", _("Consent"), Permission.CONSENT_READ, "look"),
        Place("/console/canaries", _("Canaries"), Permission.LOG_READ, "look"),
        Place("/console/reports", _("Reports"), Permission.REPORTS_READ, "look"),
        Place("/console/policy", _("Policy"), Permission.POLICY_READ, "rules"),
        Place("/console/catalogue", _("Catalogue"), Permission.CATALOGUE_READ, "rules"),
        Place("/console/statement", _("Privacy statement"), Permission.STATEMENT_READ, "rules"),
        Place("/console/recipients", _("Recipients"), Permission.RECIPIENTS_READ, "rules"),
        Place("/console/apps", _("Apps and sources"), Permission.APPS_READ, "access"),
        Place("/console/staff", _("Staff"), Permission.STAFF_READ, "access"),
        Place("/console/confirm", _("Confirm access"), Permission.APPROVE, "access"),
        Place("/console/account", _("My account"), Permission.ACCOUNT, "access"),
    ]
