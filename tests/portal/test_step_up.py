"""What cannot be taken back asks for a fresh proof, comes back from it, and loses nothing that was typed."""

import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cdp.bootstrap import Platform
from cdp.pages.own_path import own_path
from cdp.portal import guard
from cdp.portal.parts import form_of
from cdp.services.sign_in import held, keeping
from cdp.services.sign_in.keeping import Session
from tests.api.calling import Answer
from tests.portal.conftest import ADDRESS
from tests.portal.test_sign_in import later
from tests.portal.visitor import Visitor, newest_link, text, token

FORM = {"why": 'I am <moving> & "gone"', "what": "全部\nof it"}


@pytest.fixture(autouse=True)
def grave(app: FastAPI) -> None:
    """An act that cannot be taken back; it says what it was sent."""

    async def look(_request: Request, _session: Session) -> Response:
        return PlainTextResponse("all of it")

    async def act(request: Request, session: Session) -> Response:
        return PlainTextResponse(repr(sorted((await form_of(request, session.secret)).items())))

    routes = app.router.routes
    routes.insert(0, Route("/portal/grave", guard.fresh(look), methods=["GET"]))
    routes.insert(0, Route("/portal/grave", guard.fresh(act), methods=["POST"]))


def prove(visitor: Visitor, platform: Platform, where: str, address: str = ADDRESS):
    """From the page that asks for it, by a link, back."""
    page = visitor.get(where)
    assert "show once more that it is you" in text(page)
    visitor.post("/portal/prove", {"form_token": token(page), "address": address, "next": hidden(page, "next")})
    confirm = visitor.get(newest_link(platform).partition("127.0.0.1:8000")[2])
    form = {name: hidden(confirm, name) for name in ("form_token", "link", "next")}
    return visitor.post("/portal/link", form)


def hidden(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.body.decode())
    return unescape(found[1]) if found else ""


def make_stale(platform: Platform) -> None:
    """Let more than ten minutes pass since she proved who she is."""
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_session SET proved_at = '2026-01-01T00:00:00.000000+00:00'")


def test_who_has_just_signed_in_need_not_prove_it_again(ann: Visitor) -> None:
    assert ann.get("/portal/grave").body == b"all of it"
    assert ann.get("/portal/prove?next=/portal/grave").header("location") == "/portal/grave"


def test_after_ten_minutes_she_is_sent_to_prove_it_and_comes_back(
    ann: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, guard, keeping.FRESH - timedelta(minutes=1))
    assert ann.get("/portal/grave").status == 200
    later(monkeypatch, guard, keeping.FRESH)
    sent = ann.get("/portal/grave?of=all").header("location")
    assert sent == "/portal/prove?next=/portal/grave%3Fof%3Dall"
    monkeypatch.undo()
    make_stale(platform)
    before = ann.cookies["cdp-session"]
    assert prove(ann, platform, sent).header("location") == "/portal/grave?of=all"
    assert ann.get("/portal/grave").body == b"all of it"
    assert ann.cookies["cdp-session"] != before
    assert Visitor(ann.app, cookies={"cdp-session": before}).get("/portal").status == 303, "the old one stops at once"


def test_what_she_had_sent_is_there_when_she_comes_back(ann: Visitor, platform: Platform) -> None:
    make_stale(platform)
    sent = ann.post("/portal/grave", {"form_token": token(ann.get("/portal/sessions")), **FORM}).header("location")
    assert prove(ann, platform, sent).header("location") == "/portal/resume"
    page = ann.get("/portal/resume")
    assert "&lt;moving&gt;" in page.body.decode()
    assert "<moving>" not in page.body.decode()
    answer = ann.post("/portal/grave", {"form_token": token(page), **FORM})
    assert answer.body.decode() == repr(sorted(FORM.items()))
    assert ann.get("/portal/resume").header("location") == "/portal", "it has been sent on"


