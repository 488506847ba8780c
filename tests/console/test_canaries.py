"""The page of canaries: alarms with whoever had read her, seen to by somebody, and nothing that says who she is."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert

from cdp.api.traffic.metrics import Metrics
from cdp.bootstrap import Platform
from cdp.portal.chores import Chores
from cdp.services.canaries.known import canaries
from cdp.services.canaries.plant import plant
from cdp.store.watching import CANARY_ALARM
from tests import samples
from tests.console.conftest import Colleague
from tests.portal.visitor import text

PAGE = "/console/canaries"
ODD = "<script>alert(1)</script>"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def raise_alarm(platform: Platform, entry: int) -> None:
    values = {"entry": entry, "kind": "named_outside", "by": "source:web", "view": "", "suspects": f"app:shop,{ODD}"}
    with platform._database.writing() as conn:
        at = "2026-01-01T00:00:00.000000+00:00"
        conn.execute(insert(CANARY_ALARM).values(**values, at=at, found_at=at))


def test_an_alarm_is_shown_and_seen_to(iris: Colleague, hired: Callable[..., Colleague], platform: Platform) -> None:
    assert "None is planted yet." in text(iris.get(PAGE))
    samples.add_people(platform, 30)
    plant(platform, 2, "example.org", principal=samples.TESTER)
    raise_alarm(platform, 7)
    page = iris.get(PAGE).body.decode()
    assert ODD not in page
    assert "&lt;script&gt;" in page
    assert all(each.customer_id not in page for each in canaries(platform))
    assert "Something is wrong" in text(iris.get("/console"))
    assert hired("ada", "auditor").press(PAGE, PAGE, entry="7").status == 403
    assert iris.press(PAGE, PAGE, entry="7").status == 303
    assert iris.press(PAGE, PAGE, entry="7").status == 404
    assert iris.press(PAGE, PAGE, entry="seven").status == 400
    assert "Nothing is wrong" in text(iris.get("/console"))


def test_a_server_looks_by_itself_and_says_how_many_are_open(platform: Platform) -> None:
    metrics = Metrics()
    raise_alarm(platform, 3)
    Chores(platform, tell=metrics.canary_alarms.set).do()
    assert b"cdp_canary_alarms 1.0" in metrics.text()
