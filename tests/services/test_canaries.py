"""Canaries: like everybody, known to nobody; where one appears and must not, that is an alarm, and nowhere else."""

import json
import random
from pathlib import Path

import pytest
from sqlalchemy import select, update

from audit.entries import Entry, Principal
from cdp.catalogue.places import REFUSED_PREFIX
from cdp.errors import CdpError
from cdp.ingest.sources import add_source
from cdp.ingest.spool import Intake
from cdp.services.canaries.alarms import count_open, raised, settle
from cdp.services.canaries.known import canaries
from cdp.services.canaries.likely import likely
from cdp.services.canaries.look import look
from cdp.services.canaries.plant import plant
from cdp.services.canaries.retire import retire
from cdp.services.consent_counts import count_consent
from cdp.services.imports.load import import_file
from cdp.services.rebuild_consent import rebuild_consent
from cdp.services.releases import build_release
from cdp.services.reports.make import make_report
from cdp.store.tables import build_schema
from cdp.store.watching import CANARY
from tests import samples
from tests.ingest.sending import drain, identify, send

REAL = 60
NEWSLETTER = Principal("app:shop", "newsletter_app")


@pytest.fixture
def platform(tmp_path, database_url, keys_url):
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        people = samples.add_people(made, REAL)
        orders = [samples.NewRow({"placed_at": "2026-01-02T03:04:05+00:00", "total": "9.50", "paid": True,
                                  "address": "7 Mill Lane"}, each.customer_id, each.customer_id)
                  for each in people for _ in range(2)]  # fmt: skip
        samples.add(made, orders, "order")
        plant(made, 10, "example.org", principal=samples.TESTER)
        yield made


def of(platform, view, **options):
    return samples.rows_of(platform, view, **options)


def ids(platform, *, refuses):
    return {each.customer_id for each in canaries(platform) if each.refuses is refuses}


def address_of(platform, customer_id):
    """Her address, as the newsletter gets it; and that reading it is on the log."""
    return next(row[1] for row in of(platform, "newsletter") if row[0] == customer_id)


def test_half_refuse_everything_and_views_treat_them_as_everybody(platform):
    refusing, open_ = ids(platform, refuses=True), ids(platform, refuses=False)
    assert (len(refusing), len(open_)) == (5, 5)
    read = {row[0] for row in of(platform, "newsletter")}
    assert refusing.isdisjoint(read)
    assert open_ < read
    assert len(of(platform, "care_desk")) == REAL + 10
    rebuild_consent(platform, principal=samples.TESTER)
    assert refusing.isdisjoint({row[0] for row in of(platform, "newsletter")})
    assert look(platform) == []


def test_nothing_that_views_show_tells_a_canary_from_others(platform):
    """An app that reads every view: each value is one that others have, or has the form of theirs."""
    everyone = {row[0]: row for row in of(platform, "privacy_office")}
    planted = ids(platform, refuses=True) | ids(platform, refuses=False)
    real = [row for key, row in everyone.items() if key not in planted]
    for key in planted:
        _, name, email, birth, postcode, income, religion, loyalty = everyone[key]
        assert name.split()[0] in {row[1].split()[0] for row in real}
        assert email.endswith("@example.org")
        for value, column in ((birth, 3), (postcode, 4), (income, 5), (religion, 6), (loyalty, 7)):
            assert value in {row[column] for row in real}
        together = [row for row in real if (row[3], row[5], row[6]) == (birth, income, religion)]
        assert len(together) <= 1  # that all three come from one person is chance, and not the rule
    orders = of(platform, "care_orders")
    assert planted <= {row[0] for row in orders}
    assert {len([1 for row in orders if row[0] == key]) for key in planted} == {2}


def test_who_they_are_stands_nowhere_in_the_clear(platform):
    planted = [each.customer_id for each in canaries(platform)]
    rows = platform.door.lookup(select(CANARY.c.canary, CANARY.c.sealed))
    assert len({len(bytes(sealed)) for _, sealed in rows}) == 1
    for name, sealed in rows:
        assert all(each not in name and each.encode() not in bytes(sealed) for each in planted)
    with platform._database.reading() as conn:
        log = b"".join(bytes(row[0]) for row in conn.exec_driver_sql("SELECT entry FROM cdp_log_entry"))
    assert all(each.encode() not in log for each in planted)
    assert b"canaries_planted" in log


def test_one_who_refused_everything_and_is_read_all_the_same_is_an_alarm(platform):
    (victim, *_) = ids(platform, refuses=True)
    with platform.door.record(Entry("change", "opt_out", samples.TESTER, platform.in_force().versions)) as change:
        customer = build_schema(platform.in_force().catalogue, change.conn.dialect.name).customer
        flags = {column.name: False for column in customer.c if column.name.startswith(REFUSED_PREFIX)}
        change.conn.execute(update(customer).where(customer.c.customer_id == victim).values(flags))
    assert victim in {row[0] for row in of(platform, "newsletter")}
    (alarm,) = look(platform)
    assert (alarm.kind, alarm.view, alarm.by) == ("not_withheld", "newsletter", "os:tester")
    assert look(platform) == []
    assert look(platform, everything=True) == []
    settle(platform, alarm.entry, principal=samples.TESTER)
    assert (count_open(platform), raised(platform)[0].settled_by) == (0, "os:tester")
    with pytest.raises(CdpError):
        settle(platform, alarm.entry, principal=samples.TESTER)


