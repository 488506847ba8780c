"""The last letter: not lost while the mail is down, sealed apart meanwhile, forgotten when sent or after a week."""

from datetime import UTC, datetime, timedelta

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.services.erase import resume
from cdp.services.herself.leaving import find_by_ticket, leave
from cdp.services.letters import last, outbox
from cdp.services.letters.last import KEPT, send_last_letters
from cdp.services.requests.approve import approve
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.states import Kind
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import samples
from tests.portal.visitor import letters
from tests.requests.conftest import OFFICER
from tests.samples import TESTER
from tests.support import canary, gone

ADDRESS = "ann0@example.org"


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A mail server that is down for as long as there is something in the list."""
    states, deliver = [True], outbox.deliver_mail

    def delivered(*arguments: object) -> None:
        if states:
            raise Unavailable("mail_unavailable", "down", path="OSError")
        deliver(*arguments)

    monkeypatch.setattr(outbox, "deliver_mail", delivered)
    return states


def waiting(platform: Platform) -> list[tuple[str, int]]:
    with platform._database.reading() as conn:
        return [tuple(row) for row in conn.exec_driver_sql("SELECT customer_id, attempts FROM cdp_last_letter")]


def soon(minutes: int = 2) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def to_her(platform: Platform) -> list[str]:
    return [str(each["Subject"]) for each in letters(platform) if each["To"] == ADDRESS]


def test_it_waits_for_the_mail_and_is_forgotten_when_it_is_sent(platform: Platform, ann: str, down: list[bool]) -> None:
    left = leave(platform, ann, language="en")
    assert send_last_letters(platform) == 0
    assert send_last_letters(platform) == 0, "it is not tried again at once"
    ((letter_id, attempts),) = waiting(platform)
    assert attempts == 1
    assert canary.seen([ADDRESS], canary.files_under(platform.settings.home)) == set(), "sealed, though she is gone"
    down.clear()
    assert send_last_letters(platform, now=soon()) == 1
    assert waiting(platform) == []
    assert platform.vault.keys([letter_id]) == {}, "nobody opens it any more, in no backup"
    (letter,) = [each for each in letters(platform) if each["To"] == ADDRESS]
    assert left.ticket in letter.get_payload(decode=True).decode()
    resume(platform, principal=TESTER)
    assert find_by_ticket(platform, left.ticket).finished
    verify_log(platform)


def test_after_a_week_nobody_knows_any_more_where_she_was_written_to(
    platform: Platform, ann: str, down: list[bool]
) -> None:
    leave(platform, ann, language="en")
    send_last_letters(platform)
    ((letter_id, _),) = waiting(platform)
    assert send_last_letters(platform, now=datetime.now(UTC) + KEPT + timedelta(minutes=1)) == 0
    assert waiting(platform) == []
    assert platform.vault.keys([letter_id]) == {}
    assert to_her(platform) == []


def test_a_granted_erasure_tells_her_what_was_answered_and_where_the_certificate_is(
    platform: Platform, ann: str, down: list[bool]
) -> None:
    request_id = file_request(platform, ann, Filing(Kind.ERASURE, "", "zh-Hans"), principal=HERSELF)
    approve(platform, request_id, officer=OFFICER, answer="we are sorry to see you go")
    assert gone.traces(platform, ann) == {}
    assert len(waiting(platform)) == 3, "received, done, erased"
    down.clear()
    assert send_last_letters(platform, now=soon()) == 3
    told = "".join(each.get_payload(decode=True).decode() for each in letters(platform) if each["To"] == ADDRESS)
    assert "we are sorry to see you go" in told
    assert "/portal/erased/" in told
    assert "您的数据已删除" in str(letters(platform)[-1]["Subject"]) or "证明书" in told


def test_cut_off_between_key_and_row_the_row_goes_next_time(
    platform: Platform, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(platform, ann, language="en")
    with monkeypatch.context() as patch:
        patch.setattr(last, "_forget", lambda platform, ids: platform.vault.destroy(ids))
        patch.setattr(last, "BATCH", 1)
        patch.setattr(last, "deliver", lambda *_: set())
        send_last_letters(platform)
    ((letter_id, _),) = waiting(platform)
    platform.vault.destroy([letter_id])
    assert send_last_letters(platform, now=soon()) == 0
    assert waiting(platform) == []


def test_somebody_without_an_address_is_written_nothing(platform: Platform) -> None:
    (nobody,) = samples.add(platform, [NewRow({**samples.person(9), "email": None})])
    leave(platform, nobody.customer_id, language="en")
    assert waiting(platform) == []
