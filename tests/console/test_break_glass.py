"""Break-glass in the console, from asking to the review; two tabs, stale forms, other people's forms, odd text."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform, create_platform
from cdp.services.breakglass.tell import tell_due
from cdp.services.letters.outbox import send_letters
from cdp.services.publish import initialise
from tests import samples
from tests.breakglass.conftest import POLICY, later
from tests.console.conftest import Colleague, entries, hidden
from tests.portal.visitor import Visitor, letters, text

HOME = "/console/break-glass"
ODD = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name in ("APP", "SUBJECT", "ADDRESS"):
        monkeypatch.setenv(f"CDP_LIMIT_{name}", "0")
    monkeypatch.setenv("CDP_REQUEST_LOG", "0")
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        samples.add_people(made, 2)
        yield made


class Team:
    def __init__(self, hired: Callable[..., Colleague]) -> None:
        self.sue, self.olga, self.iris = (
            hired("sue", "support"), hired("olga", "second_officer"), hired("iris", "privacy_officer")
        )  # fmt: skip

    def ask(self, who: Colleague | None = None, *, customers: str = "email:ann0@example.org", **more: str) -> str:
        form = {"customers": customers, "reason": f"she cannot speak {ODD}", "minutes": "15", "form": "x", **more}
        answer = (who or self.sue).press(HOME, HOME, **form)
        assert answer.status == 303, text(answer)
        return answer.header("location").partition("?")[0]


@pytest.fixture
def team(hired: Callable[..., Colleague]) -> Team:
    return Team(hired)


def act(who: Colleague, page: str, step: str, **form: str) -> object:
    """Open the page of a grant, and send one of its forms."""
    opened = who.get(page)
    token, revision = hidden(opened, "form_token"), hidden(opened, "revision")
    return who.post(f"{page}/{step}", {"form_token": token, "revision": revision, **form})


def test_from_asking_to_the_review(team: Team, platform: Platform, app: FastAPI) -> None:
    page = team.ask()
    waiting = text(team.olga.get(page))
    assert "waits for a second person" in waiting
    assert ODD in waiting
    assert b"<script>alert" not in team.olga.get(page).body
    assert act(team.olga, page, "decide", decision="grant").status == 303
    customer = hidden(team.sue.get(page), "customer")
    read = act(team.sue, page, "read", customer=customer)
    for said in ("Ann Number0", "ann0@example.org", "creed 0", "You see this until"):
        assert said in text(read)
    ann = Visitor(app)
    ann.sign_in(platform, "ann0@example.org")
    assert "Somebody has seen your data in full" in text(ann.get("/portal"))
    assert "break-glass: in full" in text(ann.get("/portal/accesses"))
    told = ann.get("/portal/opened")
    assert ODD in text(told)
    assert b"<script>alert" not in told.body
    assert ann.press("/portal/opened", "/portal/opened").status == 303
    assert "Somebody has seen" not in text(ann.get("/portal"))
    assert act(team.sue, page, "end").status == 303
    assert "1 Break-glass to review" in text(team.iris.get("/console"))
    revision = hidden(team.iris.get(page), "revision")
    assert act(team.olga, page, "review", revision=revision, verdict="justified", words=ODD).status == 403
    assert act(team.iris, page, "review", verdict="not_justified", words=ODD).status == 303
    assert "0 Break-glass to review" in text(team.iris.get("/console"))
    assert "over" not in text(team.iris.get(f"{HOME}?show=review"))
    assert "not justified" in text(team.iris.get(HOME))
    assert "No: a third person found" in text(ann.get("/portal/opened"))
    assert b"<script>alert" not in team.iris.get(page).body


def test_a_delay_from_the_form_that_grants(team: Team, platform: Platform, app: FastAPI) -> None:
    page = team.ask()
    until = later(days=3).date().isoformat()
    delayed = {"decision": "grant", "later": "yes", "until": until, "legal_reason": "section 12"}
    assert act(team.olga, page, "decide", **{**delayed, "until": "soon"}).status == 400
    assert act(team.olga, page, "decide", **{**delayed, "until": "2999-01-01"}).status == 400
    assert act(team.olga, page, "decide", **{**delayed, "legal_reason": " "}).status == 400
    assert act(team.olga, page, "decide", **delayed).status == 303
    act(team.sue, page, "read", customer=hidden(team.sue.get(page), "customer"))
    ann = Visitor(app)
    ann.sign_in(platform, "ann0@example.org")
    for address in ("/portal", "/portal/accesses", "/portal/opened"):
        assert "she cannot speak" not in text(ann.get(address))
        assert "support" not in text(ann.get(address)).lower()
    assert tell_due(platform, now=later(days=4)) == 1
    send_letters(platform)
    assert "in full" in letters(platform)[-1]["subject"]


def test_two_tabs_and_forms_that_are_sent_again(team: Team, platform: Platform) -> None:
    page = team.ask()
    assert team.ask() == page  # the same form, sent twice
    first, second = team.olga.get(page), team.iris.get(page)
    form = {name: hidden(first, name) for name in ("form_token", "revision")}
    assert team.olga.post(f"{page}/decide", {**form, "decision": "grant"}).status == 303
    stale = {name: hidden(second, name) for name in ("form_token", "revision")}
    answer = team.iris.post(f"{page}/decide", {**stale, "decision": "grant"})
    assert answer.status == 400
    assert "Something has happened since" in text(answer)
    again = team.olga.post(f"{page}/decide", {**form, "decision": "grant"})
    assert "Something has happened since" in text(again)
    for revision in ("", "0", "-1", "x", "99999999999999999999"):
        sent = team.olga.post(f"{page}/delay", {**form, "revision": revision, "until": "", "legal_reason": "x"})
        assert sent.status == 400, revision
    read = {"form_token": hidden(team.sue.get(page), "form_token"), "customer": hidden(team.sue.get(page), "customer")}
    assert team.sue.post(f"{page}/read", read).status == 200
    assert act(team.iris, page, "end").status == 303
    refused = team.sue.post(f"{page}/read", read)
    assert refused.status == 403
    assert "Ann" not in text(refused)
    assert entries(platform)[-1]["code"] == "grant_needed"


def test_a_grant_is_nobody_elses_and_over_nobody_else(team: Team, platform: Platform) -> None:
    page = team.ask()
    customer = hidden_customer(team.olga.get(page).body.decode())
    assert act(team.sue, page, "read", customer=customer).status == 403  # not granted yet
    assert act(team.sue, page, "decide", decision="grant").status == 403
    own = team.ask(team.olga)
    assert act(team.olga, own, "decide", decision="grant").status == 403
    assert act(team.olga, page, "decide", decision="grant").status == 303
    assert act(team.olga, page, "read", customer=customer).status == 403
    assert act(team.sue, page, "read", customer="email:ann1@example.org").status == 403
    assert act(team.sue, page, "read", customer="").status == 403
    for wrong in ("decision=perhaps", ""):
        assert act(team.olga, page, "decide", **dict([wrong.split("=")] if wrong else [])).status == 400
    assert team.sue.get(f"{HOME}/no-such-grant").status == 404
    assert team.sue.get(f"{HOME}?after=no-such-grant").status == 404
    assert team.sue.get(f"{HOME}?show=everything").status == 404


def test_what_is_wrong_with_what_was_asked_is_said_and_what_was_typed_stays(team: Team) -> None:
    for wrong, said in (
        ({"customers": "email:nobody@example.org"}, "There is no such customer"),
        ({"customers": "\n".join("abcdef")}, "Name one customer"),
        ({"minutes": "61"}, "Choose how long"),
        ({"minutes": "²"}, "Choose how long"),
        ({"reason": "  "}, "This takes a few words"),
        ({"reason": "x" * 1001}, "That is too long"),
    ):
        form = {"customers": "email:ann0@example.org", "reason": ODD, "minutes": "15", "form": "y", **wrong}
        answer = team.sue.press(HOME, HOME, **form)
        assert answer.status == 400
        assert said in text(answer)
        assert b"<script>alert" not in answer.body


def test_roles_that_look_see_no_customer_and_roles_without_a_declaration_ask_for_none(
    team: Team, hired: Callable[..., Colleague], platform: Platform
) -> None:
    page = team.ask()
    auditor, before = hired("otto", "auditor"), len(entries(platform))
    seen = auditor.get(page)
    customer = hidden_customer(team.iris.get(page).body.decode())
    assert "she cannot speak" not in text(seen)
    assert customer not in seen.body.decode()
    assert len([each for each in entries(platform)[before:] if each["act"] == "break_glass"]) == 1  # that of iris
    assert "it asks for none" in text(auditor.get(HOME))
    assert "The policy declares none for your role" in text(team.iris.get(HOME))
    assert 'name="customers"' not in team.iris.get(HOME).body.decode()
    refused = team.iris.press(page, HOME, customers=customer, reason="x", minutes="5", form="z")
    assert refused.status == 403


def hidden_customer(page: str) -> str:
    found = re.search(r"<h3><code>([^<]+)<", page)
    assert found
    return found[1]