def test_a_form_that_comes_when_the_session_has_run_out_is_held_over_the_sign_in(
    ann: Visitor, platform: Platform
) -> None:
    form = {"form_token": token(ann.get("/portal/choices")), "opt_out": "direct_marketing", "state": "refused"}
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_session SET seen_at = '2026-01-01T00:00:00.000000+00:00'")
    assert ann.post("/portal/choices", form).header("location") == "/portal/sign-in"
    assert ann.sign_in(platform, ADDRESS).header("location") == "/portal/resume"
    assert 'name="opt_out" value="direct_marketing"' in ann.get("/portal/resume").body.decode()


def test_she_sees_what_she_is_about_to_send_on_and_what_it_means(ann: Visitor, platform: Platform) -> None:
    for page, form, expected, danger in (
        ("/portal/erase", {"word": "erase"}, "Erase everything about me", True),
        ("/portal/requests/new/erasure", {"text": "<b>why\nnot", "once": "x" * 22}, "Erase my data <b>why not", True),
        ("/portal/export", {}, "Take my data along", False),
    ):
        make_stale(platform)
        sent = ann.post(page, {"form_token": token(ann.get("/portal/sessions")), **form}).header("location")
        prove(ann, platform, sent)
        shown = ann.get("/portal/resume")
        assert expected in text(shown), page
        assert (b'<button class="danger">' in shown.body) is danger, page
        assert ("This cannot be taken back" in text(shown)) is danger, page


def test_nobody_else_is_shown_what_she_had_typed(ann: Visitor, platform: Platform) -> None:
    make_stale(platform)
    ann.post("/portal/grave", {"form_token": token(ann.get("/portal/sessions")), **FORM})
    kept = ann.cookies["cdp-held"]
    ann.sign_in(platform, "ann1@example.org")
    ann.cookies["cdp-held"] = kept
    assert ann.get("/portal/resume").header("location") == "/portal"


def test_what_is_held_opens_with_her_browsers_secret_alone(
    ann: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_stale(platform)
    ann.post("/portal/grave", {"form_token": token(ann.get("/portal/sessions")), **FORM})
    with platform._database.reading() as conn:
        ((sealed,),) = conn.exec_driver_sql("SELECT sealed FROM cdp_held_form").all()
    assert b"moving" not in bytes(sealed)
    kept = dict(ann.cookies)
    ann.cookies["cdp-held"] = "A" * 43
    assert ann.get("/portal/resume").header("location") == "/portal"
    late = Visitor(ann.app, cookies=kept)
    monkeypatch.setattr(held, "timestamp", lambda _now=None: "2027-01-01T00:00:00.000000+00:00")
    assert late.get("/portal/resume").header("location") == "/portal"


def test_a_foreign_form_is_neither_held_nor_done(ann: Visitor, platform: Platform) -> None:
    make_stale(platform)
    assert ann.post("/portal/grave", {"form_token": "0" * 64, **FORM}).status == 403
    form = {"form_token": token(ann.get("/portal/sessions")), **FORM}
    assert ann.post("/portal/grave", form, sec_fetch_site="cross-site").status == 403
    assert "cdp-held" not in ann.cookies


def test_a_link_of_somebody_else_proves_nothing_for_her(ann: Visitor, platform: Platform) -> None:
    make_stale(platform)
    prove(ann, platform, "/portal/prove?next=/portal/grave", "ann1@example.org")
    assert "ann1@example.org" in text(ann.get("/portal/data")), "it has signed the other one in, as any link of hers"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "/portal//evil.example", "/portal/../log", "/portal\\evil", "portal",
        "/portalx", "/portal/\n", "/portal/%0d%0aset-cookie:a=b\r\n", "javascript:alert(1)", "/console",
        "/portal/" + "a" * 600, "/portal/./a",
        "/portal?next=http://evil.example#x", "/portal/é", "/portal@evil.example",
        " /portal",
    ],
)  # fmt: skip
def test_only_own_paths_are_gone_to(ann: Visitor, target: str) -> None:
    assert own_path(target, under="/portal") == ""
    assert (
        ann.get(f"/portal/prove?next={target}".replace("\r", "").replace("\n", "%0a")).header("location") == "/portal"
    )


@pytest.mark.parametrize("target", ["/portal", "/portal/data", "/portal/requests/12?of=all&x=1", "/portal/a.b/c-d_e"])
def test_own_paths_are(target: str) -> None:
    assert own_path(target, under="/portal") == target
