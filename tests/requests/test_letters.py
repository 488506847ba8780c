"""Letters: in each language, sealed, to the address that was hers, sent until the mail takes them."""

import socket
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform, create_platform
from cdp.errors import Unavailable
from cdp.services.letters import write
from cdp.services.letters.outbox import WAITS, send_letters
from cdp.services.letters.write import LANGUAGES, TEMPLATES, word, write_letter
from cdp.services.publish import initialise
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.read import own_request
from cdp.services.requests.remind import remind
from cdp.services.requests.states import Kind
from cdp.services.requests.steps import pause, take, withdraw
from consent.regimes.regime import RegimeName
from tests import samples
from tests.portal.visitor import letters
from tests.requests.conftest import OFFICER, ask
from tests.requests.test_requests import code_of, entries
from tests.samples import TESTER

FOLDER = Path(write.__file__).parent / "texts"


def test_every_letter_is_in_every_language_with_the_same_things_filled_in() -> None:
    for template in TEMPLATES:
        filled = []
        for language in LANGUAGES:
            subject, _, text = (FOLDER / language / f"{template}.txt").read_text(encoding="utf-8").partition("\n\n")
            assert "\n" not in subject
            assert text.strip()
            filled.append(set(string.Template(text).get_identifiers()))
        assert filled[0] == filled[1], template
    assert {path.stem for path in (FOLDER / "en").iterdir()} == {*TEMPLATES, "words"}
    for language in LANGUAGES:
        for kind in Kind:
            assert word("kind", kind, language) != str(kind).replace("_", " ") or kind == "question"
        for name in (*RegimeName, "strictest"):
            assert word("complain", name, language) != str(name)


def test_what_somebody_wrote_is_no_template() -> None:
    values = dict.fromkeys(("request", "kind", "received", "due", "reason", "complain", "page"), "$page ${x} $$")
    assert "$page ${x} $$" in write_letter("refused", "zh-Hans", values).text


def test_letters_wait_sealed_while_the_mail_is_down_and_go_when_it_is_back(
    tmp_path: Path, database_url: str, keys_url: str
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = f"smtp://127.0.0.1:{closed.getsockname()[1]}"
    home = tmp_path / "home"
    settings = samples.settings(home, database_url, keys_url)
    with create_platform(settings.model_copy(update={"mail": down})) as platform:
        initialise(platform, samples.catalogue(), samples.policy(), principal=samples.TESTER)
        [ann] = samples.add_people(platform, 1)
        request_id = file_request(platform, ann.customer_id, Filing(Kind.ACCESS), principal=HERSELF)
        assert send_letters(platform) == 0
        assert send_letters(platform) == 0, "it is not asked again at once"
        [letter] = own_request(platform, ann.customer_id, request_id).letters
        assert (letter.state, letter.attempts) == ("queued", 1)
        with platform._database.reading() as conn:
            [sealed] = conn.exec_driver_sql("SELECT sealed FROM cdp_letter").scalars()
        assert b"ann0@example.org" not in bytes(sealed)
    with create_platform(settings) as platform:
        later = datetime.now(UTC) + timedelta(minutes=WAITS[0])
        assert send_letters(platform, now=later) == 1
        assert send_letters(platform, now=later + timedelta(days=1)) == 0, "sent is sent"
        [mail] = letters(platform)
        assert (mail["To"], mail["Subject"]) == (
            "ann0@example.org", "We have your request: see what is kept about you"
        )  # fmt: skip
        assert own_request(platform, ann.customer_id, request_id).letters[0].state == "sent"


def test_somebody_without_an_address_finds_them_on_her_page(platform: Platform) -> None:
    from cdp.store.write import NewRow

    [her] = samples.add(platform, [NewRow({"full_name": "No Mail"})])
    request_id = ask(platform, her.customer_id, language="zh-Hans")
    assert send_letters(platform) == 0
    [letter] = own_request(platform, her.customer_id, request_id).letters
    assert (letter.state, letter.subject) == ("kept", "已收到您的请求：查看关于您的数据")


def test_nothing_is_written_down_when_nothing_waits(platform: Platform) -> None:
    before = len(entries(platform))
    assert send_letters(platform) == 0
    assert len(entries(platform)) == before


@pytest.fixture
def told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    named = platform.settings.model_copy(update={"officer": "dpo@example.org"})
    monkeypatch.setattr(platform, "settings", named)
    return platform


def test_reminders_come_before_it_is_due_and_every_day_when_it_is_late(told: Platform, ann: str) -> None:
    request_id = ask(told, ann)
    take(told, request_id, officer=OFFICER)
    due = own_request(told, ann, request_id).request.course.due_at
    assert remind(told, principal=TESTER, now=due - timedelta(days=8)) == []
    for now, late in (
        (due - timedelta(days=6), False), (due + timedelta(hours=1), True), (due + timedelta(days=1, hours=1), True)
    ):  # fmt: skip
        [found] = remind(told, principal=TESTER, now=now)
        assert (found.request_id, found.late) == (request_id, late)
        assert remind(told, principal=TESTER, now=now) == [], "once"
    assert [each["Subject"] for each in letters(told)][-1] == "Requests: 1 late, 0 due within a week"
    assert all("ann" not in each.get_payload() and ann not in each.get_payload() for each in letters(told))
    pause(told, request_id, officer=OFFICER, reason="who are you")
    withdraw(told, ann, request_id)
    assert remind(told, principal=TESTER, now=due + timedelta(days=9)) == []


def test_a_reminder_that_the_mail_did_not_take_is_sent_by_the_next_run(
    told: Platform, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(told, ann)
    now = datetime.now(UTC) + timedelta(days=60)
    with monkeypatch.context() as down:
        down.setattr(told, "settings", told.settings.model_copy(update={"mail": "smtp://127.0.0.1:1"}))
        with pytest.raises(Unavailable) as caught:
            remind(told, principal=TESTER, now=now)
        assert caught.value.code == "mail_unavailable"
    assert len(remind(told, principal=TESTER, now=now)) == 1


def test_somebody_has_to_be_named_for_reminders(platform: Platform) -> None:
    assert code_of(remind, platform, principal=TESTER) == "no_officer"
