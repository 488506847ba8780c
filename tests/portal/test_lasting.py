"""Until when something is kept, as she reads it: by the catalogue, what was declared, a law; before she goes, too."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from cdp.asgi import create_app
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.keeping import end_of_month, later, midnight, parse_period
from cdp.pages.language import written_date
from cdp.services.herself.own_data import own_data
from cdp.services.publish import initialise
from cdp.services.retention.run import run
from cdp.services.retention.terms import By
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import ADDRESS, POLICY
from tests.portal.visitor import Visitor, text

REASON = "{en: Tax law, zh-Hans: 税法}"
HOLD = f"hold: {{reason: {REASON}, basis: legal_obligation, purpose: service, period: 10 years, since: placed_at}}"
CATALOGUE = (
    samples.CATALOGUE_TEXT.replace("category: user.financial,", "category: user.financial, retention: 1 year,")
    .replace("category: user.demographic.religious_belief", "category: user.demographic.religious_belief, "
             "retention: 90 days, when_outdated: ask")
    .replace("  customer:\n", "  customer:\n    retention: 5 years\n")
    .replace("    belongs_to: customer\n", "    belongs_to: customer\n    retention: 3 years\n")
    .replace("type: decimal, sensitivity: none", f"type: decimal, sensitivity: none, {HOLD}")
)  # fmt: skip
TODAY = datetime.now(UTC).date()
HELD_UNTIL = end_of_month(later(date(2026, 3, 2), parse_period("10 years")))


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name in ("APP", "SUBJECT", "ADDRESS"):
        monkeypatch.setenv(f"CDP_LIMIT_{name}", "0")
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=samples.TESTER)
        people = samples.add_people(made, 2)
        order = {"placed_at": "2026-03-02T10:00:00Z", "total": "12.50", "paid": True, "address": "1 First Street"}
        samples.add(made, [NewRow(order, customer_id=people[0].customer_id)], "order")
        with made._database.writing() as conn:
            at = int(midnight(TODAY - timedelta(days=30)).timestamp())
            for table in ("customer", '"order"'):
                conn.exec_driver_sql(f"UPDATE {table} SET cdp__collected = {at}")
        yield made


def shown(day: date) -> str:
    return f"Until {written_date(day.isoformat(), 'en')}."


def test_every_value_says_until_when_and_by_what(app: FastAPI, platform: Platform) -> None:
    ann = Visitor(app)
    ann.sign_in(platform, ADDRESS)
    page = text(ann.get("/portal/data"))
    year = later(TODAY - timedelta(days=30), parse_period("1 year"))
    assert f"{shown(year)} 1 year after it was last told us or confirmed. Then it is deleted." in page
    asked = TODAY + timedelta(days=60)
    assert f"{shown(asked)} 90 days after it was last told us or confirmed. Then you are asked" in page
    order = later(TODAY - timedelta(days=30), parse_period("3 years"))
    assert f"{shown(order)} 3 years after it was last told us or confirmed" in page
    assert f"by law until {written_date(HELD_UNTIL.isoformat(), 'en')}" in page


def test_once_she_is_asked_she_is_told_by_when_to_answer(app: FastAPI, platform: Platform) -> None:
    run(platform, principal=samples.TESTER, today=TODAY + timedelta(days=61))
    ann = Visitor(app)
    ann.sign_in(platform, ADDRESS)
    page = text(ann.get("/portal/data"))
    assert f"{shown(TODAY + timedelta(days=91))} 90 days after it was last told us or confirmed. You were asked" in page


def test_what_was_declared_counts_if_it_is_shorter(platform: Platform) -> None:
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_provenance SET retention = 'P2M'")
        customer_id = conn.exec_driver_sql('SELECT customer_id FROM "order"').scalar_one()
    me, orders = own_data(platform, customer_id, frozenset(), today=TODAY)
    [term] = orders.terms.values()
    assert term.ending is not None
    assert (term.ending.by, term.ending.until) == (By.DECLARED, later(TODAY - timedelta(days=30), parse_period("P2M")))
    [hers] = me.terms.values()
    assert hers.values["full_name"].ending == term.ending, "her own row goes by what was last heard from her"


@pytest.mark.parametrize("page", ["/portal/erase", "/portal/requests/new/erasure"])
def test_she_is_told_what_a_law_keeps_before_she_asks(app: FastAPI, platform: Platform, page: str) -> None:
    for address, says in ((ADDRESS, True), ("ann1@example.org", False)):
        visitor = Visitor(app)
        visitor.sign_in(platform, address)
        said = text(visitor.get(page))
        until = f"Tax law: 1 value, until {written_date(HELD_UNTIL.isoformat(), 'en')}, sealed apart"
        assert (until in said) is says, "of somebody without an order nothing stays"


def test_and_while_her_request_waits(app: FastAPI, platform: Platform) -> None:
    ann = Visitor(app, language="zh-CN")
    ann.sign_in(platform, ADDRESS)
    page = "/portal/requests/new/erasure"
    where = ann.press(page, page, text="").header("location") or ""
    assert f"1 项数据，最迟保存至{written_date(HELD_UNTIL.isoformat(), 'zh-Hans')}" in text(ann.get(where))


@pytest.fixture
def app(platform: Platform) -> Iterator[FastAPI]:
    made = create_app(platform)
    yield made
    made.state.traffic.close()
