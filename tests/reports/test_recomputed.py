"""Every table of a report that counts something, row by row against plain SQL and the entries themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from cdp.bootstrap import Platform
from cdp.services.canaries.plant import plant
from cdp.services.recipients.agree import Terms, agree, end_agreement
from cdp.services.recipients.known import list_agreements
from cdp.services.releases import build_release
from cdp.services.reports.figures import ALWAYS, Period, period_of
from cdp.services.reports.make import make_report
from tests import samples
from tests.reports.conftest import AUDITOR
from tests.reports.recomputing import EVERYTHING, YEAR, Rows

OF_THE_FILES = {
    "model.fields", "model.opt_outs_known", "views.views", "views.privileges", "views.columns",
    "disclosures.may_leave", "record.processing", "record.categories", "record.measures", "reach.reach",
    "reach.reach_counts",
}  # fmt: skip
"""They count nothing that is stored: what the files say, and what follows; `test_figures` holds them to that."""
TODAY = datetime.now(UTC).date()


@pytest.fixture
def full(busy: Platform) -> Platform:
    """As `busy`, with canaries, agreements, notices, a release and rows of several ages."""
    with busy._database.writing() as conn:
        conn.exec_driver_sql("CREATE TABLE was_there AS SELECT customer_id FROM customer")
    plant(busy, 6, "example.org", principal=samples.TESTER)
    for since, until in ((TODAY, None), (TODAY - timedelta(9), TODAY - timedelta(2)), (TODAY + timedelta(9), None)):
        terms = Terms("acme", "Dana, dana@acme.example", ["full_name"], ["disclosure"], since, until, "7")
        agree(busy, terms, principal=samples.TESTER)
    end_agreement(busy, list_agreements(busy)[0].agreement, principal=samples.TESTER)
    build_release(busy, "insight", principal=samples.TESTER)
    with busy._database.writing() as conn:
        for number, recipient in enumerate(("acme", "acme", "zenith")):
            conn.exec_driver_sql(
                "INSERT INTO cdp_recipient_notice (customer_id, notice_id, request_id, recipient, cause, fields, entry,"
                f" created_at) SELECT min(customer_id), 'n{number}', 'r', '{recipient}', 'correction', 'email', 1, 'x'"
                " FROM customer"
            )
        old = f"cdp__collected - {YEAR + 86_400} * (ordinal - ordinal / 4 * 4)"
        conn.exec_driver_sql(f"UPDATE customer SET cdp__collected = {old} WHERE ordinal - ordinal / 3 * 3 > 0")
        conn.exec_driver_sql("UPDATE customer SET cdp__collected = NULL WHERE ordinal - ordinal / 3 * 3 = 0")
    return busy


def tables(platform: Platform, period: Period) -> dict[str, Rows]:
    report = make_report(platform, principal=AUDITOR, period=period)
    return {f"{each.name}.{table.name}": list(table.rows) for each in report.sections for table in each.tables}


@pytest.mark.parametrize("days", [None, 0, 30])
def test_every_table_that_counts_says_what_plain_sql_says(full: Platform, days: int | None) -> None:
    """Of always, of today, and of days that are over."""
    day = TODAY - timedelta(days or 0)
    period = ALWAYS if days is None else period_of(day, day)
    shown = tables(full, period)
    wanted = {name: rows for each in EVERYTHING for name, rows in each(full, period).items()}
    assert shown.keys() == wanted.keys() | OF_THE_FILES
    for name, rows in wanted.items():
        width = len(rows[0]) if rows else 0
        assert [row[:width] for row in shown[name]] == rows, name
    if days != 30:
        assert [name for name, rows in wanted.items() if not rows] == []
