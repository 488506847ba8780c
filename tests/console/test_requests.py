"""Requests in the console: the queue, one of them, its letter; two at once, one's own; what is typed is not lost."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform
from cdp.services.publish import publish_policy
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.read import own_request
from cdp.services.requests.states import Kind
from cdp.store.records import Stored
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import Colleague, entries, hidden
from tests.portal.visitor import text

PAGE = "/console/requests"
POLYGLOTS = (
    "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{ 1234*4321 }}{% x %}", "javascript:alert(1)//",
    "</textarea><svg/onload=alert(1)>", "'-alert(1)-'", "\u202egnp.exe", "<!--",
)  # fmt: skip


@pytest.fixture
def people(platform: Platform) -> list[Stored]:
    return samples.add_people(platform, 3)


def file(platform: Platform, person: Stored, kind: Kind = Kind.ACCESS, words: str = "", **more: object) -> str:
    return file_request(platform, person.customer_id, Filing(kind, words, **more), principal=HERSELF)


def letter_of(page: Answer) -> str:
    found = re.search(r'<textarea id="letter"[^>]*>\n(.*?)</textarea>', page.body.decode(), re.DOTALL)
    return unescape(found[1]) if found else ""


def see_letter(who: Colleague, request_id: str, step: str, reason: str) -> Answer:
    page = who.get(f"{PAGE}/{request_id}")
    form = {name: hidden(page, name) for name in ("form_token", "revision")}
    return who.post(f"{PAGE}/{request_id}/letter", {**form, "step": step, "reason": reason})


def send(who: Colleague, request_id: str, page: Answer, **changed: str) -> Answer:
    form = {name: hidden(page, name) for name in ("form_token", "step", "revision", "reason")}
    return who.post(f"{PAGE}/{request_id}/decide", {**form, "letter": letter_of(page), **changed})


def test_the_queue_filters_by_its_address(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    assert "Nothing waits." in text(iris.get(PAGE))
    first, second = file(platform, people[0]), file(platform, people[1], Kind.QUESTION, "who?")
    body = iris.get(PAGE).body.decode()
    assert first in body and second in body  # noqa: PT018 -- one statement
    assert second not in iris.get(f"{PAGE}?kind=access").body.decode()
    iris.press(f"{PAGE}/{first}", f"{PAGE}/{first}/assign", name="iris", revision="1")
    assert first in iris.get(f"{PAGE}?whose=me").body.decode()
    assert first not in iris.get(f"{PAGE}?whose=nobody").body.decode()
    assert "Nothing of this kind waits." in text(iris.get(f"{PAGE}?late=yes"))
    for odd in ("kind=x", "state=done", "whose=you"):
        assert iris.get(f"{PAGE}?{odd}").status == 404
    assert iris.get(f"{PAGE}?after=%00").status == 400
    assert 'href="/console/requests"' in iris.get("/console").body.decode()


def test_a_refusal_goes_out_as_its_letter_was_edited(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    request_id = file(platform, people[0], language="zh-Hans")
    assert "write why, or the answer" in text(see_letter(iris, request_id, "refuse", " "))
    page = see_letter(iris, request_id, "refuse", "没有这些数据")
    assert "没有这些数据" in letter_of(page)
    short = send(iris, request_id, page, letter="不行")
    assert (short.status, "where she can complain" in text(short), letter_of(short)) == (400, True, "不行")
    edited = letter_of(page).replace("我们", "本公司")
    done = send(iris, request_id, page, letter=edited)
    assert (done.status, done.header("location")) == (303, f"{PAGE}/{request_id}?done=refuse")
    detail = own_request(platform, people[0].customer_id, request_id)
    assert detail.letters[-1].text == edited
    assert detail.steps[-1].reason == "没有这些数据"
    assert [each["principal"] for each in entries(platform) if each["act"] == "request"] == ["customer", "staff:iris"]


def test_of_two_at_once_the_second_is_told_and_keeps_what_she_typed(
    hired: Callable[..., Colleague], platform: Platform, people: list[Stored]
) -> None:
    iris, omar = hired("iris"), hired("omar", "second_officer")
    request_id = file(platform, people[0])
    hers, his = see_letter(iris, request_id, "refuse", "no such data"), see_letter(omar, request_id, "pause", "call us")
    assert send(omar, request_id, his).status == 303
    answer = send(iris, request_id, hers, letter=letter_of(hers) + "my own words")
    assert (answer.status, "Somebody else was quicker" in text(answer)) == (409, True)
    assert (letter_of(answer).endswith("my own words\n") or letter_of(answer).endswith("my own words")) is True
    assert hidden(answer, "reason") == "no such data"
    assert send(iris, request_id, answer).status == 303  # she has seen that it is paused, and refuses it all the same
    late = send(omar, request_id, his, step="refuse", reason="too late", letter="as I would have it")
    assert (late.status, "as I would have it" in text(late), "too late" in text(late)) == (409, True, True)
    assert own_request(platform, people[0].customer_id, request_id).steps[-1].actor == "staff:iris"
    given = iris.press(f"{PAGE}/{request_id}", f"{PAGE}/{request_id}/assign", name="omar", revision="1")
    assert given.status == 409


def test_nobody_decides_on_her_own(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_request SET filed_by = 'staff:iris'")
    request_id = file_request(platform, people[0].customer_id, Filing(Kind.ACCESS), principal=HERSELF)
    page = see_letter(iris, request_id, "approve", "here")
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_request SET filed_by = 'staff:iris'")
    answer = send(iris, request_id, page)
    assert (answer.status, "Somebody else has to decide" in text(answer)) == (409, True)
    assert "Somebody else has to decide" in text(see_letter(iris, request_id, "refuse", "no"))
    assert own_request(platform, people[0].customer_id, request_id).request.state == "received"


def test_an_erasure_takes_the_typed_word(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    request_id = file(platform, people[0], Kind.ERASURE)
    page = see_letter(iris, request_id, "approve", "")
    answer = send(iris, request_id, page, confirm="yes")
    assert (answer.status, "type the word" in text(answer)) == (400, True)
    done = send(iris, request_id, page, confirm="Erase")
    assert done.header("location") == f"{PAGE}?done=erased"
    assert "She is erased" in text(iris.get(f"{PAGE}?done=erased"))
    assert iris.get(f"{PAGE}/{request_id}").status == 404


def test_what_takes_two_waits_for_the_second(
    hired: Callable[..., Colleague], platform: Platform, people: list[Stored]
) -> None:
    publish_policy(
        platform, samples.policy(samples.POLICY_TEXT + "two_officers: [erasure]\n"), principal=samples.TESTER
    )
    iris, omar = hired("iris"), hired("omar", "second_officer")
    request_id = file(platform, people[0], Kind.ERASURE)
    send(iris, request_id, see_letter(iris, request_id, "approve", "as you wish"))
    assert "it takes a second officer" in text(iris.get(f"{PAGE}/{request_id}?done=approve"))
    page = omar.get(f"{PAGE}/{request_id}")
    assert "as you wish" in text(page)
    assert 'value="approve"' not in page.body.decode(), "the second grants what the first wrote, and nothing else"
    form = {name: hidden(page, name) for name in ("form_token", "revision")}
    own = iris.post(f"{PAGE}/{request_id}/second", {**form, "form_token": hidden(iris.get("/console"), "form_token")})
    assert (own.status, "somebody else has to be the second" in text(own)) == (409, True)
    back = omar.post(f"{PAGE}/{request_id}/second", {**form, "act": "back", "reason": "sure?"})
    assert back.header("location").endswith("done=send_back")
    send(iris, request_id, see_letter(iris, request_id, "approve", "yes, sure"))
    form["revision"] = hidden(omar.get(f"{PAGE}/{request_id}"), "revision")
    assert omar.post(f"{PAGE}/{request_id}/second", form).header("location") == f"{PAGE}?done=erased"


def test_what_people_wrote_comes_out_as_text(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    request_id = file(platform, people[0], Kind.QUESTION, " ".join(POLYGLOTS))
    pages = [iris.get(f"{PAGE}/{request_id}"), see_letter(iris, request_id, "approve", " ".join(POLYGLOTS))]
    pages.append(send(iris, request_id, pages[1], letter="\x07" + " ".join(POLYGLOTS)))
    form = {"form_token": hidden(pages[0], "form_token"), "revision": "1", "step": "refuse"}
    pages.append(iris.post(f"{PAGE}/{request_id}/letter", {**form, "reason": "x" * 4_001 + POLYGLOTS[0]}))
    for page in pages:
        body = page.body.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body
        assert "<svg/onload" not in body
        assert len(page.body) < 100_000


@pytest.mark.parametrize("revision", ["", "-1", "x", "9" * 30, "１"])
def test_a_form_without_what_was_seen_is_none(
    iris: Colleague, platform: Platform, people: list[Stored], revision: str
) -> None:
    request_id = file(platform, people[0])
    token = hidden(iris.get(f"{PAGE}/{request_id}"), "form_token")
    for act, more in (("assign", {"name": "iris"}), ("letter", {"step": "refuse"}), ("decide", {"step": "refuse"}),
                      ("second", {}), ("end", {"word": "by phone"})):  # fmt: skip
        answer = iris.post(f"{PAGE}/{request_id}/{act}", {"form_token": token, "revision": revision, **more})
        assert answer.status == 400, act
    odd = iris.post(f"{PAGE}/{request_id}/decide", {"form_token": token, "revision": "1", "step": "take"})
    assert odd.status == 400


def test_who_only_looks_sees_no_form(hired: Callable[..., Colleague], platform: Platform, people: list[Stored]) -> None:
    request_id = file(platform, people[0])
    page = hired("ada", "auditor").get(f"{PAGE}/{request_id}")
    assert page.status == 200
    assert f"{PAGE}/{request_id}/" not in page.body.decode()
