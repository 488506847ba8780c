"""Agreements with recipients: kept, held against the policy, ended; and what is wrong with one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cdp.errors import CdpError
from cdp.services.read import count_view, explain_view
from cdp.services.recipients.agree import Terms, agree, end_agreement
from cdp.services.recipients.compare import recipients_of
from cdp.services.recipients.known import Standing, contacts, list_agreements, today
from cdp.services.reports.make import make_report
from tests import samples
from views.request import ViewRequest

TERMS = Terms(
    "acme", "Dana, privacy@acme.example", ["full_name", "postcode", "order.total"], ["disclosure"], date(2026, 1, 1),
    date(2026, 12, 31), "contract 7",
)  # fmt: skip


@pytest.fixture
def platform(tmp_path, database_url, keys_url):
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        yield made


def acme(platform, day):
    return recipients_of(platform.in_force(), list_agreements(platform), day)["acme"]


def test_what_the_policy_gives_is_held_against_what_was_agreed(platform):
    day = date(2026, 6, 1)
    nothing = acme(platform, day)
    assert (nothing.is_amiss, nothing.is_past, nothing.agreements) == (True, False, ())
    assert set(nothing.beyond) == {"customer.full_name", "customer.postcode", "customer.income",
                                   "order.total", "order.paid"}  # fmt: skip
    agree(platform, TERMS, principal=samples.TESTER)
    some = acme(platform, day)
    assert (some.is_amiss, some.beyond, some.purposes_beyond) == (True, ["customer.income", "order.paid"], [])
    agree(platform, replace(TERMS, fields=["income", "order.paid"]), principal=samples.TESTER)
    assert not acme(platform, day).is_amiss


def test_an_agreement_begins_runs_out_and_is_ended(platform):
    agree(platform, TERMS, principal=samples.TESTER)
    (made,) = list_agreements(platform)
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [made.standing(day) for day in days] == [
        Standing.TO_COME, Standing.HOLDS, Standing.HOLDS, Standing.RUN_OUT
    ]  # fmt: skip
    assert [acme(platform, day).is_past for day in days] == [False, False, False, True]
    end_agreement(platform, made.agreement, principal=samples.TESTER)
    assert acme(platform, date(2026, 6, 1)).is_past
    with pytest.raises(CdpError) as caught:
        end_agreement(platform, made.agreement, principal=samples.TESTER)
    assert caught.value.code == "agreement_ended"
    assert contacts(platform) == {"acme": "Dana, privacy@acme.example"}


def test_the_report_has_every_agreement_and_who_has_none(platform):
    def told():
        (section,) = make_report(platform, principal=samples.TESTER, sections=["disclosures"]).sections
        (table,) = [each for each in section.tables if each.name == "agreements"]
        return [(row[0], row[1], row[6]) for row in table.rows]

    assert told() == [("acme", "not_agreed", None)]
    agree(platform, replace(TERMS, recipient="zenith", until=None), principal=samples.TESTER)
    assert told() == [("acme", "not_agreed", None), ("zenith", "holds", TERMS.contact)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient": "Acme Ltd"}, "bad_recipient"),
        ({"contact": " "}, "bad_contact"),
        ({"contact": "a\nb c"}, "bad_contact"),
        ({"reference": "x" * 301}, "bad_contact"),
        ({"until": date(2025, 1, 1)}, "bad_term"),
        ({"fields": []}, "bad_agreement"),
        ({"purposes": []}, "bad_agreement"),
        ({"fields": ["salary"]}, "unknown_field"),
        ({"purposes": ["world_domination"]}, "unknown_purpose"),
    ],
)
def test_what_is_none_is_not_kept(platform, change, code):
    with pytest.raises(CdpError) as caught:
        agree(platform, replace(TERMS, **change), principal=samples.TESTER)
    assert caught.value.code == code
    assert list_agreements(platform) == []


def test_where_all_agreements_are_over_nothing_is_read_for_the_recipient(platform):
    def code(read):
        try:
            read()
        except CdpError as error:
            return error.code
        return ""

    def share():
        samples.rows_of(platform, "acme_share")

    day = today()
    request = ViewRequest("acme_share", "acme_app")
    assert code(share) == ""
    agree(platform, replace(TERMS, since=day - timedelta(9), until=day - timedelta(1)), principal=samples.TESTER)
    assert code(share) == code(lambda: samples.rows_of(platform, "acme_orders")) == "no_agreement"
    assert code(lambda: count_view(platform, request, principal=samples.TESTER)) == "no_agreement"
    explain_view(platform, request, principal=samples.TESTER)
    assert samples.rows_of(platform, "newsletter") == []
    agree(platform, replace(TERMS, since=day + timedelta(1), until=None), principal=samples.TESTER)
    assert code(share) == "no_agreement"
    agree(platform, replace(TERMS, since=day, until=day), principal=samples.TESTER)
    assert code(share) == ""
    end_agreement(platform, list_agreements(platform)[0].agreement, principal=samples.TESTER)
    assert code(share) == "no_agreement"
    with platform._database.reading() as conn:
        log = b"".join(bytes(row[0]) for row in conn.exec_driver_sql("SELECT entry FROM cdp_log_entry"))
    assert log.count(b'"code":"no_agreement"') == 5
