"""In and out of the portal: links that work once, here, and only for whose address it is."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from audit.entries import parse_entry, timestamp
from cdp.bootstrap import Platform
from cdp.services.erase import erase
from cdp.services.sign_in import links, sessions
from tests import samples
from tests.api.calling import Answer
from tests.portal.conftest import ADDRESS
from tests.portal.visitor import Visitor, letters, newest_link, text, token


def shape_of(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that a caller sees, but for the secrets that differ by nature."""
    headers = [(name, re.sub(r"=[^;]+", "=…", value, count=1)) for name, value in answer.headers]
    return answer.status, headers, re.sub(rb"[0-9a-f]{64}", b"token", answer.body)


def secret_of(platform: Platform) -> str:
    return newest_link(platform).partition("link=")[2]


def later(monkeypatch: pytest.MonkeyPatch, module: object, by: timedelta) -> None:
    """Put the clock of one module on."""

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + by

    monkeypatch.setattr(module, "datetime", Later)


def test_the_answer_is_the_same_for_an_address_that_nobody_has(app: FastAPI, platform: Platform) -> None:
    known, unknown = Visitor(app), Visitor(app)
    assert shape_of(known.ask(ADDRESS)) == shape_of(unknown.ask("nobody@example.org"))
    assert [letter["To"] for letter in letters(platform)] == [ADDRESS]


def test_tables_do_not_tell_a_known_address_from_an_unknown_one(app: FastAPI, platform: Platform) -> None:
    for address in (ADDRESS, "nobody@example.org"):
        Visitor(app).ask(address)
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT link, browser, holder, asked FROM cdp_sign_in_link").all()
    assert len({tuple(len(bytes(cell) if not isinstance(cell, str) else cell) for cell in row) for row in rows}) == 1


def test_a_link_signs_in_once(visitor: Visitor, platform: Platform) -> None:
    visitor.ask(ADDRESS)
    secret = secret_of(platform)
    page = visitor.get(f"/portal/link?link={secret}")
    assert page.status == 200
    form = {"form_token": token(page), "link": secret}
    before = dict(visitor.cookies)
    assert visitor.post("/portal/link", form).header("location") == "/portal"
    assert visitor.get("/portal").status == 200
    again = Visitor(visitor.app, cookies=before)
    assert again.post("/portal/link", form).status == 403
    assert "does not work any more" in text(again.post("/portal/link", form))


def test_looking_at_a_link_uses_nothing_up(visitor: Visitor, platform: Platform) -> None:
    visitor.ask(ADDRESS)
    secret = secret_of(platform)
    for scanner in (Visitor(visitor.app), Visitor(visitor.app, cookies=dict(visitor.cookies))):
        scanner.get(f"/portal/link?link={secret}")
    page = visitor.get(f"/portal/link?link={secret}")
    assert visitor.post("/portal/link", {"form_token": token(page), "link": secret}).status == 303


def test_a_link_that_another_browser_asked_for_signs_nobody_in(app: FastAPI, platform: Platform) -> None:
    mallory, ann = Visitor(app), Visitor(app)
    mallory.ask(ADDRESS)
    secret = secret_of(platform)
    page = ann.get(f"/portal/link?link={secret}")
    assert ann.post("/portal/link", {"form_token": token(page), "link": secret}).status == 403
    assert "cdp-session" not in ann.cookies


