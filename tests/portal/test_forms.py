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
    [b"\xff", b"a=%00", b"a=1&a=2", b"opt_out=direct_marketing&state=sideways", b"x=" + b"y" * 70_000, b"=", b"a"],
    ids=["no utf-8", "nul", "twice", "no state", "long", "nameless", "no value"],
)
def test_what_is_no_form_is_said_so_and_does_nothing(ann: Visitor, platform: Platform, body: bytes) -> None:
    mark = f"form_token={token(ann.get(CHOICES))}&".encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    answer = ann._call("POST", CHOICES, headers, mark + body)
    assert answer.status == 400
    assert b"sideways" not in answer.body
    assert refused(platform) == 0


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
