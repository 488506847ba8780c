"""A second permission that some of a page needs; not having it is on the log, as the guard puts it there."""

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff


def require(platform: Platform, staff: Staff, needs: Permission) -> None:
    """Do nothing if somebody has a permission.

    Raises:
        Refused: `no_permission`.
    """
    if not staff.account.may(needs):
        entry = Entry("refusal", "console", staff.principal, platform.in_force().versions, {"needs": str(needs)})
        platform.door.note(entry)
        raise Refused("no_permission", "this is not for the role of this account", path=str(needs))
