"""Requests on the portal, and nobody else's: every route with another person's ids answers as for ids of nobody."""

import re

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from cdp.portal.requests import OFFERED
from cdp.portal.routes import routes
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.requests.attachments import Upload
from cdp.services.requests.read import own_request, own_requests
from cdp.services.requests.states import Kind, State
from tests.portal.test_correct import form
from tests.portal.visitor import Visitor, text, token
from tests.requests.conftest import ask
from tests.requests.test_effects import refused

NOBODY = "00000000-0000-0000-0000-000000000000"


def id_of(platform: Platform, address: str) -> str:
    with platform._database.reading() as conn:
        query = "SELECT customer_id FROM customer ORDER BY ordinal"
        for customer_id in conn.exec_driver_sql(query).scalars():
            row = conn.exec_driver_sql(f"SELECT income FROM customer WHERE customer_id = '{customer_id}'").scalar()
            if row == 10_000 * int(address.removeprefix("ann").partition("@")[0]):
                return str(customer_id)
    raise AssertionError


@pytest.mark.parametrize("kind", OFFERED)
def test_each_kind_is_asked_for_and_shown(ann: Visitor, platform: Platform, kind: Kind) -> None:
    target = f"/portal/requests/new/{kind}"
    page = ann.get(target)
    fields = {"text": "in my words"} | ({"purpose_direct_marketing": "yes"} if kind is Kind.OBJECTION else {})
    answer = ann.post(target, form(page, **fields))
    assert ann.post(target, form(page, **fields)).header("location") == answer.header("location"), "twice is once"
    shown = text(ann.get(answer.header("location") or ""))
    assert "in my words" in shown
    assert "You asked" in shown
    assert len(own_requests(platform, id_of(platform, "ann0@example.org"))) == 1


def test_every_kind_is_offered() -> None:
    assert {*OFFERED, Kind.CORRECTION} == set(Kind)


def test_what_is_missing_is_said_and_nothing_typed_is_lost(ann: Visitor) -> None:
    answer = ann.post("/portal/requests/new/objection", form(ann.get("/portal/requests/new/objection"), text="no!"))
    assert (answer.status, "Please choose at least one." in text(answer)) == (400, True)
    assert ">\nno!</textarea>" in answer.body.decode()
    answer = ann.post("/portal/requests/new/question", form(ann.get("/portal/requests/new/question"), text=" "))
    assert (answer.status, "Please write a few words." in text(answer)) == (400, True)
    more = form(ann.get("/portal/requests/new/question"), text="x", state="done")
    assert ann.post("/portal/requests/new/question", more).status == 400
    assert ann.get("/portal/requests/new/correction").status == 404
    assert ann.get("/portal/requests/new/nothing").status == 404


def test_a_restriction_is_in_force_at_once_and_ends_with_her_word(ann: Visitor, platform: Platform) -> None:
    her = id_of(platform, "ann0@example.org")
    target = "/portal/requests/new/restriction"
    address = (ann.post(target, form(ann.get(target))).header("location") or "").partition("?")[0]
    assert len(refused(platform, her)) == 4
    assert ann.press(address, f"{address}/withdraw").header("location") == address
    assert refused(platform, her) == set()
    assert ann.press(address, f"{address}/withdraw").header("location") == address, "pressed twice"
    assert "Taken back" in text(ann.get(address))


def test_every_route_with_anothers_ids_answers_as_for_nobodys(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    ben = id_of(platform, "ann1@example.org")
    file = Upload("a.txt", b"x")
    theirs = propose(platform, ben, Proposal([Proposed("income", "1")], upload=file))
    file_id = own_request(platform, ben, theirs).attachments[0].attachment_id
    ids = {"request": theirs, "file": file_id, "row": theirs, "entity": "order", "field": "total", "kind": "access"}
    tried = 0
    for route in routes():
        path = route.path  # type: ignore[attr-defined]
        named = set(re.findall(r"{(\w+)", path)) & ids.keys()
        if not named & {"request", "file", "row"}:
            continue
        assert set(re.findall(r"{(\w+)", path)) <= ids.keys(), f"say for {path} what another person's ids are"
        for method in route.methods - {"HEAD"}:  # type: ignore[attr-defined]
            answers = []
            for known in (ids, {**ids, "request": NOBODY, "file": NOBODY, "row": NOBODY}):
                target = re.sub(r"{(\w+)}", lambda found, known=known: known[found[1]], path)
                if method == "GET":
                    answer = ann.get(target)
                else:
                    fields = {"value": "5", "once": "x"} if "row" in named else {}
                    answer = ann.post(target, {"form_token": token(ann.get("/portal/requests")), **fields})
                body = answer.body
                for name in ("request", "file", "row"):
                    body = body.replace(known[name].encode(), b"ID")
                answers.append((answer.status, sorted(answer.headers), body))
            assert answers[0] == answers[1], (method, path)
            assert answers[0][0] == 404, (method, path)
            tried += 1
    assert tried >= 6
    assert own_request(platform, ben, theirs).request.state is State.RECEIVED


def test_a_restriction_of_hers_is_lifted_by_nobody_else(ann: Visitor, platform: Platform) -> None:
    ben = id_of(platform, "ann1@example.org")
    request_id = ask(platform, ben, Kind.RESTRICTION)
    form_token = token(ann.get("/portal/requests"))
    for act in ("withdraw", "lift"):
        assert ann.post(f"/portal/requests/{request_id}/{act}", {"form_token": form_token}).status == 404
    assert len(refused(platform, ben)) == 4
