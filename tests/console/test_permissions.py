"""What roles may, and that nobody decides on her own acts."""

import pytest

from cdp.errors import Refused
from cdp.services.staff.accounts import Account, require_other
from cdp.services.staff.permissions import ROLES


def test_an_auditor_changes_nothing() -> None:
    acts = ("manage", "propose", "decide", "edit", "approve", "glass_ask")
    assert [each for each in ROLES["auditor"] if any(act in each for act in acts)] == []


def test_nobody_decides_on_her_own_acts() -> None:
    account = Account("staff_1", "iris", "privacy_officer", "", "", None, welcomed=True)
    require_other(account, "staff:omar")
    with pytest.raises(Refused, match="herself"):
        require_other(account, "staff:iris")
