"""A mail server that is down, refuses, or says no goodbye: nothing that is sent to anybody is lost or sent twice."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from audit.entries import HERSELF, Entry
from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.portal.chores import Chores
from cdp.services.herself.leaving import leave
from cdp.services.letters import outbox
from cdp.services.letters.last import send_last_letters
from cdp.services.letters.outbox import send_letters
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.remind import remind
from cdp.services.requests.states import Kind
from cdp.services.retention.ask import write_to
from cdp.services.retention.look import Day
from cdp.services.sign_in.post import send_links
from cdp.services.statements.publish import publish_statement
from cdp.store.sign_in import SIGN_IN_LINK
from tests import samples
from tests.portal.visitor import Visitor, text
from tests.samples import TESTER
from tests.statements import statement
from tests.support import canary
from tests.support.post import Post

ANN, BEN, EVE = (f"ann{number}@example.org" for number in range(3))
OFFICER = "dpo@example.org"


@pytest.fixture
def post(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post()
    settings = platform.settings.model_copy(update={"mail": made.url, "officer": OFFICER})
    monkeypatch.setattr(platform, "settings", settings)
    return made


def ids(platform: Platform) -> dict[str, str]:
    return {str(row[2]): str(row[0]) for row in samples.rows_of(platform, "privacy_office")}


def everything(platform: Platform, visitor: Visitor) -> str:
    """Have a letter of each kind queued; return what the page said when a link was asked for."""
    people, now = ids(platform), datetime.now(UTC)
    said = text(visitor.ask(ANN))
    file_request(platform, people[ANN], Filing(Kind.ACCESS, "", "en"), principal=HERSELF)
    in_force = platform.in_force()
    day = Day(in_force, platform.vault, now.date(), 30)
    with platform.door.record(Entry("change", "retention", TESTER, in_force.versions)) as change:
        assert write_to(change.conn, platform, day, [people[BEN]], since="9") == 1
    publish_statement(platform, statement("1"), principal=TESTER)
    publish_statement(platform, statement("2", "We keep less."), principal=TESTER)
    leave(platform, people[EVE], language="en")
    return said


def send(platform: Platform, now: datetime) -> int:
    return send_links(platform, now=now) + send_letters(platform, now=now) + send_last_letters(platform, now=now)


def later(minutes: int) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


EXPECTED = {
    (ANN, "Your"): 1,  # the link
    (ANN, "We"): 1,  # her request
    (BEN, "Is"): 1,  # old data
    (EVE, "Your"): 1,  # the last one
    **{(f"ann{number}@example.org", "Our"): 1 for number in (0, 1, 3, 4, 5)},  # the statement
}


def test_what_waits_for_the_mail_goes_once_when_it_is_back(visitor: Visitor, platform: Platform, post: Post) -> None:
    said = everything(platform, visitor)
    assert "If we know the address, a link to sign in is on its way" in said
    chores = Chores(platform)
    chores.do()
    chores.do()
    assert send(platform, datetime.now(UTC)) == 0
    with pytest.raises(Unavailable, match="mail"):
        remind(platform, principal=TESTER, now=later(60 * 24 * 40))
    assert canary.seen([ANN, BEN, EVE], canary.files_under(platform.settings.home)) == set(), "what waits is sealed"
    with post.up():
        assert send(platform, later(19)) == sum(EXPECTED.values())
        assert remind(platform, principal=TESTER, now=later(60 * 24 * 40))
        assert remind(platform, principal=TESTER, now=later(60 * 24 * 40)) == []
        for minutes in (20, 60, 600, 60 * 24 * 8):
            send(platform, later(minutes))
    assert post.count() == {**EXPECTED, (OFFICER, "Requests"): 1}


def test_a_link_that_has_run_out_is_not_sent_any_more(visitor: Visitor, platform: Platform, post: Post) -> None:
    visitor.ask(ANN)
    visitor.ask("nobody@example.org")
    with post.up():
        assert send_links(platform, now=later(21)) == 0
    assert platform.door.count(SIGN_IN_LINK, SIGN_IN_LINK.c.letter.is_not(None)) == 0


def test_what_waits_for_somebody_nobody_knows_looks_the_same_and_goes_nowhere(
    visitor: Visitor, platform: Platform, post: Post
) -> None:
    for address in (ANN, "who0@example.org"):
        visitor.ask(address)
    rows = platform.door.lookup(select(SIGN_IN_LINK.c.holder, SIGN_IN_LINK.c.letter))
    assert len({tuple(len(bytes(each)) for each in row) for row in rows}) == 1
    with post.up():
        assert send_links(platform, now=later(4)) == 1
        assert send_links(platform, now=later(9)) == 0
        rows = platform.door.lookup(select(SIGN_IN_LINK.c.holder, SIGN_IN_LINK.c.letter))
        assert len({tuple(len(bytes(each)) for each in row) for row in rows}) == 1
    assert post.count() == {(ANN, "Your"): 1}


def test_whoever_is_erased_gets_no_link_that_still_waits(visitor: Visitor, platform: Platform, post: Post) -> None:
    visitor.ask(EVE)
    leave(platform, ids(platform)[EVE], language="en")
    with post.up():
        assert send_links(platform, now=later(4)) == 0
    assert post.taken == []


def test_one_that_is_refused_keeps_no_other_back(platform: Platform, post: Post) -> None:
    people = ids(platform)
    post.refuses = {ANN}
    for address in (ANN, BEN):
        file_request(platform, people[address], Filing(Kind.ACCESS, "", "en"), principal=HERSELF)
    with post.up():
        assert send_letters(platform) == 1
        post.refuses = set()
        assert send_letters(platform) == 0, "it is not tried again at once"
        assert send_letters(platform, now=later(2)) == 1
    assert post.count() == {(ANN, "We"): 1, (BEN, "We"): 1}


@pytest.mark.parametrize("goodbye", [b"", b"421 too slow\r\n"], ids=["none", "421"])
def test_a_letter_that_was_taken_is_sent_whatever_is_said_after_it(
    platform: Platform, post: Post, goodbye: bytes
) -> None:
    post.goodbye = goodbye
    file_request(platform, ids(platform)[ANN], Filing(Kind.ACCESS, "", "en"), principal=HERSELF)
    with post.up():
        assert (send_letters(platform), send_letters(platform, now=later(500))) == (1, 0)
    assert post.count() == {(ANN, "We"): 1}


def test_a_server_that_cannot_be_reached_is_asked_once_and_not_for_each(
    platform: Platform, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, asked = ids(platform), []
    for address in (ANN, BEN, EVE):
        file_request(platform, people[address], Filing(Kind.ACCESS, "", "en"), principal=HERSELF)
    real = outbox.deliver_mail
    monkeypatch.setattr(outbox, "deliver_mail", lambda *each: asked.append(each[1]) or real(*each))
    assert (send_letters(platform), len(asked)) == (0, 1)


def test_while_one_sends_slowly_no_other_sends_the_same(
    platform: Platform, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, real, others = ids(platform), outbox.deliver_mail, []
    for address in (ANN, BEN):
        file_request(platform, people[address], Filing(Kind.ACCESS, "", "en"), principal=HERSELF)

    def slowly(*each: object) -> None:
        monkeypatch.setattr(outbox, "deliver_mail", real)
        others.append(send_letters(platform, now=later(10)))
        real(*each)

    monkeypatch.setattr(outbox, "deliver_mail", slowly)
    with post.up():
        assert (send_letters(platform), others) == (2, [0])
    ids_of = [each["Message-ID"] for each in post.taken]
    assert len({*ids_of}) == len(ids_of) == 2
