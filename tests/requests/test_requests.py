"""Requests through their services: filed once, moved by officers, not decided by who is asked about, all on the log."""

import threading

import pytest

from audit.entries import HERSELF, Principal, parse_entry
from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.services.letters.outbox import send_letters
from cdp.services.requests import handlers
from cdp.services.requests.approve import approve, resume_granted
from cdp.services.requests.file import MAX_OPEN, Filing, file_request
from cdp.services.requests.officer import Officer
from cdp.services.requests.read import list_requests, own_request, own_requests, read_request
from cdp.services.requests.states import Kind, State
from cdp.services.requests.steps import end_on_word, extend, lift, pause, reject, resume, take, withdraw
from cdp.services.verify_log import verify_log
from cdp.store.records import Stored
from tests.portal.visitor import letters
from tests.requests.conftest import OFFICER, OTHER, ask
from tests.samples import TESTER


def entries(platform: Platform) -> list[dict[str, object]]:
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").scalars()
        return [parse_entry(bytes(each)) for each in rows]


def code_of(call: object, *args: object, **more: object) -> str:
    with pytest.raises(CdpError) as caught:
        call(*args, **more)
    return caught.value.code


def test_the_way_of_a_request(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann, Kind.PORTABILITY, "all of it, please 全部")
    take(platform, request_id, officer=OFFICER)
    pause(platform, request_id, officer=OFFICER, reason="please call us")
    resume(platform, request_id, officer=OTHER)
    approve(platform, request_id, officer=OFFICER, answer="it is in the post")
    detail = own_request(platform, ann, request_id)
    assert (detail.request.state, detail.request.text) == (State.DONE, "all of it, please 全部")
    assert [(each.step, each.actor, each.reason) for each in detail.steps] == [
        ("file", "customer", ""), ("take", "os:officer", ""), ("pause", "os:officer", "please call us"),
        ("resume", "os:other", ""), ("approve", "os:officer", "it is in the post"),
    ]  # fmt: skip
    assert [each.template for each in detail.letters] == ["received", "paused", "resumed", "done"]
    assert "it is in the post" in detail.letters[-1].text
    said = [each for each in entries(platform) if each["act"] == "request"]
    assert [each["step"] for each in said] == ["file", "take", "pause", "resume", "approve"]
    assert [each.entry for each in detail.steps] == [
        number for number, each in enumerate(entries(platform)) if each["act"] == "request"
    ]
    assert all(each["customers"] == 1 for each in said)
    assert not any("please" in str(each) for each in entries(platform))
    verify_log(platform)


def test_a_form_that_is_sent_twice_makes_one_request(platform: Platform, people: list[Stored]) -> None:
    ann, ben = people[0].customer_id, people[1].customer_id
    first = ask(platform, ann, form="one")
    assert ask(platform, ann, form="one") == first
    assert ask(platform, ann, form="two") != first
    assert ask(platform, ben, form="one") != first
    assert len(own_requests(platform, ann)) == 2
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(ask(platform, ann, form="three"))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(found)) == 1
    assert len(own_requests(platform, ann)) == 3


def test_nobody_decides_about_his_own(platform: Platform, people: list[Stored]) -> None:
    ann, ben = people[0].customer_id, people[1].customer_id
    by_staff = file_request(platform, ann, Filing(Kind.ACCESS), principal=OFFICER.principal)
    for step in (approve,):
        assert code_of(step, platform, by_staff, officer=OFFICER) == "own_request"
    for step in (reject, extend):
        assert code_of(step, platform, by_staff, officer=OFFICER, reason="x") == "own_request"
    hers = ask(platform, ben)
    own = Officer(Principal("staff:ben"), customer_id=ben)
    assert code_of(approve, platform, hers, officer=own) == "own_request"
    assert code_of(approve, platform, hers, officer=Officer(HERSELF)) == "own_request"
    assert approve(platform, by_staff, officer=OTHER).state is State.DONE
    refusals = [each for each in entries(platform) if each["what"] == "refusal" and each["act"] == "request"]
    assert [each["code"] for each in refusals] == ["own_request"] * 5


def test_anothers_is_as_unknown_as_one_that_is_not_there(platform: Platform, people: list[Stored]) -> None:
    ann, ben = people[0].customer_id, people[1].customer_id
    request_id = ask(platform, ann)
    for theirs in (request_id, "00000000-0000-0000-0000-000000000000", "", "x' OR '1'='1"):
        for call in (own_request, withdraw, lift):
            with pytest.raises(NotFound) as caught:
                call(platform, ben, theirs)
            assert str(caught.value) == "request: there is no such request (see `cdp request list`)"
    assert own_request(platform, ann, request_id).request.state is State.RECEIVED
    assert code_of(take, platform, "nothing", officer=OFFICER) == "unknown_request"


