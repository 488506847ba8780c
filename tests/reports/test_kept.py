"""Reports that are kept: made once, taken up after a death, due or not, deleted in time; and the days they count."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from cdp.bootstrap import Platform
from cdp.errors import CdpError
from cdp.pages.reports.render import rendering
from cdp.services.reports import kept
from cdp.services.reports.figures import ALWAYS, Period, period_of
from cdp.services.reports.make import make_report
from cdp.services.reports.pack import issue_report
from cdp.store.reporting import REPORT
from tests import samples
from tests.reports.conftest import AUDITOR

RENDER = rendering(pdf=False)


def now() -> datetime:
    return datetime.now(UTC)


def ask(platform: Platform, *sections: str) -> kept.Kept:
    return kept.ask_report(platform, principal=AUDITOR, language="en", sections=sections, period=ALWAYS)


def test_one_that_was_asked_for_is_made_once_and_fetched(busy: Platform) -> None:
    asked = ask(busy, "model", "views")
    with pytest.raises(CdpError) as caught:
        kept.fetch_report(busy, asked.report, principal=AUDITOR)
    assert caught.value.code == "unknown_report"
    assert (kept.carry_out(busy, RENDER, now=now()), kept.carry_out(busy, RENDER, now=now())) == (1, 0)
    found, archive = kept.fetch_report(busy, asked.report, principal=AUDITOR)
    assert (found.state, found.done, found.size, archive[:2]) == ("ready", 2, len(archive), b"PK")


def test_whoever_dies_over_it_is_followed_by_another_and_writes_nothing_more(busy: Platform) -> None:
    asked = ask(busy, "model")
    mine = kept._take(busy, now())
    assert mine is not None
    assert kept.carry_out(busy, RENDER, now=now()) == 0
    later = now() + kept.SILENT + timedelta(minutes=1)
    assert kept.carry_out(busy, RENDER, now=later) == 1
    assert kept._make(busy, mine, RENDER) == 0
    assert kept.find_report(busy, asked.report).attempt == 2


def test_one_that_cannot_be_made_says_why_and_keeps_no_other_from_being_made(busy: Platform) -> None:
    def broken(*_: object) -> dict[str, bytes]:
        raise RuntimeError("a value")

    asked = ask(busy, "model")
    assert kept.carry_out(busy, broken, now=now()) == 1
    found = kept.find_report(busy, asked.report)
    assert (found.state, found.code) == ("failed", "internal")


def test_one_is_due_when_the_last_whole_one_is_old(busy: Platform) -> None:
    assert kept.is_due(busy, now())
    for sections in (["model"], []):
        files = issue_report(busy, principal=AUDITOR, language="en", render=RENDER, sections=sections)
        kept.keep_report(busy, files, principal=AUDITOR, language="en", sections=sections, period=ALWAYS)
        assert kept.is_due(busy, now()) is bool(sections)
    assert kept.is_due(busy, now() + timedelta(days=busy.settings.report_days))


def test_those_whose_time_is_over_are_deleted_and_that_is_on_the_log(busy: Platform) -> None:
    old, new = ask(busy, "model"), ask(busy, "model")
    kept.carry_out(busy, RENDER, now=now())
    long_ago = (now() - timedelta(days=busy.settings.report_keep_days + 1)).isoformat(timespec="microseconds")
    busy.door.keep(update(REPORT).where(REPORT.c.report == old.report).values(asked_at=long_ago))
    assert (kept.sweep(busy, now=now()), kept.sweep(busy, now=now())) == (1, 0)
    assert [each.report for each in kept.list_reports(busy)] == [new.report]


def test_days_bound_what_happened_and_not_what_stands(busy: Platform) -> None:
    def figures(period: Period) -> dict[str, list[object]]:
        report = make_report(busy, principal=AUDITOR, period=period)
        said = json.loads(report.encode())
        return {
            f"{each['name']}.{table['name']}": table["rows"] for each in said["sections"] for table in each["tables"]
        }

    today = now().date()
    everything, here = figures(ALWAYS), figures(period_of(today, today))
    before = figures(period_of(None, date(2020, 1, 1)))
    assert sum(row[1] for row in before["accesses.by_month"]) == 0
    assert before["requests.request_states"] == before["disclosures.disclosed"] == []
    assert here["requests.request_states"] == everything["requests.request_states"] != []
    assert [row[:3] for row in here["accesses.by_view"]] == [row[:3] for row in everything["accesses.by_view"]] != []
    for name in ("model.fields", "profile.fill", "opt_outs.standing", "views.views"):
        assert before[name] == everything[name]
    with pytest.raises(CdpError):
        period_of(date(2026, 2, 1), date(2026, 1, 1))


def test_what_is_asked_for_has_known_sections(busy: Platform) -> None:
    with pytest.raises(CdpError) as caught:
        kept.ask_report(busy, principal=samples.TESTER, language="en", sections=["salaries"], period=ALWAYS)
    assert caught.value.code == "unknown_section"
