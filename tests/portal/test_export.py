"""An export in the portal: asked for, looked at, fetched once, and only after a proof of the last minutes."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from cdp.portal import guard
from cdp.portal.chores import Chores
from cdp.services.sign_in.keeping import FRESH
from tests.portal.test_sign_in import later
from tests.portal.visitor import Visitor, text

PAGE = "/portal/export"


def test_all_the_way(ann: Visitor, platform: Platform) -> None:
    assert "Make my file" in text(ann.get(PAGE))
    assert ann.press(PAGE, PAGE).header("location") == PAGE
    assert "Your file is being made" in text(ann.get(PAGE))
    assert b'"over":false' in ann.get(f"{PAGE}/state").body
    Chores(platform).do()
    assert b'"over":true' in ann.get(f"{PAGE}/state").body
    assert "Your file is ready" in text(ann.get(PAGE))
    answer = ann.press(PAGE, f"{PAGE}/file")
    assert (answer.status, answer.header("content-type"), answer.header("cache-control")) == (
        200, "application/zip", "no-store",
    )  # fmt: skip
    assert answer.body.startswith(b"PK")
    assert str(len(answer.body)) == answer.header("content-length")
    assert "You have fetched your file" in text(ann.get(PAGE))
    assert ann.press(PAGE, f"{PAGE}/file").header("location") == PAGE


def test_nobody_elses(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    ann.press(PAGE, PAGE)
    Chores(platform).do()
    ben = Visitor(app)
    ben.sign_in(platform, "ann1@example.org")
    assert "Make my file" in text(ben.get(PAGE))
    assert ben.get(f"{PAGE}/state").status == 404
    assert ben.press(PAGE, f"{PAGE}/file").header("location") == PAGE
    assert "Your file is ready" in text(ann.get(PAGE)), "hers is still there"


@pytest.mark.parametrize("target", [PAGE, f"{PAGE}/file"])
def test_an_old_session_proves_it_first(
    ann: Visitor, platform: Platform, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    ann.press(PAGE, PAGE)
    Chores(platform).do()
    later(monkeypatch, guard, FRESH + timedelta(seconds=1))
    assert (ann.press(PAGE, target).header("location") or "").startswith("/portal/prove")
    assert "Your file is ready" in text(ann.get(PAGE))


def test_what_waited_too_long_is_said(ann: Visitor, platform: Platform) -> None:
    ann.press(PAGE, PAGE)
    Chores(platform).do()
    old = (datetime.now(UTC) - timedelta(days=2)).isoformat(timespec="microseconds")
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"UPDATE cdp_export SET beat_at = '{old}'")
    assert "was not fetched within a day" in text(ann.get(PAGE))
    assert ann.press(PAGE, f"{PAGE}/file").header("location") == PAGE
