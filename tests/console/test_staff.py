"""The pages of staff and of confirming: links by mail, no second person of one's own making, the last officer stays."""

from collections.abc import Callable

import pytest

from cdp.bootstrap import Platform
from cdp.services.staff.accounts import list_accounts
from tests.api.apps import register
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import letters, text

STAFF, CONFIRM = "/console/staff", "/console/confirm"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_somebody_is_added_and_only_she_gets_the_link(iris: Colleague, platform: Platform) -> None:
    answer = iris.press(STAFF, STAFF, name="sam", role="support", email="sam@corp.example")
    assert answer.header("location") == f"{STAFF}?name=sam&done=sent"
    (letter,) = letters(platform)
    assert letter["To"] == "sam@corp.example"
    assert "/console/welcome?link=" in letter.get_payload(decode=True).decode()
    page = iris.get(answer.header("location"))
    assert "welcome?link=" not in page.body.decode()
    assert "has not opened the link yet" in text(page)
    assert iris.press(STAFF, f"{STAFF}/link", name="sam").status == 303
    assert len(letters(platform)) == 2


@pytest.mark.parametrize("role", ["privacy_officer", "second_officer", "emperor", ""])
def test_nobody_makes_herself_a_second_person(iris: Colleague, platform: Platform, role: str) -> None:
    answer = iris.press(STAFF, STAFF, name="puppet", role=role, email="iris2@corp.example")
    assert (answer.status, "Choose a role." in text(answer)) == (400, True)
    assert [each.name for each in list_accounts(platform)] == ["iris"]
    assert 'value="second_officer"' not in iris.get(STAFF).body.decode()


def test_the_last_officer_stays(iris: Colleague, hired: Callable[..., Colleague], platform: Platform) -> None:
    answer = iris.press(STAFF, f"{STAFF}/disable", name="iris", typed="iris")
    assert (answer.status, "The last privacy officer cannot be disabled" in text(answer)) == (400, True)
    olga = hired("olga")
    assert olga.press(STAFF, f"{STAFF}/disable", name="iris", typed="irs").status == 400
    assert olga.press(STAFF, f"{STAFF}/disable", name="iris", typed="iris").status == 303
    assert iris.get(STAFF).status == 303
    assert olga.press(STAFF, f"{STAFF}/disable", name="olga", typed="olga").status == 400


def test_each_account_says_when_it_was_used_and_what_it_may(iris: Colleague, hired: Callable[..., Colleague]) -> None:
    hired("ada", "auditor")
    page = text(iris.get(f"{STAFF}?name=ada"))
    assert "make reports" in page
    assert "decide who is who" not in page
    assert "Last sign-in never" not in page
    assert iris.get(f"{STAFF}?name=ghost").status == 404


def test_an_access_is_confirmed_by_somebody_else_and_that_is_on_the_log(
    iris: Colleague, hired: Callable[..., Colleague], platform: Platform
) -> None:
    app = register(platform, "shop", "newsletter").app
    seen = platform.in_force().policy.digest
    own = {each.name: each.staff for each in list_accounts(platform)}
    answer = iris.press(CONFIRM, CONFIRM, kind="staff", key=own["iris"], seen=seen)
    assert (answer.status, "Somebody else has to decide" in text(answer)) == (403, True)
    assert iris.press(CONFIRM, CONFIRM, kind="app", key=app.client_id, seen="0" * 64).status == 403
    assert iris.press(CONFIRM, CONFIRM, kind="app", key=app.client_id, seen=seen).status == 303
    omar = hired("omar", "second_officer")
    assert omar.press(CONFIRM, CONFIRM, kind="staff", key=own["iris"], seen=seen).status == 303
    done = [(each["principal"], each["of"]) for each in entries(platform) if each["act"] == "access_confirmed"]
    assert done == [("staff:iris", "app:shop"), ("staff:omar", "staff:iris")]
    assert iris.press(CONFIRM, CONFIRM, kind="customer", key="x", seen=seen).status == 400


def test_where_it_is_enforced_an_unconfirmed_account_is_told_so(
    iris: Colleague, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = platform.settings.model_copy(update={"access_enforced": True})
    monkeypatch.setattr(platform, "settings", settings)
    assert iris.get(STAFF).status == 200
    monkeypatch.setattr("cdp.console.guard.is_held_back", lambda *_: True)
    assert "Your access waits to be confirmed" in text(iris.get(STAFF))
    assert iris.get("/console/account").status == 200
    assert [each["needs"] for each in entries(platform) if each["what"] == "refusal"] == ["staff_read"]
