"""What stands in the rail, in this order, and the permission by which somebody sees it there.

A place whose page needs another permission than it says here would be a dead end; a test compares them.
"""

from dataclasses import dataclass

from cdp.pages.language import translations
from cdp.services.staff.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the rail."""

    address: str
    title: str
    needs: Permission


def navigation(language: str) -> list[Place]:
    """Return the rail in a language."""
    _ = translations(language).gettext
    return [
        Place("/console", _("Today"), Permission.TODAY),
        Place("/console/requests", _("Requests"), Permission.REQUESTS_READ),
        Place("/console/corrections", _("Corrections"), Permission.REQUESTS_READ),
        Place("/console/links", _("Identity links"), Permission.REQUESTS_READ),
        Place("/console/reports", _("Reports"), Permission.REPORTS_READ),
        Place("/console/log", _("Log"), Permission.LOG_READ),
        Place("/console/consent", _("Consent"), Permission.CONSENT_READ),
        Place("/console/policy", _("Policy"), Permission.POLICY_READ),
        Place("/console/who-sees", _("Who sees what"), Permission.POLICY_READ),
        Place("/console/see-as", _("See as somebody else"), Permission.CUSTOMERS_READ),
        Place("/console/catalogue", _("Catalogue"), Permission.CATALOGUE_READ),
        Place("/console/unclassified", _("Unclassified names"), Permission.CATALOGUE_READ),
        Place("/console/statement", _("Privacy statement"), Permission.STATEMENT_READ),
        Place("/console/apps", _("Apps and sources"), Permission.APPS_READ),
        Place("/console/recipients", _("Recipients"), Permission.RECIPIENTS_READ),
        Place("/console/break-glass", _("Break-glass"), Permission.BREAK_GLASS_READ),
        Place("/console/staff", _("Staff"), Permission.STAFF_READ),
        Place("/console/canaries", _("Canaries"), Permission.LOG_READ),
        Place("/console/confirm", _("Confirm access"), Permission.APPROVE),
        Place("/console/account", _("My account"), Permission.ACCOUNT),
    ]