def test_a_link_runs_out(visitor: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.ask(ADDRESS)
    secret = secret_of(platform)
    page = visitor.get(f"/portal/link?link={secret}")
    later(monkeypatch, links, links.LASTS)
    assert visitor.post("/portal/link", {"form_token": token(page), "link": secret}).status == 403


def test_an_address_is_not_flooded(app: FastAPI, platform: Platform) -> None:
    for _ in range(links.MOST + 3):
        assert Visitor(app).ask(ADDRESS).status == 200
    assert len(letters(platform)) == links.MOST


def test_who_only_claims_an_address_is_not_let_in_by_it(visitor: Visitor, platform: Platform) -> None:
    """Else whoever writes his own address into somebody's profile would read it."""
    with platform._database.writing() as conn:
        conn.exec_driver_sql(
            "UPDATE cdp_identifier SET verified = CAST(0 AS INTEGER)"
            if platform.door.dialect == "sqlite"
            else "UPDATE cdp_identifier SET verified = false"
        )
    assert visitor.ask(ADDRESS).status == 200
    assert letters(platform) == []


def test_a_session_is_new_each_time_and_the_old_cookie_is_worth_nothing(ann: Visitor, platform: Platform) -> None:
    first = ann.cookies["cdp-session"]
    ann.cookies["cdp-session"] = "planted"
    assert ann.get("/portal").header("location") == "/portal/sign-in"
    ann.sign_in(platform, ADDRESS)
    assert ann.cookies["cdp-session"] not in (first, "planted")


def test_a_session_ends_unused_and_in_the_end(ann: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ann.get("/portal").status == 200
    later(monkeypatch, sessions, sessions.IDLE + timedelta(seconds=1))
    assert ann.get("/portal").header("location") == "/portal/sign-in"


def test_a_session_in_use_goes_on(ann: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in range(1, 4):
        later(monkeypatch, sessions, step * (sessions.IDLE - timedelta(minutes=1)))
        assert ann.get("/portal").status == 200
    later(monkeypatch, sessions, sessions.LASTS + timedelta(seconds=1))
    assert ann.get("/portal").header("location") == "/portal/sign-in"


def test_signing_out_here_leaves_the_others(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    other = Visitor(app)
    other.sign_in(platform, ADDRESS)
    kept = dict(ann.cookies)
    assert ann.press("/portal", "/portal/sign-out").header("location") == "/portal/sign-in"
    assert Visitor(app, cookies=kept).get("/portal").header("location") == "/portal/sign-in"
    assert other.get("/portal").status == 200


def test_signing_out_everywhere_ends_them_all_but_nobody_elses(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    other, ben = Visitor(app), Visitor(app)
    other.sign_in(platform, ADDRESS)
    ben.sign_in(platform, "ann1@example.org")
    ann.press("/portal", "/portal/sign-out", everywhere="yes")
    assert other.get("/portal").header("location") == "/portal/sign-in"
    assert ben.get("/portal").status == 200


def test_who_was_erased_is_signed_out(ann: Visitor, platform: Platform) -> None:
    erase(platform, [f"email:{ADDRESS}"], principal=samples.TESTER, reason="she asked")
    for page in ("/portal", "/portal/data"):
        assert ann.get(page).header("location").startswith("/portal/sign-in")


def test_sign_in_and_out_are_on_the_log_about_her(ann: Visitor, platform: Platform) -> None:
    ann.press("/portal", "/portal/sign-out")
    with platform._database.reading() as conn:
        entries = [bytes(row[0]) for row in conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number")]
    said = [parse_entry(each) for each in entries]
    by_her = [(each["act"], each["customers"]) for each in said if each["act"] in ("sign_in", "sign_out")]
    assert by_her == [("sign_in", 1), ("sign_out", 1)]
    assert not any(ADDRESS.encode() in each for each in entries)


def test_cookies_are_for_this_site_and_no_script(visitor: Visitor, platform: Platform) -> None:
    for answer in (visitor.get("/portal/sign-in"), visitor.sign_in(platform, ADDRESS)):
        for name, value in answer.headers:
            if name == "set-cookie" and value.startswith("cdp-"):
                assert "HttpOnly" in value
                assert "SameSite=lax" in value


def test_times_are_those_of_the_clock(platform: Platform) -> None:
    """The helper above moves what the code looks at, or the tests of time would test nothing."""
    assert timestamp() <= timestamp(datetime.now(UTC) + timedelta(seconds=1))
    assert platform is not None
