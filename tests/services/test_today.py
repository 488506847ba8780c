"""What "Today" says of the log: that it is well as long as nothing waits long for its signature."""

from datetime import datetime, timedelta

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.services.today import OLD, LogHealth, today
from tests.samples import TESTER


def said(platform: Platform) -> tuple[LogHealth, datetime]:
    found = today(platform)
    return found.log, found.at


def test_an_entry_may_wait_for_its_signature_for_a_while(platform: Platform) -> None:
    platform.keeper.sign()
    log, _ = said(platform)
    assert (log.signed, log.unsigned_since) == (log.entries, None)
    platform.door.note(Entry("refusal", "read", TESTER, None))
    log, at = said(platform)
    assert log.entries == log.signed + 1
    assert log.is_well(at)
    # However long ago the one before was signed: nobody had asked for anything since.
    assert log.signed_at is not None
    assert log.is_well(datetime.fromisoformat(str(log.unsigned_since)) + OLD - timedelta(seconds=1))
    assert not log.is_well(datetime.fromisoformat(str(log.unsigned_since)) + OLD)
    platform.keeper.sign()
    log, at = said(platform)
    assert log.is_well(at + timedelta(days=9))
