"""The statement for everybody, in layers and versions; and the notice of it that a customer answers."""

import pytest

from cdp.bootstrap import Platform
from cdp.services.statements.publish import publish_statement
from tests import samples
from tests.portal.visitor import Visitor, text, token
from tests.statements import statement


@pytest.fixture
def published(platform: Platform) -> None:
    publish_statement(platform, statement("1", "We keep little."), principal=samples.TESTER)


@pytest.fixture
def changed(platform: Platform, published: None) -> None:
    newer = statement("2", "We keep nothing.", access="recipients: [acme, zenith]")
    publish_statement(platform, newer, principal=samples.TESTER)


def test_without_one_there_is_no_page(visitor: Visitor) -> None:
    assert visitor.get("/privacy").status == 404
    assert visitor.get("/privacy/1").status == 404


@pytest.mark.usefixtures("published")
def test_anybody_reads_it_in_both_languages(visitor: Visitor) -> None:
    page = visitor.get("/privacy")
    shown = text(page)
    assert page.status == 200
    for words in ("We keep little.", "In short: collecting.", "What holds us to it, and how it changes", "At length."):
        assert words in shown
    assert (
        "Direct marketing because you agreed; you can take that back You can refuse it: Advertising sent to you"
        in shown
    )
    assert 'href="/portal/data/seen/newsletter"' in page.body.decode()
    visitor.language = "zh-CN"
    assert "我们保存得很少。" in text(visitor.get("/privacy"))


@pytest.mark.usefixtures("changed")
def test_every_version_stays_with_what_changed(visitor: Visitor) -> None:
    assert "We keep nothing." in text(visitor.get("/privacy"))
    old = text(visitor.get("/privacy/1"))
    assert "We keep little." in old
    assert "This is an earlier version." in old
    said = text(visitor.get("/privacy/2/changes"))
    assert "taken out: We keep little. added: We keep nothing." in said
    assert "named now: recipient zenith" in said
    assert "This is the first version" in text(visitor.get("/privacy/1/changes"))
    for version in ("3", "%2e%2e", "%3Cscript%3E"):
        assert visitor.get(f"/privacy/{version}").status == 404


@pytest.mark.usefixtures("changed")
def test_she_is_told_what_changed_until_she_has_read_it(ann: Visitor) -> None:
    home = ann.get("/portal")
    assert "Our privacy statement" in text(home)
    assert ann.post("/portal/privacy", {"form_token": token(home), "version": "1"}).status == 400
    answer = ann.post("/portal/privacy", {"form_token": token(home), "version": "2"})
    assert (answer.status, answer.header("location")) == (303, "/portal?read=yes")
    after = text(ann.get(answer.header("location") or ""))
    assert "I have read it" not in after
    assert "read the privacy statement" in text(ann.get("/portal/accesses?own=yes"))


@pytest.mark.usefixtures("published")
def test_what_she_decides_refers_to_the_version_that_she_was_shown(ann: Visitor, platform: Platform) -> None:
    ann.press("/portal/choices", "/portal/choices", opt_out="direct_marketing", state="refused")
    with platform._database.reading() as conn:
        [evidence] = conn.exec_driver_sql("SELECT evidence FROM cdp_consent_event").scalars()
    assert '"statement":"1"' in evidence.replace(" ", "")


@pytest.mark.usefixtures("published")
def test_her_word_is_taken_from_our_page_alone(ann: Visitor) -> None:
    assert ann.post("/portal/privacy", {"form_token": "0" * 64, "version": "1"}).status == 403
