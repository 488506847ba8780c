"""Retention, merges, who saw me, bundles and the place outside, all of one log: what is kept is told and proved."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audit.entries import Entry
from audit.verify.check import Trust, verify_bundle
from cdp.bootstrap import Platform, open_platform
from cdp.services.drop_log import drop_log
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.log_export import export_log
from cdp.services.verify_log import verify_log
from cdp.services.who_saw import who_saw
from tests.support import organisation
from tests.support.worlds import TESTER, World, opened, request_of

LATER = datetime.now(UTC) + timedelta(days=1)


def looked(world: World, customer: str, reason: str) -> None:
    world.rows(request_of("office", ("customer_id", f"eq.{customer}"), reason=reason))


def reasons(platform: Platform, customer: str) -> list[str]:
    """Why she was looked at, newest first."""
    return [each.reason for each in who_saw(platform, customer, principal=TESTER) if each.view == "office"]


def test_what_is_kept_is_told_proved_and_held_to(tmp_path: Path, database_url: str, keys_url: str) -> None:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as world:
        platform = world.platform
        ann, also = (each.customer_id for each in world.add(organisation.people(2)))
        merge = merge_customers(platform, ann, also, principal=TESTER, reason="one person").merge_id
        looked(world, ann, "old")
        platform.door._log.append_many([Entry("refusal", "read", TESTER, None)] * 300)
        looked(world, ann, "between")
        platform.keeper.sign()
        assert drop_log(platform, LATER, principal=TESTER) == 256
        unmerge_customers(platform, merge, principal=TESTER)
        looked(world, also, "after")
        assert reasons(platform, also) == ["after", "between"]
        assert reasons(platform, ann) == ["between"]
        for whose in ("", ann, also):
            bundle = io.BytesIO()
            written = export_log(platform, bundle.write, principal=TESTER, customer=whose)
            assert written > 1
            verify_bundle(io.BytesIO(bundle.getvalue()), Trust())
        settings = platform.settings
    with open_platform(settings) as again:
        verify_log(again)
