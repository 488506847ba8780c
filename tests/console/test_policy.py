"""The pages of the policy: drafted, checked, looked at, replayed, and decided by the right person."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from cdp.bootstrap import Platform
from cdp.services.proposals.records import State, find_proposal
from cdp.services.publish import publish_policy
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import Colleague, entries, hidden
from tests.portal.visitor import text, token

PAGE = "/console/policy"
TEXT = samples.POLICY_TEXT
WIDER = TEXT.replace("clear: [full_name]}", "clear: [full_name, email]}")
NARROWER = TEXT.replace("roles: [agent], clear: [full_name]}", "roles: [agent]}")
ODD = "<script>alert(1)</script>\"'>{{7*7}}"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def omar(hired: Callable[..., Colleague]) -> Colleague:
    return hired("omar", "second_officer")


def send(who: Colleague, path: str, **form: str) -> Answer:
    """Send a form with what its page has hidden in it."""
    page = who.get(re.sub(r"/(ask|withdraw|publish|approve|refuse)$", "", path))
    kept = {name: hidden(page, name) for name in ("base", "seen")}
    return who.post(path, {"form_token": token(page), **kept, **form})


def drafted(who: Colleague, said: str, why: str = "to reach people") -> str:
    answer = send(who, f"{PAGE}/new", text=said.replace("\n", "\r\n"), why=why, act="save")
    assert answer.status == 303, text(answer)
    return answer.header("location")


def typed(page: Answer) -> str:
    return unescape(re.search(r'<textarea id="policy-text"[^>]*>\n(.*?)</textarea>', page.body.decode(), re.DOTALL)[1])


def test_the_first_page_says_what_is_in_force_who_and_what_waits(iris: Colleague) -> None:
    page = text(iris.get(PAGE))
    for said in ("Version 1 is in force", "os:tester", "from a file", "Nothing is proposed"):
        assert said in page
    where = drafted(iris, WIDER)
    page = text(iris.get(PAGE))
    assert "Proposal 1" in page
    assert "to reach people" in page
    assert "Proposal 1" in text(iris.get(f"{PAGE}/proposals"))
    assert where == f"{PAGE}/proposals/1"


def test_what_widens_goes_through_a_second_officer(iris: Colleague, omar: Colleague, platform: Platform) -> None:
    where = drafted(iris, WIDER)
    page = text(iris.get(where))
    assert "Somebody would see more" in page
    assert "The role agent would see customer.email in full; now masked." in page
    assert "Ask for a second officer" in page
    assert send(iris, f"{where}/publish").status == 409
    assert send(omar, f"{where}/approve").status == 409
    assert send(iris, f"{where}/ask").status == 303
    assert send(iris, f"{where}/approve").status == 409  # self-approval, however it is sent
    assert platform.in_force(fresh=True).policy_version == 1
    assert "You are the second person" in text(omar.get(where))
    assert send(omar, f"{where}/approve").status == 303
    assert platform.in_force(fresh=True).policy == samples.policy(WIDER)
    assert "iris, with omar" in text(omar.get(PAGE))
    assert typed(iris.get(f"{PAGE}/new")) == WIDER


def test_what_was_shown_is_what_is_published(iris: Colleague, omar: Colleague, platform: Platform) -> None:
    where = drafted(iris, WIDER)
    send(iris, f"{where}/ask")
    page = omar.get(where)
    answer = omar.post(f"{where}/approve", {"form_token": token(page), "seen": "0" * 64})
    assert (answer.status, "it is not what you were shown any more" in text(answer)) == (409, True)
    assert platform.in_force(fresh=True).policy_version == 1


def test_nothing_typed_is_lost_and_a_fault_has_its_line_path_and_hint(iris: Colleague, platform: Platform) -> None:
    faulty = TEXT.replace("fields: [email, full_name]", "fields: [emial, full_name]") + f"# {ODD}\n"
    answer = send(iris, f"{PAGE}/new", text=faulty, why=ODD, act="check")
    page = answer.body.decode()
    assert (answer.status, typed(answer)) == (200, faulty)
    for said in ("Line 14", "views.newsletter.fields", "Did you mean “email”?", 'data-lines="14"'):
        assert said in page
    assert "<script>alert" not in page
    where = drafted(iris, faulty, ODD)
    assert "1 fault: it cannot be published yet" in text(iris.get(where))
    assert "<script>alert" not in iris.get(where).body.decode()
    assert send(iris, f"{where}/ask").status == 400
    assert send(iris, f"{where}/publish").status == 400
    assert typed(iris.get(f"{where}/edit")) == faulty
    for broken in ("roles: [", "", "\ttabs", "a: &b 1\nc: *b\n"):
        answer = send(iris, f"{PAGE}/new", text=broken, act="check")
        assert (answer.status, typed(answer)) == (200, broken)
    assert platform.in_force(fresh=True).policy_version == 1


def test_two_at_once_and_a_stale_base(iris: Colleague, hired: Callable[..., Colleague], platform: Platform) -> None:
    sam = hired("sam")
    first, second = drafted(iris, NARROWER), drafted(sam, NARROWER.replace("k: 5", "k: 6"))
    assert sam.get(f"{first}/edit").status == 403
    assert sam.post(f"{first}/edit", {"form_token": token(sam.get(PAGE)), "text": TEXT, "act": "save"}).status == 403
    page = iris.get(f"{first}/edit")
    form = {"form_token": token(page), "base": "1", "seen": hidden(page, "seen"), "act": "save", "why": ""}
    assert iris.post(f"{first}/edit", {**form, "text": NARROWER + "# one\n"}).status == 303
    answer = iris.post(f"{first}/edit", {**form, "text": NARROWER + "# two\n"})
    assert (answer.status, typed(answer)) == (409, NARROWER + "# two\n")
    assert send(iris, f"{first}/publish").status == 303
    assert "cannot be published as it is" in text(sam.get(second))
    assert send(sam, f"{second}/publish").status == 409
    assert send(sam, f"{second}/edit", text=NARROWER.replace("k: 5", "k: 6"), act="save", rebase="yes").status == 303
    assert send(sam, f"{second}/publish").status == 303
    assert platform.in_force(fresh=True).policy_version == 3


def test_a_past_version_is_shown_compared_and_proposed_again(iris: Colleague, omar: Colleague) -> None:
    send(iris, f"{drafted(iris, NARROWER)}/publish")
    assert "This is not in force; version 2 is." in text(iris.get(f"{PAGE}/versions/1"))
    page = text(iris.get(f"{PAGE}/changes?old=1&new=2"))
    assert "The role agent would see customer.full_name masked; now in full." in page
    again = iris.get(f"{PAGE}/new?version=1")
    assert samples.policy(typed(again)) == samples.policy(TEXT)
    where = drafted(iris, typed(again), "back")
    send(iris, f"{where}/ask")
    assert send(omar, f"{where}/approve").status == 303
    assert "Nothing is different" in text(iris.get(f"{PAGE}/changes?old=1&new=3"))
    for nothing in ("versions/9", "versions/x", "changes?old=9", "proposals/9", "proposals/0", "?below=x"):
        assert iris.get(f"{PAGE}/{nothing}").status == 404, nothing


def test_a_replay_names_readers_fields_rows_and_entries(iris: Colleague, platform: Platform) -> None:
    samples.add_people(platform, 3)
    samples.rows_of(platform, "care_desk")
    number = len(entries(platform)) - 1
    where = drafted(iris, WIDER)
    page = text(iris.get(f"{where}/replay?days=7"))
    for said in ("Somebody would have had more", "os:tester", "email", f"entries {number}"):
        assert said in page
    assert entries(platform)[-1]["act"] == "replay"
    assert text(iris.get(f"{where}/replay?days=7&against=then"))
    assert iris.get(f"{where}/replay?days=0").status == 400
    assert iris.get(f"{where}/replay?days=x").status == 404
    assert iris.get(f"{drafted(iris, 'roles: [')}/replay").status == 400


def test_a_refusal_says_why_and_its_author_reads_it(iris: Colleague, omar: Colleague, platform: Platform) -> None:
    where = drafted(iris, WIDER)
    send(iris, f"{where}/ask")
    assert send(omar, f"{where}/refuse", answer=" ").status == 400
    assert send(omar, f"{where}/refuse", answer=ODD).status == 303
    page = iris.get(where)
    assert "Refused by omar" in text(page)
    assert "<script>alert" not in page.body.decode()
    assert find_proposal(platform, "policy", 1).state is State.REFUSED
    assert typed(iris.get(f"{PAGE}/new?proposal=1")) == WIDER


def test_a_policy_that_locks_out_is_said_and_not_published(iris: Colleague, platform: Platform) -> None:
    where = drafted(iris, TEXT.replace("roles: [privacy_officer], needs", "roles: [agent], needs"))
    assert "privacy officer could not look at customers" in text(iris.get(where))
    assert send(iris, f"{where}/ask").status == 400
    assert platform.in_force(fresh=True).policy_version == 1


def test_lists_page_by_number(iris: Colleague, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(6, 10):
        publish_policy(platform, samples.policy(TEXT.replace("k: 5", f"k: {k}")), principal=samples.TESTER)
        drafted(iris, TEXT)
    for module in ("cdp.services.proposals.records", "cdp.services.proposals.versions", "cdp.console.policy"):
        monkeypatch.setattr(f"{module}.PAGE", 2)
    assert "?below=4#versions" in iris.get(PAGE).body.decode()
    assert 'versions/3"' in iris.get(f"{PAGE}?below=4").body.decode()
    assert "?below=3" in iris.get(f"{PAGE}/proposals").body.decode()
    assert 'proposals/2"' in iris.get(f"{PAGE}/proposals?below=3").body.decode()
