"""What the console says of permissions, in the reader's language."""

from collections.abc import Collection

from cdp.pages.language import translations
from cdp.services.staff.permissions import Permission


def acts_of(language: str, permissions: Collection[Permission]) -> list[str]:
    """Return what is said of permissions, without those that only look."""
    _ = translations(language).gettext
    said = {
        Permission.APPROVE: _("be the second person where two are needed"),
        Permission.APPS_MANAGE: _("register and revoke apps and sources"),
        Permission.BREAK_GLASS_ASK: _("ask to break the glass"),
        Permission.CATALOGUE_PROPOSE: _("propose changes of the catalogue"),
        Permission.CUSTOMERS_READ: _("look customers up"),
        Permission.IDENTITY_DECIDE: _("decide who is who"),
        Permission.POLICY_PROPOSE: _("propose changes of the policy"),
        Permission.RECIPIENTS_MANAGE: _("keep agreements with recipients"),
        Permission.REPORTS_MAKE: _("make reports"),
        Permission.REQUESTS_DECIDE: _("decide requests of customers"),
        Permission.STAFF_MANAGE: _("add and disable staff"),
        Permission.STATEMENT_EDIT: _("edit the privacy statement"),
    }
    return [words for permission, words in said.items() if permission in permissions]
