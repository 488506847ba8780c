"""Reports in the console: for whom, what leaves, and that it holds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.pages.reports import render
from cdp.portal.chores import Chores
from cdp.services.reports.verify import verify_report
from tests import samples
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import text

REPORTS = "/console/reports"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_an_auditor_asks_for_a_report_that_a_server_makes_and_that_holds(
    hired: Callable[..., Colleague], platform: Platform, tmp_path: Path
) -> None:
    samples.add_people(platform, 3)
    ada = hired("ada", "auditor")
    form = {"section_model": "yes", "section_record": "yes", "language": "zh-Hans", "since": "2026-01-01"}
    asked = ada.press(REPORTS, REPORTS, **form).header("location")
    assert "Your report is being made" in text(ada.get(asked))
    state = ada.get(asked.replace("/reports?", "/reports/state?")).json
    assert (state["done"], state["of"], state["over"]) == (0, 2, False)
    Chores(platform).do()
    assert ada.get(asked.replace("/reports?", "/reports/state?")).json["over"]
    assert "Your report is ready" in text(ada.get(asked))
    answer = ada.press(REPORTS, f"{REPORTS}/file", report=asked.partition("report=")[2])
    assert (answer.status, answer.header("content-type")) == (200, "application/zip")
    name = answer.header("content-disposition").partition('filename="')[2].rstrip('"')
    (tmp_path / name).write_bytes(answer.body)
    verified = verify_report(tmp_path / name, log=platform.keeper.verifier)
    assert (verified.manifest.made_by, verified.manifest.language) == ("staff:ada", "zh-Hans")
    assert "report.pdf" in [each.path for each in verified.manifest.files]
    made = [each for each in entries(platform) if each["act"] in ("report_asked", "report", "report_made")]
    assert [(each["principal"], each["sections"]) for each in made] == [("staff:ada", ["model", "record"])] * 3


def test_a_report_of_nothing_is_not_made(iris: Colleague, platform: Platform) -> None:
    for form in ({"language": "en"}, {"section_salaries": "yes", "language": "en"}, {"section_model": "yes"}):
        answer = iris.press(REPORTS, REPORTS, **form)
        assert (answer.status, "at least one section" in text(answer)) == (400, True)
    assert [each for each in entries(platform) if each["act"] == "report"] == []


def test_support_makes_none(hired: Callable[..., Colleague]) -> None:
    sam = hired("sam", "support")
    assert sam.get(REPORTS).status == 403
    assert REPORTS not in sam.get("/console").body.decode()


def test_without_reportlab_there_is_no_pdf_and_the_page_says_so(
    iris: Colleague, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "find_spec", lambda _name: None)
    assert "reportlab has to be installed" in text(iris.get(REPORTS))
    asked = iris.press(REPORTS, REPORTS, section_model="yes", language="en").header("location")
    Chores(platform).do()
    answer = iris.press(REPORTS, f"{REPORTS}/file", report=asked.partition("report=")[2])
    assert (answer.status, b"report.pdf" in answer.body) == (200, False)


def test_days_that_are_none_and_reports_that_are_not_there(iris: Colleague) -> None:
    form = {"section_model": "yes", "language": "en"}
    assert iris.press(REPORTS, REPORTS, **form, since="soon").status == 400
    assert iris.press(REPORTS, REPORTS, **form, since="2026-02-01", until="2026-01-01").status == 400
    assert iris.get(f"{REPORTS}?report=ghost").status == 404
    assert iris.press(REPORTS, f"{REPORTS}/file", report="ghost").status == 404
