"""The page of consent: charts with their tables, small numbers hidden, the laws in force, and the measurement."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.console import consent
from cdp.pages.charts import draw
from cdp.services.background.jobs import Kind, enter_job
from cdp.services.consent_counts import Count
from cdp.services.latency.measure import Measured
from cdp.services.opt_out import refuse
from tests import samples
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import text, token

PAGE = "/console/consent"

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@on_sqlite
def test_what_is_refused_is_drawn_beside_its_table_and_small_numbers_are_not(
    iris: Colleague, platform: Platform
) -> None:
    people = samples.add_people(platform, 23)
    for each in people[:21]:
        refuse(platform, each.customer_id, "direct_marketing", principal=samples.TESTER)
    for each in people[:9]:
        refuse(platform, each.customer_id, "sensitive_data", principal=samples.TESTER)
    page = iris.get(PAGE)
    said = text(page)
    assert "Advertising sent to you 20 100" in said
    assert "Use of your sensitive data fewer than 10 –" in said
    assert page.body.count(b'<div class="drawn">') == 1  # nine are too few to be drawn
    assert f"{datetime.now(UTC):%Y-%m} refused staff no law: nothing is refused until she says so 20" in said
    acts = [body["act"] for body in entries(platform)][-2:]
    assert acts == ["consent_counts", "consent_standing"]
    assert "Nothing is shown yet." in text(iris.get(f"{PAGE}?source=portal"))
    assert iris.get(f"{PAGE}?period=century").status == 200


@on_sqlite
def test_the_last_measurement_is_shown_and_another_is_begun_once(
    iris: Colleague, hired: Callable[..., Colleague], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def start(platform: Platform, kind: Kind, *, principal: Principal) -> None:
        begun.append(enter_job(platform, kind, principal=principal, now=datetime.now(UTC))[0].job_id)

    monkeypatch.setattr(consent, "start_job", start)
    assert "It was not measured yet." in text(iris.get(PAGE))
    facts = Measured("sqlite", 500, 900, {"median": 0.0012, "99 %": 0.0305, "most": 0.25}, 0).facts()
    number = platform.door.note(Entry("change", "measure_latency", samples.TESTER, None, facts))
    said = text(iris.get(PAGE))
    assert "Measured with 500 refusals: no row left after one was acknowledged." in said
    assert "30.5 ms" in said
    assert f'href="/console/log/{number}"'.encode() in iris.get(PAGE).body
    assert "30.5 ms" in text(iris.get("/console"))
    assert iris.post(f"{PAGE}/latency", {"form_token": token(iris.get(PAGE))}).status == 303
    assert begun == ["measure_latency-1"]
    assert "It is being measured" in text(iris.get(PAGE))
    assert b"It begins in a moment." in iris.get(f"{PAGE}/latency/state").body
    support = hired("sue", "support")
    assert "Measure it now" not in text(support.get(PAGE))
    assert support.post(f"{PAGE}/latency", {"form_token": token(support.get(PAGE))}).status == 403


def test_bars_begin_at_zero_and_fit_their_chart() -> None:
    chart = draw(["2026-01", "2026-02"], [{"2026-01": 40, "2026-02": 10}, {"2026-02": 20}])
    assert (chart.top, chart.first, chart.last) == (40, "2026-01", "2026-02")
    heights = {(bar.x, bar.kind): bar.height for bar in chart.bars}
    assert sorted(heights.values()) == [22.5, 45.0, 90.0]
    for bar in chart.bars:
        assert bar.y + bar.height == 104
        assert bar.x >= 0
        assert bar.x + bar.width <= chart.width
    assert draw([], [{}]).bars == ()
    many = [f"{2000 + year}" for year in range(24)]
    assert all(bar.x + bar.width <= 360 for bar in draw(many, [dict.fromkeys(many, 7), dict.fromkeys(many, 5)]).bars)


def test_a_picture_has_its_newest_rows_first_and_the_share_of_the_last_period() -> None:
    counts = [
        Count("2026-01", "direct_marketing", "refused", "portal", "gdpr", 30),
        Count("2026-02", "direct_marketing", "allowed", "portal", "gdpr", 30),
        Count("2026-02", "direct_marketing", "refused", "portal", "gdpr", 10),
    ]
    (picture,) = consent.pictures(counts)
    assert (picture.last, picture.share) == ("2026-02", 25)
    assert [each.period for each in picture.rows] == ["2026-02", "2026-02", "2026-01"]
