"""Publishing the statement, holding policies to it, telling customers, and keeping what they said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.entries import parse_entry
from cdp.bootstrap import Platform, create_platform
from cdp.errors import BadInput, NotFound, Several
from cdp.services.erase import erase
from cdp.services.model import apply_model
from cdp.services.publish import initialise, publish_policy
from cdp.services.statements.known import before, find_statement, name_in_force, statement_in_force, statements
from cdp.services.statements.notice import acknowledge, notice_for
from cdp.services.statements.publish import publish_statement
from cdp.store.platform import LOG_ENTRY
from tests import samples
from tests.statements import NAMED, statement

WIDER = samples.POLICY_TEXT.replace("fields: [email, full_name]}", "fields: [email, full_name, income]}")
FEWER = """data: [order.*, customer.full_name, customer.email, customer.birth_date, customer.postcode, customer.income,
    customer.religion]"""
MORE = samples.CATALOGUE_TEXT.replace(
    "      loyalty:", "      shoe_size:  {type: integer, sensitivity: personal}\n      loyalty:"
)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(), principal=samples.TESTER)
        yield made


def acts(platform: Platform) -> list[str]:
    with platform._database.reading() as conn:
        rows = conn.execute(LOG_ENTRY.select().with_only_columns(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))
        return [parse_entry(bytes(row[0]))["act"] for row in rows]


def test_versions_follow_each_other_and_each_is_on_the_log(platform: Platform) -> None:
    assert (statement_in_force(platform), name_in_force(platform)) == (None, "")
    first = publish_statement(platform, statement("2026-01"), principal=samples.TESTER)
    again = publish_statement(platform, statement("2026-01"), principal=samples.TESTER)
    second = publish_statement(platform, statement("2026-02", "We keep less."), principal=samples.TESTER)
    assert (first.number, first.changed, again.number, again.changed, second.number) == (1, True, 1, False, 2)
    assert name_in_force(platform) == "2026-02"
    assert [each.statement.version for each in statements(platform)] == ["2026-02", "2026-01"]
    old = before(platform, find_statement(platform, "2026-02"))
    assert old is not None
    assert old.statement.summary["en"] == "We keep little."
    assert acts(platform).count("publish_statement") == 2


def test_a_version_that_people_have_read_does_not_change(platform: Platform) -> None:
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    with pytest.raises(BadInput) as caught:
        publish_statement(platform, statement("1", "We keep everything."), principal=samples.TESTER)
    assert caught.value.code == "statement_version"
    with pytest.raises(NotFound):
        find_statement(platform, "2")


def test_a_statement_that_the_policy_breaks_is_not_published(platform: Platform) -> None:
    with pytest.raises(Several) as caught:
        publish_statement(platform, statement(access="recipients: []"), principal=samples.TESTER)
    assert caught.value.code == "statement_broken"
    assert statement_in_force(platform) is None
    assert "publish_statement" not in acts(platform)


def test_a_policy_that_breaks_the_statement_is_refused_until_people_are_told(platform: Platform) -> None:
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    wider = samples.policy(WIDER)
    assert wider.digest != samples.policy().digest
    with pytest.raises(Several) as caught:
        publish_policy(platform, wider, principal=samples.TESTER)
    assert [fault.code for fault in caught.value.faults] == ["view_wider"]
    assert platform.in_force(fresh=True).policy.digest == samples.policy().digest
    names = "[customer.email, customer.full_name"
    told = NAMED["using"].replace(names, f"{names}, customer.income")
    publish_statement(platform, statement("2", using=told), principal=samples.TESTER)
    assert publish_policy(platform, wider, principal=samples.TESTER).changed


def test_a_catalogue_that_collects_more_than_is_told_is_not_applied(platform: Platform) -> None:
    publish_statement(platform, statement("1", collecting=FEWER), principal=samples.TESTER)
    with pytest.raises(Several) as caught:
        apply_model(platform, samples.catalogue(MORE), principal=samples.TESTER)
    assert "field_unnamed" in [fault.code for fault in caught.value.faults]
    assert platform.in_force(fresh=True).catalogue.digest == samples.catalogue().digest


def test_a_customer_is_told_until_she_has_read_it(platform: Platform) -> None:
    ann = samples.add_people(platform, 1)[0].customer_id
    assert notice_for(platform, ann) is None
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    notice = notice_for(platform, ann)
    assert notice is not None
    assert (notice.is_due, notice.read) == (True, 0)
    for _ in range(2):
        acknowledge(platform, ann, "1", language="zh-Hans")
    notice = notice_for(platform, ann)
    assert notice is not None
    assert not notice.is_due
    publish_statement(platform, statement("2", "Less."), principal=samples.TESTER)
    notice = notice_for(platform, ann)
    assert notice is not None
    assert (notice.is_due, notice.read, notice.published.statement.version) == (True, 1, "2")
    with pytest.raises(BadInput) as caught:
        acknowledge(platform, ann, "1", language="en")
    assert caught.value.code == "statement_moved"
    assert acts(platform).count("read_statement") == 2


def test_an_erasure_takes_along_what_she_has_read(platform: Platform) -> None:
    ann = samples.add_people(platform, 1)[0].customer_id
    publish_statement(platform, statement("1"), principal=samples.TESTER)
    acknowledge(platform, ann, "1", language="en")
    erase(platform, [ann], principal=samples.TESTER, reason="asked")
    with platform._database.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM cdp_statement_read").scalar_one() == 0
