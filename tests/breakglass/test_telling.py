"""The customer is told: once, at once or when a delay is over, in her language, and not before anywhere."""

import io
from collections.abc import Callable
from contextlib import suppress

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform
from cdp.errors import CdpError, Unavailable
from cdp.services.breakglass.delay import Delay, tell_later, tell_now
from cdp.services.breakglass.tell import tell_due
from cdp.services.herself.own_bundle import own_bundle
from cdp.services.letters.outbox import send_letters
from cdp.services.log_export import export_log
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.states import Kind
from cdp.services.who_saw import Audience, who_saw
from cdp.store.opening import GRANT_CUSTOMER
from tests.breakglass.conftest import WHY, Desk, as_officer, entries, later
from tests.portal.visitor import letters
from tests.support.post import Post

LAW = "section 12 of the act: the police asked us not to warn her"


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(CdpError) as caught:
        act()
    return caught.value.code


def mail(platform: Platform) -> list[str]:
    send_letters(platform)
    return [each.get_payload(decode=True).decode() for each in letters(platform)]


def hers(platform: Platform, customer_id: str) -> list[str | None]:
    """What she is shown of break-glass."""
    found = who_saw(platform, customer_id, principal=HERSELF, audience=Audience.PERSON)
    return [each.act for each in found if each.break_glass]


def test_she_is_told_when_it_is_used_and_once(desk: Desk, platform: Platform) -> None:
    grant_id = desk.granted()
    assert mail(platform) == []
    desk.read(grant_id)
    desk.read(grant_id)
    (letter,) = mail(platform)
    assert WHY in letter
    assert "/portal/opened" in letter
    assert tell_due(platform) == 0
    assert hers(platform, desk.ann) == ["read", "break_glass"] * 2 + ["break_glass"] * 2


def test_a_mail_server_that_is_down_keeps_her_letter_and_nothing_of_the_read(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    monkeypatch.setattr(platform, "settings", platform.settings.model_copy(update={"mail": post.url}))
    desk.read(desk.granted())
    assert send_letters(platform) == 0
    with post.up():
        assert [send_letters(platform, now=later(minutes=each)) for each in (2, 30, 600)] == [1, 0, 0]
    assert [str(each["To"]) for each in post.taken] == ["ann0@example.org"]


def test_the_letter_is_in_her_language(desk: Desk, platform: Platform) -> None:
    file_request(platform, desk.ann, Filing(Kind.QUESTION, "您好", "zh-Hans"), principal=HERSELF)
    desk.read(desk.granted())
    assert "完整信息，而平时的工作中看不到这些" in "".join(mail(platform)[-1].split())


def test_a_delay_hides_it_everywhere_until_its_end_and_then_she_is_told_by_a_chore(
    desk: Desk, platform: Platform
) -> None:
    grant_id = desk.granted(delay=Delay(later(days=3), LAW))
    desk.read(grant_id)
    assert (mail(platform), hers(platform, desk.ann), tell_due(platform)) == ([], [], 0)
    assert grant_id.encode() not in own_bundle(platform, desk.ann)
    theirs = io.BytesIO()
    export_log(platform, theirs.write, principal=desk.iris.principal, customer=desk.ann)
    assert grant_id.encode() in theirs.getvalue()
    officer = who_saw(platform, desk.ann, principal=desk.iris.principal)
    assert "read" in [each.act for each in officer if each.break_glass == grant_id]
    assert tell_due(platform, now=later(days=3, seconds=1)) == 1
    assert tell_due(platform, now=later(days=3, seconds=1)) == 0
    assert len(mail(platform)) == 1
    assert entries(platform)[-3]["step"] == "tell"


def test_two_processes_tell_her_once(desk: Desk, platform: Platform) -> None:
    from concurrent.futures import ThreadPoolExecutor

    desk.read(desk.granted(delay=Delay(later(days=1), LAW)))
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: _quietly(lambda: tell_due(platform, now=later(days=2))), range(4)))
    assert sum(told) == 1
    assert len(mail(platform)) == 1


def test_a_delay_has_a_legal_reason_an_end_and_another_author(desk: Desk, platform: Platform) -> None:
    asked = desk.ask()

    def put_off(until: object = None, why: str = LAW, by: object = None) -> object:
        delay = Delay(until or later(days=2), why)
        revision = desk.of(asked).revision
        return tell_later(platform, asked, delay, officer=as_officer(by or desk.iris), revision=revision)

    assert refused(lambda: put_off(by=desk.sue)) == "own_act"
    assert refused(lambda: put_off(why="  ")) == "text_needed"
    assert refused(lambda: put_off(until=later(days=31))) == "bad_delay"
    assert refused(lambda: put_off(until=later(seconds=-1))) == "bad_delay"
    put_off(until=later(days=29))
    put_off(until=later(days=2))
    desk.grant(asked)
    desk.read(asked)
    put_off(until=later(days=3))
    assert refused(lambda: put_off(until=later(days=31))) == "bad_delay"
    assert mail(platform) == []
    tell_now(platform, asked, officer=as_officer(desk.iris), revision=desk.of(asked).revision)
    assert len(mail(platform)) == 1
    assert refused(put_off) == "break_glass_told"
    assert len(hers(platform, desk.ann)) > 5


def test_of_several_each_is_told_of_her_own_and_of_nobody_elses_reason(desk: Desk, platform: Platform) -> None:
    grant_id = desk.ask(desk.ann, desk.bob)
    desk.grant(grant_id)
    desk.read(grant_id, desk.bob)
    (letter,) = mail(platform)
    assert WHY not in letter
    with platform._database.reading() as conn:
        told = dict(conn.execute(GRANT_CUSTOMER.select().with_only_columns(
            GRANT_CUSTOMER.c.customer_id, GRANT_CUSTOMER.c.told_at)).all())  # fmt: skip
    assert told[desk.ann] is None
    assert told[desk.bob]


def test_she_is_told_before_any_row_was_read(desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    grant_id = desk.granted()
    monkeypatch.setattr(platform.door, "disclose", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        desk.read(grant_id)
    monkeypatch.undo()
    assert len(mail(platform)) == 1


def _quietly(act: Callable[[], int]) -> int:
    """Nothing, where another one was quicker."""
    with suppress(Unavailable):
        return act()
    return 0
