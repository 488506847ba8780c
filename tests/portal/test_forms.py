"""What pages send back is taken only from our own pages, of this session, and in its form."""

import pytest

from cdp.bootstrap import Platform
from tests.portal.visitor import Visitor, text, token

CHOICES = "/portal/choices"
REFUSE = {"opt_out": "direct_marketing", "state": "refused"}


def refused(platform: Platform) -> int:
    with platform._database.reading() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM cdp_consent_event").scalar_one())


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "", "sec_fetch_site": ""},
        {"origin": "http://127.0.0.1:8000.evil.example"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_does_nothing(ann: Visitor, platform: Platform, headers: dict[str, str]) -> None:
    form = {"form_token": token(ann.get(CHOICES)), **REFUSE}
    assert ann.post(CHOICES, form, **headers).status == 403
    assert refused(platform) == 0


def test_a_form_without_the_token_of_the_session_does_nothing(
    ann: Visitor, visitor: Visitor, platform: Platform
) -> None:
    foreign = token(visitor.get("/portal/sign-in"))
    for given in ("", "0" * 64, foreign, "é"):
        answer = ann.post(CHOICES, {"form_token": given, **REFUSE})
        assert (answer.status, "Please do that once more" in text(answer)) == (403, True)
    assert ann.post(CHOICES, REFUSE).status == 403
    assert refused(platform) == 0


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"a=%00", b"a=1&a=2", b"opt_out=direct_marketing&state=sideways", b"x=" + b"y" * 270_000, b"=", b"a"],
    ids=["no utf-8", "nul", "twice", "no state", "long", "nameless", "no value"],
)
def test_what_is_no_form_is_said_so_and_does_nothing(ann: Visitor, platform: Platform, body: bytes) -> None:
    mark = f"form_token={token(ann.get(CHOICES))}&".encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    answer = ann._call("POST", CHOICES, headers, mark + body)
    assert answer.status == 400
    assert b"sideways" not in answer.body
    assert refused(platform) == 0


@pytest.mark.parametrize("more", ["customer_id", "role", "status", "opt_out[x]", "__proto__", "next"])
def test_what_a_form_does_not_have_is_refused(ann: Visitor, platform: Platform, more: str) -> None:
    form = {"form_token": token(ann.get(CHOICES)), **REFUSE}
    answer = ann.post(CHOICES, {**form, more: "x"})
    assert (answer.status, "We could not read what you sent" in text(answer)) == (400, True)
    assert refused(platform) == 0
    assert ann.post(CHOICES, form).status == 303


def test_what_writing_programs_put_between_lines_is_taken_as_lines(ann: Visitor) -> None:
    ask = "/portal/requests/new/question"
    assert ann.press(ask, ask, text="one\x0btwo\x0cthree").status == 303
    assert (
        "one\ntwo\nthree"
        in ann.get(ann.press(ask, ask, text="one\x0btwo\x0cthree").header("location") or "").body.decode()
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_where_people_look_a_page_says_that_there_is_none(ann: Visitor, method: str) -> None:
    for address, status in (
        ("/portal/nowhere", 404),
        ("/privacy/1/2/3", 404),
        ("/console/nowhere", 404),
        ("/portal/sign-out", 405),
    ):
        answer = ann._call(method if status == 404 else "GET", address, {})
        assert (answer.status, "There is no such page" in text(answer)) == (status, True)
        assert answer.header("content-security-policy") == ann.get("/portal").header("content-security-policy")
        assert answer.header("cache-control") == "no-store"
    chinese = Visitor(ann.app, language="zh-CN").get("/portal/nowhere")
    assert (chinese.status, chinese.header("content-language")) == (404, "zh-Hans")
    assert ann.get("/views/nowhere").header("content-type") == "application/problem+json"


def test_another_type_of_body_is_no_form(ann: Visitor, platform: Platform) -> None:
    form = {"form_token": token(ann.get(CHOICES)), **REFUSE}
    assert ann.post(CHOICES, form, content_type="text/plain").status == 400
    assert refused(platform) == 0


def test_an_opt_out_that_there_is_not_is_refused(ann: Visitor, platform: Platform) -> None:
    assert ann.press(CHOICES, CHOICES, opt_out="no_such", state="refused").status == 400
    assert refused(platform) == 0


def test_nobody_acts_who_is_not_signed_in(visitor: Visitor, platform: Platform) -> None:
    token_ = token(visitor.get("/portal/sign-in"))
    answer = visitor.post(CHOICES, {"form_token": token_, **REFUSE})
    assert answer.header("location") == "/portal/sign-in"
    assert refused(platform) == 0
