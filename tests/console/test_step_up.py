"""What cannot be taken back asks to sign in anew, and loses nothing that was typed."""

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cdp.bootstrap import Platform
from cdp.console import guard
from cdp.services.sign_in import keeping
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from tests.console.conftest import IN, Colleague
from tests.portal.test_sign_in import later
from tests.portal.test_step_up import make_stale
from tests.portal.visitor import text, token

GRAVE = "/console/grave"
WHY = "a <sentence> that took long"


@pytest.fixture(autouse=True)
def grave(app: FastAPI) -> None:
    async def act(request: Request, _staff: Staff) -> Response:
        return PlainTextResponse(guard.form_in(request)["why"] if request.method == "POST" else "done")

    for method in ("GET", "POST"):
        endpoint = guard.staffed(act, needs=Permission.APPROVE, fresh=True)
        app.router.routes.insert(0, Route(GRAVE, endpoint, methods=[method]))


def test_after_ten_minutes_one_signs_in_anew_and_comes_back(iris: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    assert iris.get(GRAVE).body == b"done"
    later(monkeypatch, guard, keeping.FRESH)
    assert iris.get(GRAVE).header("location") == f"{IN}?next={GRAVE}"
    monkeypatch.undo()
    before = iris.cookies["cdp-staff"]
    assert iris.enter(iris.codes[0], query=f"?next={GRAVE}").header("location") == GRAVE
    assert iris.cookies["cdp-staff"] != before
    assert Colleague(iris.app, cookies={"cdp-staff": before}).get("/console").status == 303


@pytest.mark.parametrize("column", ["proved_at", "seen_at"])
def test_what_was_sent_is_there_afterwards(iris: Colleague, platform: Platform, column: str) -> None:
    """Whether the proof is old, or the session has run out."""
    form = {"form_token": token(iris.get("/console")), "why": WHY}
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"UPDATE cdp_session SET {column} = '2026-01-01T00:00:00.000000+00:00'")
    assert iris.post(GRAVE, form).header("location") == IN
    assert iris.enter(iris.codes[0]).header("location") == "/console/resume"
    page = iris.get("/console/resume")
    assert "a &lt;sentence&gt;" in page.body.decode()
    assert iris.post(GRAVE, {"form_token": token(page), "why": WHY}).body.decode() == WHY
    assert iris.get("/console/resume").header("location") == "/console"


def test_a_foreign_form_is_neither_held_nor_done(iris: Colleague, platform: Platform) -> None:
    good = token(iris.get("/console"))
    make_stale(platform)
    iris.post(GRAVE, {"form_token": "0" * 64, "why": WHY})
    iris.post(GRAVE, {"form_token": good, "why": WHY}, sec_fetch_site="cross-site")
    assert "cdp-staff-held" not in iris.cookies


def test_nobody_else_goes_on_with_it(iris: Colleague, platform: Platform, hired) -> None:
    form = {"form_token": token(iris.get("/console")), "why": WHY}
    make_stale(platform)
    iris.post(GRAVE, form)
    omar = hired("omar", "second_officer")
    omar.cookies["cdp-staff-held"] = iris.cookies["cdp-staff-held"]
    assert omar.get("/console/resume").header("location") == "/console"
    assert WHY not in text(omar.get("/console"))