def test_what_names_her_is_compared_when_it_is_granted(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann)
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"DELETE FROM cdp_identifier WHERE customer_id = '{ann}'")
    assert code_of(approve, platform, request_id, officer=OFFICER) == "identity_changed"
    pause(platform, request_id, officer=OFFICER, reason="who are you")
    resume(platform, request_id, officer=OFFICER)
    assert approve(platform, request_id, officer=OFFICER).state is State.DONE


def test_lists_have_what_waits_first_that_is_due_first(platform: Platform, people: list[Stored]) -> None:
    ids = [ask(platform, each.customer_id) for each in people[:3]]
    withdraw(platform, people[1].customer_id, ids[1])
    assert [each.request_id for each in list_requests(platform, principal=TESTER)] == [ids[0], ids[2]]
    every = list_requests(platform, principal=TESTER, everything=True)
    assert {each.request_id for each in every} == set(ids)
    mine = list_requests(platform, principal=TESTER, everything=True, customer="email:ann1@example.org")
    assert [each.request_id for each in mine] == [ids[1]]
    assert read_request(platform, ids[0], principal=TESTER).request.customer_id == people[0].customer_id
    seen = [each["customers"] for each in entries(platform) if each["act"] == "read_requests"]
    assert seen == [2, 3, 1, 1]


def test_what_is_no_text_or_too_much_is_refused(platform: Platform, ann: str) -> None:
    for text in ("a\0b", "x" * 4_001, "\x1b[31m"):
        assert code_of(ask, platform, ann, Kind.QUESTION, text) == "bad_text"
    assert code_of(ask, platform, ann, Kind.QUESTION, "  ") == "text_needed"
    assert code_of(ask, platform, ann, Kind.CORRECTION) == "fields_needed"
    assert code_of(ask, platform, ann, Kind.OBJECTION) == "purpose_needed"
    assert code_of(ask, platform, ann, Kind.OBJECTION, purposes=("none",)) == "unknown_purpose"
    with pytest.raises(BadInput):
        ask(platform, ann, Kind.HUMAN_REVIEW, "")
    assert own_requests(platform, ann) == []
    for _ in range(MAX_OPEN):
        ask(platform, ann)
    assert code_of(ask, platform, ann) == "too_many_open"
    assert code_of(ask, platform, "nobody") == "unknown_customer"


def test_an_answer_is_all_that_a_question_gets(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann, Kind.QUESTION, "why?")
    assert code_of(approve, platform, request_id, officer=OFFICER) == "request_reason_needed"
    approve(platform, request_id, officer=OFFICER, answer="because $page ${x}")
    assert "because $page ${x}" in own_request(platform, ann, request_id).letters[-1].text


def test_only_her_word_ends_what_she_asked_for(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann)
    assert code_of(end_on_word, platform, request_id, officer=OFFICER, word=" ") == "word_needed"
    done = end_on_word(platform, request_id, officer=OFFICER, word="by phone: no longer")
    assert done.state is State.WITHDRAWN
    with pytest.raises(Refused):
        withdraw(platform, ann, request_id)


def test_granting_an_erasure_erases_her_after_a_letter(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann, Kind.ERASURE, "please forget me")
    send_letters(platform)
    approve(platform, request_id, officer=OFFICER, answer="all of it")
    assert [each["Subject"] for each in letters(platform)] == [
        "We have your request: erase what is kept about you",
        "Your request is done: erase what is kept about you",
        "Your data was erased",
    ]
    assert code_of(own_requests, platform, ann) == "unknown_request"
    assert code_of(read_request, platform, request_id, principal=TESTER) == "unknown_request"


def test_an_erasure_that_was_cut_off_after_it_was_granted_is_gone_on_with(
    platform: Platform, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = ask(platform, ann, Kind.ERASURE)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setitem(handlers.HANDLERS, Kind.ERASURE, killed)  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            approve(platform, request_id, officer=OFFICER)
    assert own_request(platform, ann, request_id).request.state is State.DONE
    assert resume_granted(platform, principal=TESTER) == 1
    assert resume_granted(platform, principal=TESTER) == 0
    assert code_of(own_requests, platform, ann) == "unknown_request"
