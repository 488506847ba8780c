"""Letters to people who are asked: with the question, in her language, once a night; and what a law keeps then."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.services.herself.renewing import drop, questions
from cdp.services.letters.outbox import send_letters
from cdp.services.publish import initialise
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.states import Kind
from cdp.services.retention.run import run
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import POLICY
from tests.portal.visitor import letters
from tests.retention.test_run import CATALOGUE, TODAY, aged
from tests.samples import TESTER

ASKS = CATALOGUE.replace("    retention: 3 years\n", "    retention: 3 years\n    when_outdated: ask\n")
ENGLISH, CHINESE = "look whether it is still right", "请查看是否仍然正确"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(ASKS), samples.policy(POLICY), principal=TESTER)
        yield made


def told(platform: Platform, words: str) -> list[str]:
    send_letters(platform)
    return [said for each in letters(platform) if words in (said := each.get_payload(decode=True).decode())]


def ordered(platform: Platform, customer_id: str, total: str | None = "1.50") -> str:
    """An order of three years ago, of which she is to be asked."""
    order = {"placed_at": f"{TODAY - timedelta(days=1100)}T10:00:00+00:00", "total": total, "address": "1 First Street"}
    (row,) = samples.add(platform, [NewRow(order, customer_id=customer_id)], "order")
    aged(platform, row, 3 * 366, "order")
    return row.row_id


def test_one_letter_a_night_in_her_language_without_anything_that_is_kept(platform: Platform) -> None:
    ann, ben, nobody = samples.add_people(platform, 3)
    file_request(platform, ann.customer_id, Filing(Kind.QUESTION, "您好", "zh-Hans"), principal=TESTER)
    for each in (ann, ben, nobody):
        aged(platform, each, 100)
    ordered(platform, ann.customer_id)
    run(platform, principal=TESTER, today=TODAY)
    assert len(questions(platform, ann.customer_id)) == 2
    (hers,) = [each for each in told(platform, CHINESE) if ENGLISH not in each]
    assert "/portal/renew" in hers
    until = TODAY + timedelta(days=30)
    assert f"{until.year}年{until.month}月{until.day}日" in hers
    both = [each for each in told(platform, CHINESE) if ENGLISH in each]
    assert len(both) == 2, "nobody knows their language"
    assert not [word for word in ("creed", "First Street", "religion") if word in "".join([hers, *both])]
    run(platform, principal=TESTER, today=TODAY)
    assert len(told(platform, CHINESE)) == 3, "they were asked, and are not asked again"


def test_a_letter_that_still_waits_is_enough_and_one_of_another_night_is_not(platform: Platform) -> None:
    (ann,) = samples.add_people(platform, 1)
    aged(platform, ann, 100)
    run(platform, principal=TESTER, today=TODAY)
    ordered(platform, ann.customer_id)
    run(platform, principal=TESTER, today=TODAY)
    assert len(told(platform, ENGLISH)) == 1
    ordered(platform, ann.customer_id, None)
    run(platform, principal=TESTER, today=TODAY)
    assert len(told(platform, ENGLISH)) == 2


def test_what_a_law_keeps_stays_when_she_has_the_rest_deleted(platform: Platform) -> None:
    (ann,) = samples.add_people(platform, 1)
    aged(platform, ann, 1)
    held, free = ordered(platform, ann.customer_id), ordered(platform, ann.customer_id, None)
    run(platform, principal=TESTER, today=TODAY)
    for row_id in (held, free):
        drop(platform, ann.customer_id, ("order", row_id, ""), today=TODAY)
    assert questions(platform, ann.customer_id) == []
    with platform._database.reading() as conn:
        rows = [tuple(row) for row in conn.exec_driver_sql('SELECT order_id, total, placed_at FROM "order"')]
    assert [(row[0], str(row[1]) == "1.50", row[2] is not None) for row in rows] == [(held, True, True)]
    again = run(platform, principal=TESTER, today=TODAY)
    assert not [which for which in again.counts if which[0] == "order" and which[2] != "held"], "it is not asked about"
