"""Two officers: at once, so that the second is told; and one after the other, where the policy wants both."""

import pytest

from cdp.bootstrap import Platform
from cdp.catalogue.document import parse_document, validate
from cdp.errors import CdpError, Several
from cdp.services.publish import publish_policy
from cdp.services.requests.approve import approve
from cdp.services.requests.assign import assign
from cdp.services.requests.draft import draft_letter
from cdp.services.requests.read import own_request, read_request
from cdp.services.requests.second import proposed, send_back
from cdp.services.requests.states import Kind, State, Step
from cdp.services.requests.steps import extend, pause, reject, resume
from cdp.services.requests.work import Seen
from tests import samples
from tests.portal.conftest import POLICY
from tests.requests.conftest import OFFICER, OTHER, ask
from tests.requests.test_requests import code_of, entries
from views.policy import Policy


def test_who_decides_on_what_is_no_longer_there_is_told_and_nothing_is_done(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann)
    revision = read_request(platform, request_id, principal=OFFICER.principal).request.revision
    seen = Seen(revision)
    pause(platform, request_id, officer=OFFICER, reason="who are you", seen=seen)
    for step, more in ((reject, {"reason": "no"}), (approve, {}), (extend, {"reason": "long"}), (resume, {})):
        assert code_of(step, platform, request_id, officer=OTHER, seen=seen, **more) == "stale_request"
    assert code_of(assign, platform, request_id, OTHER, officer=OTHER, seen=seen) == "stale_request"
    assert entries(platform)[-1]["code"] == "stale_request"
    assert [each.template for each in own_request(platform, ann, request_id).letters] == ["received", "paused"]


def test_the_letter_is_shown_before_and_goes_out_as_it_was_edited(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann, language="zh-Hans")
    draft = draft_letter(platform, request_id, Step.REFUSE, officer=OFFICER, reason="我们没有这些数据")
    assert (draft.language, draft.mailed, "我们没有这些数据" in draft.text) == ("zh-Hans", True, True)
    assert own_request(platform, ann, request_id).request.state is State.RECEIVED
    cut = Seen(letter="不行。")
    assert code_of(reject, platform, request_id, officer=OFFICER, reason="no", seen=cut) == "letter_incomplete"
    for bad in ("x" * 8_001, "a\x07b", "\ud800"):
        assert code_of(reject, platform, request_id, officer=OFFICER, reason="no", seen=Seen(letter=bad)) == "bad_text"
    letter = draft.text.replace("我们", "本公司").replace("\n", "\r\n")
    reject(platform, request_id, officer=OFFICER, reason="我们没有这些数据", seen=Seen(letter=letter))
    sent = own_request(platform, ann, request_id).letters[-1]
    assert (sent.template, sent.subject) == ("refused", draft.subject)
    assert sent.text == draft.text.replace("我们", "本公司")
    assert code_of(draft_letter, platform, request_id, Step.APPROVE, officer=OFFICER) == "request_state"


@pytest.fixture
def two(platform: Platform) -> Platform:
    publish_policy(platform, samples.policy(POLICY + "two_officers: [portability]\n"), principal=samples.TESTER)
    return platform


def test_what_takes_two_is_granted_by_two_and_tells_what_the_first_wrote(two: Platform, ann: str) -> None:
    request_id = ask(two, ann, Kind.PORTABILITY)
    first = approve(two, request_id, officer=OFFICER, answer="here it is", seen=Seen(letter="Dear Ann, here it is."))
    assert (first.state, first.taken_by) == (State.TAKEN, "os:officer")
    assert [each.template for each in own_request(two, ann, request_id).letters] == ["received"]
    assert code_of(approve, two, request_id, officer=OFFICER, answer="again") == "own_act"
    assign(two, request_id, OTHER, officer=OFFICER)
    assert approve(two, request_id, officer=OTHER, answer="something else").state is State.DONE
    letter = own_request(two, ann, request_id).letters[-1]
    assert (letter.template, letter.text) == ("done", "Dear Ann, here it is.\n")
    assert [each.step for each in own_request(two, ann, request_id).steps] == ["file", "propose", "assign", "approve"]
    assert [each.reason for each in own_request(two, ann, request_id).steps] == ["", "", "", "here it is"]
    alone = ask(two, ann, Kind.ACCESS)
    assert approve(two, alone, officer=OFFICER).state is State.DONE


def test_a_first_grant_stands_until_the_request_moves_otherwise(two: Platform, ann: str) -> None:
    request_id = ask(two, ann, Kind.PORTABILITY)
    approve(two, request_id, officer=OFFICER, answer="one")
    assert code_of(send_back, two, request_id, officer=OTHER, reason=" ") == "request_reason_needed"
    send_back(two, request_id, officer=OTHER, reason="which files?")
    assert proposed(read_request(two, request_id, principal=OTHER.principal).steps) is None
    assert code_of(send_back, two, request_id, officer=OTHER, reason="which?") == "nothing_proposed"
    approve(two, request_id, officer=OTHER, answer="two")
    pause(two, request_id, officer=OFFICER, reason="who are you")
    resume(two, request_id, officer=OFFICER)
    assert approve(two, request_id, officer=OFFICER, answer="three").state is State.TAKEN
    assert approve(two, request_id, officer=OTHER).state is State.DONE
    assert own_request(two, ann, request_id).steps[-1].reason == "three"


@pytest.mark.parametrize("kinds", ["[correction]", "[erasure, erasure]", "[everything]"])
def test_two_officers_are_for_kinds_that_one_decides(kinds: str) -> None:
    with pytest.raises((Several, CdpError)) as caught:
        validate(Policy, parse_document(f"{samples.POLICY_TEXT}two_officers: {kinds}\n", "policy.yaml"))
    faults = caught.value.faults if isinstance(caught.value, Several) else [caught.value]
    assert faults[0].path.startswith("policy.yaml") or "two_officers" in faults[0].path
