"""Sessions rotate, copies of their secrets are found out, and she sees where she is signed in."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI

from audit.entries import parse_entry
from cdp.bootstrap import Platform
from cdp.services.sign_in import keeping, sessions
from tests.portal.conftest import ADDRESS
from tests.portal.test_sign_in import later
from tests.portal.visitor import Visitor, text, token

OUT = "/portal/sign-in"
COOKIE = "cdp-session"


def copy(visitor: Visitor, secret: str) -> Visitor:
    return Visitor(visitor.app, cookies={COOKIE: secret})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    return lambda by: later(monkeypatch, sessions, by)


def rotate(ann: Visitor, clock) -> tuple[str, str]:
    """Use the session after a quarter of an hour; the secret before, and the one that she was given."""
    before = ann.cookies[COOKIE]
    clock(keeping.ROTATES + timedelta(seconds=1))
    assert ann.get("/portal").status == 200
    return before, ann.cookies[COOKIE]


def acts(platform: Platform) -> list[str]:
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").all()
    return [parse_entry(bytes(row[0]))["act"] for row in rows]


def test_the_secret_stays_for_a_quarter_of_an_hour_and_is_then_another(ann: Visitor, clock) -> None:
    before = ann.cookies[COOKIE]
    ann.get("/portal")
    assert ann.cookies[COOKIE] == before
    assert rotate(ann, clock)[1] != before


def test_an_answer_that_got_lost_signs_nobody_out(ann: Visitor, clock) -> None:
    before, _ = rotate(ann, clock)
    ann.cookies[COOKIE] = before
    assert ann.get("/portal").status == 200
    assert ann.cookies[COOKIE] == before, "the next one may still be on its way"
    clock(keeping.ROTATES + timedelta(minutes=2))
    assert ann.get("/portal").status == 200
    assert ann.cookies[COOKIE] != before


def test_the_old_one_stops_with_the_first_use_of_the_new_one(ann: Visitor, clock, platform: Platform) -> None:
    before, after = rotate(ann, clock)
    assert ann.get("/portal").status == 200
    assert copy(ann, before).get("/portal").status == 200, "a request that was under way"
    clock(keeping.ROTATES + timedelta(minutes=1))
    assert copy(ann, before).get("/portal").header("location") == OUT
    assert copy(ann, after).get("/portal").header("location") == OUT, "whoever has a copy, it ends for both"
    assert acts(platform).count("session_copied") == 1


def test_a_form_of_before_the_rotation_is_good_after_it(ann: Visitor, clock) -> None:
    form = {"form_token": token(ann.get("/portal/choices")), "opt_out": "direct_marketing", "state": "refused"}
    rotate(ann, clock)
    ann.get("/portal")
    assert ann.post("/portal/choices", form).header("location") == "/portal/choices?done=direct_marketing"


def test_nobody_stretches_a_session_by_rotating_it(ann: Visitor, clock) -> None:
    for minutes in range(20, 12 * 60, 20):
        clock(timedelta(minutes=minutes))
        assert ann.get("/portal").status == 200
    clock(sessions.LASTS + timedelta(seconds=1))
    assert ann.get("/portal").header("location") == OUT


def test_the_cookie_is_not_in_the_database(ann: Visitor, clock, platform: Platform) -> None:
    secrets = rotate(ann, clock)
    ann.get("/portal")
    with platform._database.reading() as conn:
        rows = [
            *conn.exec_driver_sql("SELECT * FROM cdp_session"),
            *conn.exec_driver_sql("SELECT * FROM cdp_spent_secret"),
        ]
    assert len(rows) == 2
    assert not any(secret in str(tuple(row)) for secret in secrets for row in rows)


def test_she_sees_her_own_places_and_nobody_elses(app: FastAPI, platform: Platform, ann: Visitor) -> None:
    phone, ben = Visitor(app), Visitor(app)
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Mobile Safari/604"
    phone._call = lambda method, target, headers, body=b"": Visitor._call(
        phone, method, target, {**headers, "user-agent": agent}, body
    )
    phone.sign_in(platform, ADDRESS)
    ben.sign_in(platform, "ann1@example.org")
    shown = ann.get("/portal/sessions").body.decode()
    assert shown.count("last used") == 2
    assert "Safari, iPhone" in shown
    assert agent not in shown
    assert text(ben.get("/portal/sessions")).count("last used") == 1


def test_she_signs_out_there_and_only_there(app: FastAPI, platform: Platform, ann: Visitor) -> None:
    phone = Visitor(app)
    phone.sign_in(platform, ADDRESS)
    page = ann.get("/portal/sessions")
    (which,) = re.findall(r'name="session" value="([0-9a-f]{32})"', page.body.decode())
    answer = ann.post("/portal/sessions/end", {"form_token": token(page), "session": which})
    assert "There you are signed out" in text(ann.get(answer.header("location")))
    assert phone.get("/portal").header("location") == OUT
    again = ann.post("/portal/sessions/end", {"form_token": token(page), "session": which})
    assert again.status == 404


def test_a_session_of_somebody_else_does_not_end_by_its_name(app: FastAPI, platform: Platform, ann: Visitor) -> None:
    ben = Visitor(app)
    ben.sign_in(platform, "ann1@example.org")
    with platform._database.reading() as conn:
        names = [row[0] for row in conn.exec_driver_sql("SELECT session FROM cdp_session")]
    form = {"form_token": token(ann.get("/portal/sessions"))}
    statuses = {ann.post("/portal/sessions/end", {**form, "session": name}).status for name in [*names, "nobody", ""]}
    assert statuses == {404, 400}, "400 is her own, here"
    assert ben.get("/portal").status == 200


def test_signing_in_again_ends_what_this_browser_had_of_somebody_else(ann: Visitor, platform: Platform) -> None:
    before = ann.cookies[COOKIE]
    ann.sign_in(platform, "ann1@example.org")
    assert copy(ann, before).get("/portal").header("location") == OUT
    assert "ann1@example.org" in text(ann.get("/portal/data"))