def test_an_import_that_names_her_discloses_who_had_read_her(platform, tmp_path: Path):
    (victim, *_) = ids(platform, refuses=False)
    address = address_of(platform, victim)
    assert look(platform) == []
    file = tmp_path / "bought.csv"
    file.write_text(f"email,loyalty\nnobody@example.net,gold\n{address},gold\n")
    import_file(platform, file, principal=samples.TESTER, progress=lambda *_: None)
    (alarm,) = look(platform)
    assert (alarm.kind, alarm.by, alarm.suspects) == ("named_outside", "os:tester", ("os:tester",))


def test_an_app_that_returns_her_address_to_ingest_is_found(platform):
    (victim, *_) = ids(platform, refuses=False)
    address = address_of(platform, victim)
    _, write_key = add_source(platform, "web", principal=samples.TESTER, trusted=True)
    send(Intake(platform), write_key, identify(1, email=address))
    assert drain(platform) == 1
    (alarm,) = look(platform)
    assert (alarm.kind, alarm.by, alarm.suspects) == ("named_outside", "source:web", ("os:tester",))


def test_releases_reports_and_rates_leave_them_out(platform):
    build_release(platform, "insight", principal=samples.TESTER)
    with platform._database.reading() as conn:
        made = [json.loads(bytes(row[0])) for row in conn.exec_driver_sql("SELECT entry FROM cdp_log_entry")]
    (sizes,) = [(each["size"], each["suppressed"]) for each in made if each["act"] == "release"]
    assert sum(sizes) == REAL
    report = make_report(platform, principal=samples.TESTER, sections=["opt_outs", "profile"])
    tables = {table.name: table.rows for section in report.sections for table in section.tables}
    assert [count for _, count in tables["standing"]] == [None] * 4
    assert tables["choices"] == []
    assert [row[2] for row in tables["age"] if row[0] == "customer" and row[2]] == [REAL]
    plant(platform, 40, "example.org", principal=samples.TESTER)
    assert count_consent(platform, principal=samples.TESTER) == []


@pytest.mark.parametrize(
    ("number", "domain"), [(0, "example.org"), (1001, "example.org"), (1, "example"), (1, "a@b.c")]
)
def test_what_cannot_be_planted_is_not(platform, number, domain):
    with pytest.raises(CdpError) as caught:
        plant(platform, number, domain, principal=samples.TESTER)
    assert (caught.value.code, len(canaries(platform))) == ("bad_canaries", 10)


def test_among_few_a_canary_would_stand_out(tmp_path, database_url, keys_url):
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        samples.add_people(made, 5)
        with pytest.raises(CdpError) as caught:
            plant(made, 1, "example.org", principal=samples.TESTER)
    assert caught.value.code == "too_few_customers"


def test_what_would_reach_or_tell_of_somebody_is_not_taken_over():
    entity = samples.catalogue().entities["customer"]
    people = [
        {**samples.person(number), "full_name": name} for number, name in enumerate(["李小明", "王芳", "张伟"] * 3)
    ]
    made = likely(entity, people, "corp.example", random.Random(4))
    assert made["email"].endswith("@corp.example")
    assert made["full_name"][0] in "李王张"
    assert set(made) == set(entity.fields)


def test_a_selective_view_that_shows_more_of_her_than_may_be_is_an_alarm(platform):
    of(platform, "acme_share")
    of(platform, "acme_orders")
    assert look(platform) == []
    victims = ids(platform, refuses=True)
    with platform.door.record(Entry("change", "opt_out", samples.TESTER, platform.in_force().versions)) as change:
        customer = build_schema(platform.in_force().catalogue, change.conn.dialect.name).customer
        flags = {f"{REFUSED_PREFIX}third_party_disclosure": False}
        change.conn.execute(update(customer).where(customer.c.customer_id.in_(sorted(victims)[:1])).values(flags))
    of(platform, "care_desk")
    of(platform, "acme_share")
    (alarm,) = look(platform)
    assert (alarm.kind, alarm.view, alarm.by) == ("not_masked", "acme_share", "os:tester")
    assert look(platform) == []


def test_those_who_are_retired_are_erased_and_known_no_longer(platform):
    before = {each.customer_id for each in canaries(platform)}
    for number in (0, 11):
        with pytest.raises(CdpError):
            retire(platform, number, principal=samples.TESTER, reason="a test")
    assert retire(platform, 4, principal=samples.TESTER, reason="a test") == 6
    left = {each.customer_id for each in canaries(platform)}
    shown = {row[0] for row in of(platform, "privacy_office", role="privacy_officer")}
    assert (len(left), left < before, before & shown) == (6, True, left)
    assert retire(platform, 6, principal=samples.TESTER, reason="a test") == 0
    assert look(platform) == []
    assert plant(platform, 2, "example.org", principal=samples.TESTER) == 2
    assert look(platform, everything=True) == []
