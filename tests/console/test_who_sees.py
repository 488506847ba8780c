"""The page of who sees what: its filter in the address, the rule of a cell, and no page for what there is not."""

import re
from collections.abc import Callable

import pytest

from cdp.bootstrap import Platform
from cdp.console import who_sees
from cdp.services.publish import publish_policy
from cdp.services.staff.permissions import ROLES, Permission
from tests import samples
from tests.api.apps import register
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import text

PAGE = "/console/who-sees"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def fields(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]*?) <span', page)


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col">([^<]*)<', page)


def body(iris: Colleague, query: str = "") -> str:
    answer = iris.get(f"{PAGE}?{query}")
    assert answer.status == 200, query
    return answer.body.decode()


def test_each_role_and_app_has_its_column_and_each_field_its_line(iris: Colleague, platform: Platform) -> None:
    register(platform, "shop", "newsletter")
    page = body(iris)
    assert heads(page) == ["Field", "Agent", "Privacy officer", "Analyst", "Newsletter app", "Acme app", "shop"]
    assert fields(page) == ["Full name", "Email", "Birth date", "Postcode", "Income", "Religion", "Loyalty"]
    assert heads(body(iris, "show=app")) == ["Field", "shop"]
    assert fields(body(iris, "tag=sensitive")) == ["Religion"]
    assert fields(body(iris, "entity=order&tag=personal")) == ["Placed at"]


def test_two_are_compared_and_only_what_differs_is_left(iris: Colleague) -> None:
    page = body(iris, "one=role:agent&other=role:privacy_officer&only=yes")
    assert heads(page) == ["Field", "Agent", "Privacy officer", "Difference"]
    assert fields(page) == ["Email", "Birth date", "Postcode", "Income", "Religion"]
    assert "5 fields of 7 differ." in page


def test_a_cell_says_which_rule_decides_it_and_what_a_refusal_does(iris: Colleague) -> None:
    told = text(iris.get(f"{PAGE}?reader=role:acme_app&field=postcode&tag=personal"))
    for said in ("selective.personal", "acme_share", "Disclosed, generalised where the customer refused.",
                 "Passing your data on to others", "cdp policy explain acme_share --as acme_app"):  # fmt: skip
        assert said in told
    assert "No view of this reader has the field" in text(iris.get(f"{PAGE}?reader=role:analyst&field=email"))
    assert "Not among the rows at all" in text(iris.get(f"{PAGE}?reader=role:newsletter_app&field=email"))


def test_what_does_not_fit_on_a_page_follows_by_its_name(iris: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who_sees, "MOST_READERS", 2)
    monkeypatch.setattr(who_sees, "MOST_CELLS", 6)
    columns, lines, query = [], [], ""
    for _ in range(3):
        page = body(iris, query)
        columns += heads(page)[1:]
        query = next(iter(re.findall(r'href="\?([^"]*)">Further readers', page)), "")
    assert columns == ["Agent", "Privacy officer", "Analyst", "Newsletter app", "Acme app"]
    for _ in range(3):
        page = body(iris, query)
        lines += fields(page)
        query = next(iter(re.findall(r'href="\?([^"]*)">Further fields', page)), "")
    assert lines == ["Full name", "Email", "Birth date", "Postcode", "Income", "Religion", "Loyalty"]
    assert 'href="?">From the beginning' in page


@pytest.mark.parametrize(
    "query",
    [
        "entity=ghost", "tag=secret", "show=everybody", "first=role:ghost", "line=ghost", "tag=sensitive&line=email",
        "one=role:agent&other=role:ghost", "reader=role:ghost&field=email", "reader=role:agent&field=ghost",
        "reader=role:agent", "reader=app:agent&field=email",
    ],
)  # fmt: skip
def test_for_what_there_is_not_there_is_no_page(iris: Colleague, query: str) -> None:
    assert iris.get(f"{PAGE}?{query}").status == 404


def test_who_may_not_see_apps_sees_none_here(
    hired: Callable[..., Colleague], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(platform, "shop", "newsletter")
    iris = hired()
    monkeypatch.setitem(ROLES, "privacy_officer", frozenset(Permission) - {Permission.APPS_READ})
    assert "shop" not in body(iris)
    assert iris.get(f"{PAGE}?reader=app:shop&field=email").status == 404


def test_titles_of_the_policy_come_out_as_text_and_nothing_is_read(iris: Colleague, platform: Platform) -> None:
    policy = samples.policy()
    odd = "<script>alert(1)</script>\"'&"
    view = policy.views["care_desk"].model_copy(update={"title": {"en": odd}})
    publish_policy(
        platform, policy.model_copy(update={"views": {**policy.views, "care_desk": view}}), principal=samples.TESTER
    )
    before = len(entries(platform))
    page = body(iris, "reader=role:agent&field=email")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    assert len(entries(platform)) == before


def test_another_language_keeps_the_filter(iris: Colleague) -> None:
    (there,) = re.findall(r'<a href="([^"]*)" lang="zh-Hans"', body(iris, "entity=order&tag=personal&lang=en"))
    assert there == f"{PAGE}?entity=order&amp;tag=personal&amp;lang=zh-Hans"
    assert len(fields(iris.get(there.replace("&amp;", "&")).body.decode())) == 1


def test_who_may_break_the_glass_is_marked_and_said(iris: Colleague, platform: Platform) -> None:
    said = samples.POLICY_TEXT.replace("roles: [privacy_officer],", "roles: [privacy_officer], break_glass: [agent],")
    assert said != samples.POLICY_TEXT
    publish_policy(platform, samples.policy(said), principal=samples.TESTER)
    page = body(iris, "reader=role:agent&field=religion")
    assert "<small>!</small>" in page
    assert "Not by itself: in full for a short time" in page
    assert page.count("<small>!</small>") == 7
    assert "<small>!</small>" not in body(iris, "entity=order")
