"""What the pages show: hers and nobody else's, as text, under a policy by which a browser runs nothing of it."""

import re

import pytest

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.pages.template import CSP
from cdp.services.read import read_view
from cdp.store.write import NewRow
from tests import samples
from tests.portal.visitor import Visitor, text
from views.request import ViewRequest

PAGES = (
    "/portal",
    "/portal/data",
    "/portal/data/seen",
    "/portal/data/seen/acme_share",
    "/portal/choices",
    "/portal/accesses",
    "/portal/accesses?own=yes",
)
POLYGLOT = "\"'><svg/onload=alert(1)></title></textarea><script>alert(1)</script>{{7*7}}%{8*8}&amp;"


def newsletter(platform: Platform) -> int:
    request = ViewRequest("newsletter", "newsletter_app")
    answer = read_view(platform, request, principal=Principal("app:mail", "newsletter_app"))
    return sum(len(chunk) for chunk in answer.chunks)


def test_she_sees_all_that_is_kept_about_her_and_nothing_of_others(ann: Visitor) -> None:
    shown = " ".join(text(ann.get(page)) for page in PAGES)
    for value in ("Ann Number0", "ann0@example.org", "creed 0", "12.50", "1 First Street"):
        assert value in shown
    for number in range(1, 6):
        assert f"Number{number}" not in shown
        assert f"ann{number}@" not in shown


def test_each_field_says_who_is_shown_what_of_it(ann: Visitor) -> None:
    rows = re.findall(r"<tr>.*?</tr>", ann.get("/portal/data").body.decode(), re.DOTALL)
    shown = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    assert "Newsletter Direct marketing ● in full" in shown
    assert "Care desk Service ◐ masked" in shown
    assert "Acme share passed on to Acme Disclosure ● in full" in shown
    ann.press("/portal/choices", "/portal/choices", opt_out="third_party_disclosure", state="refused")
    again = text(ann.get("/portal/data"))
    assert "Acme share passed on to Acme Disclosure ○ not at all because you refuse" in again
    assert "Acme share passed on to Acme Disclosure ◍ only roughly because you refuse" in again


def test_a_choice_holds_with_the_next_read_and_can_be_undone(ann: Visitor, platform: Platform) -> None:
    assert newsletter(platform) == 6
    answer = ann.press("/portal/choices", "/portal/choices", opt_out="direct_marketing", state="refused")
    assert newsletter(platform) == 5
    done = text(ann.get(answer.header("location") or ""))
    assert "From now on this is refused: Advertising sent to you" in done
    assert "you, on this page" in done
    ann.press("/portal/choices", "/portal/choices", opt_out="direct_marketing", state="allowed")
    assert newsletter(platform) == 6


def test_what_an_opt_out_changes_is_named(ann: Visitor) -> None:
    shown = text(ann.get("/portal/choices"))
    assert "Newsletter : Direct marketing (Newsletter app)" in shown
    assert "Acme share : Disclosure, for Acme (Acme app)" in shown


def test_every_read_of_her_is_told_and_her_own_only_when_she_asks(ann: Visitor, platform: Platform) -> None:
    newsletter(platform)
    shown = text(ann.get("/portal/accesses"))
    assert "Newsletter app" in shown
    assert "6 customers at once" in shown
    assert "You yourself" not in shown
    assert "You yourself" in text(ann.get("/portal/accesses?own=yes"))


def test_looking_is_itself_on_the_log(ann: Visitor, platform: Platform) -> None:
    ann.get("/portal/data")
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").all()
    reads = [bytes(row[0]) for row in rows if b'"view":"my_data"' in bytes(row[0])]
    assert len(reads) == 1
    assert b'"principal":"customer"' in reads[0]
    assert b'"customers":1' in reads[0]


@pytest.mark.parametrize("page", PAGES)
def test_whatever_a_value_holds_it_is_shown_as_text(app: object, platform: Platform, page: str) -> None:
    samples.add(platform, [NewRow({**samples.person(7), "full_name": POLYGLOT, "religion": POLYGLOT})])
    visitor = Visitor(app)
    visitor.sign_in(platform, "ann7@example.org")
    answer = visitor.get(page)
    assert answer.status == 200
    assert b"onload=alert" not in answer.body.replace(b"&lt;svg/onload=alert(1)&gt;", b"")
    assert b"<script>" not in answer.body
    if page == "/portal/data":
        assert "{{7*7}}" in text(answer)


@pytest.mark.parametrize(
    "page", [*PAGES, "/portal/sign-in", "/portal/link?link=x", "/portal/nowhere", "/portal/data?x=%00"]
)
def test_every_answer_has_its_policy_and_is_kept_nowhere(ann: Visitor, page: str) -> None:
    answer = ann.get(page)
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("content-security-policy") in (CSP, "default-src 'none'; frame-ancestors 'none'")


def test_pages_are_small(ann: Visitor) -> None:
    assert max(len(ann.get(page).body) for page in PAGES) < 100_000


def test_assets_may_be_kept_and_only_ours_are_there(ann: Visitor) -> None:
    page = ann.get("/portal").body.decode()
    found = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    assert len(found) == 3
    for address in found:
        answer = ann.get(address)
        assert answer.status == 200
        assert "immutable" in (answer.header("cache-control") or "")
    assert ann.get("/assets/0000000000000000/style.css").status == 404
    assert ann.get("/assets/x/..%2Fpage.js").status == 404
    assert re.findall(r'(?:href|src|action)="(?!/)[^"#]', page) == []


def test_both_languages(app: object, platform: Platform) -> None:
    visitor = Visitor(app, language="zh-CN,zh;q=0.9,en;q=0.5")
    visitor.sign_in(platform, "ann0@example.org")
    assert "我的选择" in text(visitor.get("/portal"))
    assert "My choices" in text(visitor.get("/portal?lang=en"))
    assert "My choices" in text(visitor.get("/portal")), "what she chose is kept"


def test_without_a_view_for_customers_there_is_nothing_to_see(
    ann: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cdp.services.publish import publish_policy

    monkeypatch.setattr("cdp.services.publish.require_sight", lambda *_: None)  # where there never was one
    publish_policy(platform, samples.policy(), principal=samples.TESTER)
    platform.in_force(fresh=True)
    answer = ann.get("/portal/data")
    assert (answer.status, "There is nothing to see yet" in text(answer)) == (403, True)


def test_nobody_else_acts_in_the_role_of_customers(platform: Platform) -> None:
    """Its views are full ones; only the portal, which puts the condition, reads them."""
    for name in ("os:admin", "app:mail", "service:portal"):
        with pytest.raises(Refused):
            read_view(platform, ViewRequest("my_data", "customer"), principal=Principal(name, "customer"))
