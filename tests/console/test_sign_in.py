"""In and out of the console: one answer for whatever is wrong, codes that work once, sessions that end."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from fastapi import FastAPI

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.staff import enter as entering, proofs, sessions
from cdp.services.staff.invite import disable_staff
from tests import samples
from tests.console.conftest import IN, Colleague, entries
from tests.portal.test_sign_in import later, shape_of
from tests.portal.visitor import text


def clear(platform: Platform) -> None:
    """Let half a minute pass: the code that the welcome has used may be used again."""
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_staff SET totp_step = 0")


def now(colleague: Colleague) -> str:
    return pyotp.TOTP(colleague.secret).now()


def test_in_by_password_and_code_and_to_where_one_wanted(iris: Colleague, platform: Platform) -> None:
    clear(platform)
    other = Colleague(iris.app)
    assert other.get("/console/staff").header("location") == f"{IN}?next=/console/staff"
    assert other.enter(now(iris), name="iris", query="?next=/console/staff").header("location") == "/console/staff"
    assert other.get("/console/staff").status == 200


def test_whatever_is_wrong_the_answer_is_the_same(iris: Colleague, platform: Platform) -> None:
    clear(platform)
    stranger, code = Colleague(iris.app), now(iris)
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    answers = [
        stranger.enter(code, name="nobody"), stranger.enter(code, name="iris", password="not this one"),
        stranger.enter(wrong, name="iris"), stranger.enter("", name="iris"), stranger.enter(code, name="' OR 1=1 --"),
    ]  # fmt: skip
    assert {each.status for each in answers} == {403}
    assert len({repr(shape_of(each)) for each in answers}) == 1
    assert "cdp-staff" not in stranger.cookies


def test_an_unknown_name_costs_as_much_work(
    platform: Platform, iris: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str | None] = []
    real = proofs.is_password

    def counted(kept: str | None, password: str) -> bool:
        compared.append(kept)
        return real(kept, password)

    monkeypatch.setattr(proofs, "is_password", counted)
    for name in ("iris", "nobody"):
        Colleague(iris.app).enter("000000", name=name, password="wrong")
    assert [bool(each) for each in compared] == [True, False]
    assert proofs._nobodys().split("$")[:4] == compared[0].split("$")[:4], "the same work"


def test_a_code_works_once(iris: Colleague, platform: Platform) -> None:
    assert Colleague(iris.app).enter(iris.used, name="iris").status == 403, "the welcome has used it"
    clear(platform)
    code = now(iris)
    assert Colleague(iris.app).enter(code, name="iris").status == 303
    assert Colleague(iris.app).enter(code, name="iris").status == 403


def test_a_code_of_one_step_ago_is_good_and_of_two_is_not(iris: Colleague, platform: Platform) -> None:
    clear(platform)
    at = datetime.now(UTC)
    clock = pyotp.TOTP(iris.secret)
    step = int(at.timestamp()) // 30
    for away, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        found = proofs.code_step(iris.secret, clock.at((step + away) * 30), now=at, after=0)
        assert (found is not None) == good, away
    assert proofs.code_step(iris.secret, clock.at(step * 30), now=at, after=step) is None


def test_a_recovery_code_works_once_and_as_one_types_it(iris: Colleague) -> None:
    code = iris.codes[3]
    assert Colleague(iris.app).enter(code.upper().replace("-", " "), name="iris").status == 303
    assert Colleague(iris.app).enter(code, name="iris").status == 403
    assert Colleague(iris.app).enter(iris.codes[4], name="iris").status == 303
    assert Colleague(iris.app).enter(iris.codes[5], name="iris", password="not this one").status == 403


def test_trying_is_counted_by_name_whether_anybody_has_it(app: FastAPI, iris: Colleague, platform: Platform) -> None:
    app.state.traffic.limits._buckets.take = fresh_address(app.state.traffic.limits._buckets.take)
    told = {}
    for name in ("iris", "nobody"):
        told[name] = [Colleague(app).enter("000000", name=name, password="wrong").status for _ in range(12)]
    assert told["iris"] == told["nobody"] == [403] * 10 + [429] * 2
    assert iris.get("/console").status == 200, "who is in stays in"


def fresh_address(take: Callable[..., object]) -> Callable[..., object]:
    """Each attempt comes from another address."""
    seen = iter(range(1000))
    return lambda name, quota: take(f"{name}{next(seen)}" if "\0address\0" in name else name, quota)


def test_trying_is_counted_by_address(app: FastAPI, platform: Platform) -> None:
    statuses = [Colleague(app).enter("1", name=f"n{number}", password="x").status for number in range(12)]
    assert statuses == [403] * 10 + [429] * 2


def test_a_session_ends_unused_and_in_the_end(iris: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    for minutes in range(10, 8 * 60, 10):
        later(monkeypatch, sessions, timedelta(minutes=minutes))
        assert iris.get("/console").status == 200
    later(monkeypatch, sessions, sessions.LASTS + timedelta(seconds=1))
    assert iris.get("/console").status == 303


def test_a_quarter_of_an_hour_without_use_is_the_end(iris: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, sessions, sessions.IDLE + timedelta(seconds=1))
    assert iris.get("/console").status == 303


def test_out_here_and_out_everywhere(iris: Colleague) -> None:
    other, third = Colleague(iris.app), Colleague(iris.app)
    other.enter(iris.codes[0], name="iris")
    third.enter(iris.codes[1], name="iris")
    other.press("/console", "/console/sign-out")
    assert [each.get("/console").status for each in (other, third, iris)] == [303, 200, 200]
    third.press("/console", "/console/sign-out", everywhere="yes")
    assert iris.get("/console").status == 303


def test_a_copied_cookie_ends_the_session(iris: Colleague, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    old = dict(iris.cookies)
    for minutes in (10, 20):
        later(monkeypatch, sessions, timedelta(minutes=minutes))
        iris.get("/console")
    assert iris.cookies["cdp-staff"] != old["cdp-staff"]
    later(monkeypatch, sessions, timedelta(minutes=21))
    iris.get("/console")
    later(monkeypatch, sessions, timedelta(minutes=22))
    assert Colleague(iris.app, cookies=old).get("/console").status == 303
    assert iris.get("/console").status == 303
    assert "session_copied" in [each["act"] for each in entries(platform)]


def test_who_is_disabled_is_out_at_once_and_for_ever(iris: Colleague, platform: Platform, another: Colleague) -> None:
    disable_staff(platform, "iris", principal=samples.TESTER)
    assert iris.get("/console").status == 303
    assert Colleague(iris.app).enter(iris.codes[0], name="iris").status == 403


def test_a_customers_session_opens_no_console_and_the_other_way_round(iris: Colleague) -> None:
    swapped = Colleague(iris.app, cookies={"cdp-staff": "x", "cdp-session": iris.cookies["cdp-staff"]})
    assert swapped.get("/portal").header("location") == "/portal/sign-in"
    assert swapped.get("/console").status == 303


def test_attempts_are_on_the_log_without_what_was_typed(iris: Colleague, platform: Platform) -> None:
    Colleague(iris.app).enter("000000", name="my-password-by-mistake", password="x")
    Colleague(iris.app).enter(iris.codes[0], name="iris")
    said = [(each["what"], each["principal"]) for each in entries(platform) if each["act"] == "staff_sign_in"]
    assert said == [("refusal", "staff:unknown"), ("change", "staff:iris")]
    assert "mistake" not in str(entries(platform))


def test_the_first_page_says_how_things_are(iris: Colleague, platform: Platform) -> None:
    samples.add_people(platform, 3)
    shown = text(iris.get("/console"))
    for said in ("Requests of customers", "Identity links", "Unclassified fields", "Events in quarantine", "Witnesses"):
        assert said in shown


def test_of_two_who_bring_one_code_at_once_one_comes_in(iris: Colleague, platform: Platform) -> None:
    """Both have looked the account up before either has used the code."""
    clear(platform)
    found, versions = entering._found(platform, "iris"), platform.in_force().versions
    for right in (True, False):
        with (
            nullcontext() if right else pytest.raises(Refused),
            platform.door.record(Entry("change", "staff_sign_in", samples.TESTER, versions)) as change,
        ):
            entering._use(change, platform, found, 7, "000000")
