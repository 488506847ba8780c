"""The steps of a grant: a second person, stale forms, forms that are sent twice, the review by a third."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cdp.bootstrap import Platform
from cdp.errors import CdpError
from cdp.services.breakglass.decide import decline, end, grant, withdraw
from cdp.services.breakglass.look import list_grants, read_grant, waiting
from cdp.services.breakglass.records import Grant
from cdp.services.breakglass.review import review
from cdp.services.breakglass.states import JUSTIFIED, NOT_JUSTIFIED, State
from cdp.services.today import today
from tests.breakglass.conftest import WHY, Desk, as_officer, entries, later


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(CdpError) as caught:
        act()
    return caught.value.code


def test_a_second_person_grants_and_never_the_one_who_asked(desk: Desk, platform: Platform) -> None:
    asked = desk.ask(by=desk.olga)
    assert refused(lambda: desk.grant(asked, by=desk.olga)) == "own_act"
    assert desk.grant(asked, by=desk.iris).course.state(datetime.now(UTC)) is State.GRANTED
    said = [
        (each["what"], each.get("step"), each.get("code")) for each in entries(platform) if each["act"] == "break_glass"
    ]
    assert said == [("change", "ask", None), ("refusal", None, "own_act"), ("change", "grant", None)]


def test_a_form_made_for_something_else_is_refused_and_one_sent_twice_changes_nothing(
    desk: Desk, platform: Platform
) -> None:
    asked = desk.ask(form="a form")
    assert desk.ask(form="a form") == asked
    assert len(list_grants(platform)) == 1
    declined = decline(platform, asked, officer=as_officer(desk.iris), revision=1, words="not urgent")
    assert declined.revision == 2
    assert refused(lambda: desk.grant(asked, revision=1)) == "break_glass_moved"
    assert refused(lambda: desk.grant(asked, revision=2)) == "break_glass_state"
    other = desk.ask(form="another")
    assert withdraw(platform, other, officer=as_officer(desk.sue), revision=1).course.decision == "withdraw"
    assert refused(lambda: withdraw(platform, desk.ask(), officer=as_officer(desk.olga), revision=1)) == "not_yours"


def test_a_grant_is_granted_once_and_its_time_is_not_begun_again(desk: Desk, platform: Platform) -> None:
    asked = desk.ask()
    first = desk.grant(asked)
    assert refused(lambda: desk.grant(asked, by=desk.iris, revision=2)) == "break_glass_state"
    assert desk.of(asked).course.expires_at == first.course.expires_at


def test_what_was_asked_yesterday_is_not_granted_today(desk: Desk, platform: Platform) -> None:
    asked = desk.ask()
    assert refused(lambda: desk.grant(asked, now=later(hours=24))) == "break_glass_state"
    assert desk.of(asked).course.state(later(hours=24)) is State.LAPSED


def test_it_is_reviewed_by_a_third_person_and_waits_on_today_until_then(desk: Desk, platform: Platform) -> None:
    grant_id = desk.granted()
    assert today(platform).break_glass_to_review == 0
    desk.read(grant_id)
    assert refused(lambda: _review(desk, grant_id)) == "break_glass_state"  # it is not over
    end(platform, grant_id, officer=as_officer(desk.sue))
    assert today(platform).break_glass_to_review == 1
    assert refused(lambda: _review(desk, grant_id, by="olga")) == "own_act"
    assert refused(lambda: _review(desk, grant_id, by="sue")) == "own_act"
    assert refused(lambda: _review(desk, grant_id, words=" ")) == "text_needed"
    assert refused(lambda: _review(desk, grant_id, verdict="perhaps")) == "bad_verdict"
    assert _review(desk, grant_id, verdict=NOT_JUSTIFIED).course.verdict == NOT_JUSTIFIED
    assert (today(platform).break_glass_to_review, today(platform).break_glass_unjustified) == (0, 1)
    assert [each.grant_id for each in list_grants(platform, shown="unjustified")] == [grant_id]
    assert waiting(platform, later(days=90)).unjustified == 0
    assert refused(lambda: _review(desk, grant_id)) == "break_glass_state"
    seen = read_grant(platform, grant_id, principal=desk.iris.principal)
    assert [(each.words("reason"), each.words("words")) for each in seen.people] == [(WHY, "a call would have done")]


def test_what_was_never_used_needs_no_review(desk: Desk, platform: Platform) -> None:
    grant_id = desk.granted()
    end(platform, grant_id, officer=as_officer(desk.iris))
    assert waiting(platform, later(hours=2)).to_review == 0
    assert refused(lambda: _review(desk, grant_id)) == "break_glass_state"


def test_lists_page_by_key_and_name_nobody(desk: Desk, platform: Platform) -> None:
    made = [desk.ask() for _ in range(5)]
    before = len(entries(platform))
    first = list_grants(platform, limit=3)
    rest = list_grants(platform, after=first[-1].grant_id, limit=3)
    assert [each.grant_id for each in (*first, *rest)] == made[::-1]
    assert list_grants(platform, shown="review") == list_grants(platform, shown="running") == []
    assert len(list_grants(platform, shown="asked")) == today(platform).break_glass_asked == 5
    assert len(entries(platform)) == before
    assert refused(lambda: grant(platform, "no-such-id", officer=as_officer(desk.olga), revision=1)) == "unknown_grant"


def _review(
    desk: Desk, grant_id: str, *, by: str = "iris", verdict: str = JUSTIFIED, words: str = "a call would have done"
) -> Grant:
    officer, revision = as_officer(getattr(desk, by)), desk.of(grant_id).revision
    return review(desk.platform, grant_id, verdict, words, officer=officer, revision=revision)
