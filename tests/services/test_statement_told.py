"""Letters when the statement changes: one each, whoever refuses what; and how many say that they have read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.portal.chores import Chores
from cdp.services.letters.outbox import send_letters
from cdp.services.opt_out import refuse
from cdp.services.publish import initialise
from cdp.services.statements import readers, tell
from cdp.services.statements.notice import acknowledge
from cdp.services.statements.publish import publish_statement
from cdp.store.asking import LETTER
from cdp.store.write import NewRow
from tests import samples
from tests.portal.visitor import letters
from tests.services.test_statements import acts
from tests.statements import statement


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(), principal=samples.TESTER)
        yield made


def published(platform: Platform, version: str, said: str = "We keep little.", *, by_mail: bool = True) -> None:
    publish_statement(platform, statement(version, said), principal=samples.TESTER, letters=by_mail)


def told(platform: Platform) -> dict[str, str]:
    """Text by address, of all the mail that was sent."""
    return {each["To"]: each.get_payload(decode=True).decode() for each in letters(platform)}


def test_each_customer_with_an_address_gets_one_letter_whatever_she_refuses(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tell, "BATCH", 2)
    people = samples.add_people(platform, 5)
    samples.add(platform, [NewRow({**samples.person(9), "email": None})])
    refuse(platform, people[0].customer_id, "direct_marketing", principal=samples.TESTER, word="by telephone")
    published(platform, "1")
    assert not tell.tell_some(platform)
    acknowledge(platform, people[1].customer_id, "1", language="zh-Hans")
    published(platform, "2", "We keep less.")
    acknowledge(platform, people[2].customer_id, "2", language="en")
    for _ in range(8):
        tell.tell_some(platform)
        send_letters(platform)
    expected = {f"ann{number}@example.org" for number in range(5)} - {"ann2@example.org"}
    sent = letters(platform)
    assert sorted(each["To"] for each in sent) == sorted(expected)
    hers = told(platform)["ann0@example.org"]
    assert "We keep less." in hers
    assert "/privacy/2/changes?lang=en" in hers
    assert "逐句" in hers  # nobody knows which language is hers
    chinese = told(platform)["ann1@example.org"]
    assert "逐句" in chinese
    assert "sentence by sentence" not in chinese
    state = tell.tellings(platform)
    assert list(state) == [2]
    assert (state[2].letters, state[2].finished_at is not None) == (4, True)


def test_a_letter_about_something_else_never_waits_behind_these(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tell, "BATCH", 2)
    samples.add_people(platform, 4)
    published(platform, "1")
    published(platform, "2", "Less.")
    assert tell.tell_some(platform)
    assert not tell.tell_some(platform)  # two wait, and are due
    assert platform.door.count(LETTER) == 2
    Chores(platform).do()
    assert platform.door.count(LETTER, LETTER.c.state == "sent") == 2
    Chores(platform).do()
    assert platform.door.count(LETTER) == 4
    published(platform, "3", "Nothing.")
    assert not [each for each in tell.tellings(platform).values() if each.version == 2 and not each.finished_at]


def test_without_letters_nobody_is_written_to(platform: Platform) -> None:
    samples.add_people(platform, 2)
    published(platform, "1")
    published(platform, "2", "Less.", by_mail=False)
    assert not tell.tell_some(platform)
    assert platform.door.count(LETTER) == 0
    assert "tell_statement" not in acts(platform)


def test_readers_are_counted_in_full_tens_as_plain_sql_has_them(platform: Platform) -> None:
    people = samples.add_people(platform, 37)
    published(platform, "1")
    assert readers.count_readers(platform, principal=samples.TESTER) == {}
    for each in people[:24]:
        acknowledge(platform, each.customer_id, "1", language="en")
    published(platform, "2", "Less.", by_mail=False)
    for each in people[:7]:
        acknowledge(platform, each.customer_id, "2", language="en")
    with platform._database.writing() as conn:
        for each in people[:9]:
            conn.exec_driver_sql(
                "UPDATE cdp_statement_read SET read_at = '2026-01-31T10:00:00.000000+00:00'"
                f" WHERE version = 1 AND customer_id = '{each.customer_id}'"
            )
        plain = conn.exec_driver_sql(
            "SELECT version, substr(read_at, 1, 7), count(*) FROM cdp_statement_read GROUP BY 1, 2"
        ).all()
    found = readers.count_readers(platform, principal=samples.TESTER)
    for version in (1, 2):
        months = {at: number for each, at, number in plain if each == version}
        assert found[version].customers == sum(months.values()) // 10 * 10
        assert dict(found[version].months) == {at: n // 10 * 10 for at, n in months.items() if n >= 10}
    assert [found[1].customers, found[2].customers, len(found[1].months)] == [20, 0, 1]
    assert acts(platform)[-1] == "statement_readers"
