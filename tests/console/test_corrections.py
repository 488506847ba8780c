"""Corrections in the console: old and new, a field at a time or the harmless ones together; at once, and her own."""

import re
from collections.abc import Callable
from html import unescape

import pytest

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.store.records import Stored
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import Colleague, entries
from tests.console.test_requests import POLYGLOTS
from tests.portal.visitor import text, token

PAGE = "/console/corrections"
DESK = Principal("os:desk")


@pytest.fixture
def people(platform: Platform) -> list[Stored]:
    return samples.add_people(platform, 4)


def wrong(platform: Platform, person: Stored, *fields: tuple[str, str], why: str = "", by: Principal = DESK) -> str:
    proposal = Proposal([Proposed(*each) for each in fields], why)
    return propose(platform, person.customer_id, proposal, principal=by)


def forms(page: Answer) -> list[dict[str, str]]:
    """What the forms of the fields hold, in their order."""
    found = re.findall(r'<form method="post" action="/console/corrections/.*?</form>', page.body.decode(), re.DOTALL)
    return [
        {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', each) if name != "act"}
        for each in found
    ]


def test_a_field_is_approved_and_another_left_with_a_reason(
    iris: Colleague, platform: Platform, people: list[Stored]
) -> None:
    assert "Nothing waits." in text(iris.get(PAGE))
    request_id = wrong(platform, people[0], ("email", "new@example.org"), ("loyalty", "gold"), why="she rang up")
    assert "Email, Loyalty" in text(iris.get(PAGE))
    page = iris.get(f"{PAGE}/{request_id}")
    for said in ("ann0@example.org", "new@example.org", "she rang up", "Privacy office", "no recipient and no app"):
        assert said in text(page)
    email, loyalty = forms(page)
    assert iris.post(f"{PAGE}/{request_id}", {**email, "act": "approve", "reason": ""}).status == 303
    again = iris.post(f"{PAGE}/{request_id}", {**loyalty, "act": "reject", "reason": " "})
    assert (again.status, "write why" in text(again)) == (409, True)
    assert iris.post(f"{PAGE}/{request_id}", {**loyalty, "act": "reject", "reason": "no card"}).status == 303
    told = text(iris.get(f"{PAGE}/{request_id}"))
    assert "changed" in told
    assert "no card" in told
    row = {each[0]: each for each in samples.rows_of(platform, "privacy_office")}[people[0].customer_id]
    assert (row[2], row[7]) == ("new@example.org", "silver")
    reads = [each for each in entries(platform) if each["act"] == "read" and each["principal"] == "staff:iris"]
    assert reads
    assert all(each["view"] == "privacy_office" for each in reads)


def test_of_two_at_once_the_second_is_told_and_keeps_her_reason(
    hired: Callable[..., Colleague], platform: Platform, people: list[Stored]
) -> None:
    iris, ida = hired("iris"), hired("ida")
    request_id = wrong(platform, people[0], ("loyalty", "gold"), ("postcode", "94111"))
    hers, his = forms(iris.get(f"{PAGE}/{request_id}")), forms(ida.get(f"{PAGE}/{request_id}"))
    assert ida.post(f"{PAGE}/{request_id}", {**his[0], "act": "approve", "reason": ""}).status == 303
    late = iris.post(f"{PAGE}/{request_id}", {**hers[0], "act": "reject", "reason": "my long thoughts"})
    assert (late.status, "my long thoughts" in text(late)) == (409, True)
    with_other = {**hers[1], "seen": "0" * 32, "act": "approve", "reason": "because"}
    stale = iris.post(f"{PAGE}/{request_id}", with_other)
    assert (stale.status, "look at both values again" in text(stale), "because" in text(stale)) == (409, True, True)


def test_nobody_decides_about_her_own(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    request_id = wrong(platform, people[0], ("loyalty", "gold"), by=Principal("staff:iris"))
    [form] = forms(iris.get(f"{PAGE}/{request_id}"))
    answer = iris.post(f"{PAGE}/{request_id}", {**form, "act": "approve", "reason": ""})
    assert (answer.status, "Somebody else has to decide" in text(answer)) == (409, True)
    assert "None waits" in text(iris.get(f"{PAGE}/safe"))


def test_who_may_not_see_a_value_is_shown_none_and_decides_nothing(
    hired: Callable[..., Colleague], platform: Platform, people: list[Stored]
) -> None:
    request_id = wrong(platform, people[0], ("email", "new@example.org"))
    for name, role in (("omar", "second_officer"), ("ada", "auditor")):
        page = hired(name, role).get(f"{PAGE}/{request_id}")
        assert page.status == 200
        assert "example.org" not in text(page)
        assert forms(page) == []


def test_the_harmless_are_chosen_confirmed_and_approved(
    iris: Colleague, platform: Platform, people: list[Stored]
) -> None:
    ids = [wrong(platform, each, ("loyalty", "none"), ("email", f"x{n}@example.org")) for n, each in enumerate(people)]
    page = iris.get(f"{PAGE}/safe")
    chosen = [unescape(each) for each in re.findall(r'name="chosen_\d+" value="([^"]*)"', page.body.decode())]
    assert [each.split("|")[0] for each in chosen] == ids
    assert "x0@example.org" not in text(page)
    form = {"form_token": token(page), "after": ""}
    assert "choose at least one" in text(iris.post(f"{PAGE}/safe", form))
    gone = {"chosen_1": chosen[0], "chosen_2": chosen[1], "chosen_3": chosen[2][:-32] + "0" * 32}
    asked = iris.post(f"{PAGE}/safe", {**form, **gone})
    assert "Approve these 2 fields" in text(asked)
    assert "1 of those that you chose has changed" in text(asked)
    assert {each[7] for each in samples.rows_of(platform, "privacy_office")} == {"gold", "silver"}
    done = iris.post(f"{PAGE}/safe", {**form, "confirmed": "yes", **gone})
    assert "2 fields were approved." in text(done)
    assert "1 was left as it is" in text(done)
    row = {each[0]: each[7] for each in samples.rows_of(platform, "privacy_office")}
    assert [row[each.customer_id] for each in people] == ["none", "none", "silver", "gold"]
    odd = iris.post(f"{PAGE}/safe", {**form, "confirmed": "yes", "chosen_1": "x|y"})
    assert odd.status == 400


def test_values_come_out_as_text(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    for each, words in zip(people * 2, POLYGLOTS, strict=True):
        with platform._database.writing() as conn:
            conn.exec_driver_sql("UPDATE cdp_request SET state = 'withdrawn', closed_at = received_at")
            conn.exec_driver_sql("UPDATE cdp_correction SET state = 'withdrawn'")
        request_id = wrong(platform, each, ("full_name", words), ("religion", words), why=words)
        pages = [iris.get(PAGE), iris.get(f"{PAGE}/{request_id}"), iris.get(f"/console/requests/{request_id}")]
        [form, *_] = forms(pages[1])
        pages.append(iris.post(f"{PAGE}/{request_id}", {**form, "seen": words, "act": "approve", "reason": words}))
        assert pages[-1].status == 409
        for page in pages:
            assert not re.search(r"<script>alert|<img src=x|<svg/onload|5332114", page.body.decode())
        assert words in unescape(pages[1].body.decode())


def test_a_form_that_names_no_field_is_none(iris: Colleague, platform: Platform, people: list[Stored]) -> None:
    request_id = wrong(platform, people[0], ("loyalty", "gold"))
    [form] = forms(iris.get(f"{PAGE}/{request_id}"))
    for odd in ({"act": "explode"}, {"field": ""}, {"entity": ""}):
        assert iris.post(f"{PAGE}/{request_id}", {**form, "act": "approve", "reason": "", **odd}).status == 400
    unknown = iris.post(f"{PAGE}/{request_id}", {**form, "field": "ghost", "act": "approve", "reason": ""})
    assert unknown.status == 409
    assert iris.get(f"{PAGE}/{'0' * 36}").status == 404
