"""A run deletes what is too old, asks where it is to ask, keeps what a law keeps, and says how many and never what."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from audit.entries import parse_entry
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.keeping import midnight
from cdp.errors import NotFound, Unavailable
from cdp.services.erase import erase
from cdp.services.held import list_held
from cdp.services.herself.renewing import confirm, drop, questions
from cdp.services.letters.outbox import send_letters
from cdp.services.publish import initialise
from cdp.services.retention import act
from cdp.services.retention.judge import ROW, Verdict
from cdp.services.retention.run import dry_run, run
from cdp.services.verify_log import verify_log
from cdp.store.records import Stored
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import POLICY
from tests.portal.visitor import letters
from tests.samples import TESTER
from tests.support import canary, gone

HOLD = "hold: {reason: {en: Law}, basis: legal_obligation, purpose: service, period: 5 years, since: placed_at}"
CATALOGUE = (
    samples.CATALOGUE_TEXT.replace("category: user.financial,", "category: user.financial, retention: 1 year,")
    .replace("category: user.demographic.religious_belief", "category: user.demographic.religious_belief, "
             "retention: 90 days, when_outdated: ask")
    .replace("  customer:\n", "  customer:\n    retention: 5 years\n")
    .replace("    belongs_to: customer\n", "    belongs_to: customer\n    retention: 3 years\n")
    .replace("type: decimal, sensitivity: none", f"type: decimal, sensitivity: none, {HOLD}")
)  # fmt: skip
TODAY = datetime.now(UTC).date()


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=TESTER)
        yield made


def aged(platform: Platform, row: Stored, days: int | None, table: str = "customer") -> None:
    """Have a row be so many days old; None for nobody knows how old."""
    at = "NULL" if days is None else int(midnight(TODAY - timedelta(days=days)).timestamp())
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"UPDATE \"{table}\" SET cdp__collected = {at} WHERE {table}_id = '{row.row_id}'")


def night(platform: Platform, today: date = TODAY) -> dict[tuple[str, str, Verdict], int]:
    """One run, after a dry one that says the same; those who are written to are counted under `mail`."""
    before = addressed(platform)
    dry = dry_run(platform, principal=TESTER, today=today)
    done = run(platform, principal=TESTER, today=today)
    assert (dry.counts, dry.begun, dry.holds) == (done.counts, done.begun, done.holds)
    send_letters(platform)
    written = addressed(platform) - before
    return {**done.counts, **{("mail", address, Verdict.ASK): count for address, count in written.items()}}


def addressed(platform: Platform) -> Counter[str]:
    """How many letters went to whom."""
    return Counter(str(each["To"]) for each in letters(platform))


def people(platform: Platform) -> dict[str, tuple[object, ...]]:
    return {row[1]: row for row in samples.rows_of(platform, "privacy_office")}


def test_values_go_when_their_time_is_over(platform: Platform) -> None:
    young, old = samples.add_people(platform, 3)[1:]
    aged(platform, young, 364)
    aged(platform, old, 366)
    found = night(platform)
    assert found["customer", "income", Verdict.DELETE] == 1
    assert people(platform)["Ann Number2"][5] is None
    assert people(platform)["Ann Number1"][5] == 10_000
    again = night(platform)
    assert ("customer", "income", Verdict.DELETE) not in again, "what is done is done"
    verify_log(platform)


def test_whoever_nobody_knows_the_age_of_counts_from_today(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    aged(platform, person, None)
    assert dry_run(platform, principal=TESTER, today=TODAY).begun["customer"] == 1
    assert night(platform) == {}
    assert night(platform, TODAY + timedelta(days=367))["customer", "income", Verdict.DELETE] == 1


def test_rows_go_but_for_what_a_law_keeps(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    aged(platform, person, 1)
    placed = [TODAY - timedelta(days=days) for days in (6 * 366, 4 * 366)]
    orders = [
        {"placed_at": f"{each}T10:00:00+00:00", "total": "1.50", "paid": True, "address": "here"} for each in placed
    ]
    rows = samples.add(platform, [NewRow(each, customer_id=person.customer_id) for each in orders], "order")
    for row in rows:
        aged(platform, row, 3 * 366, "order")
    found = night(platform)
    assert found["order", ROW, Verdict.DELETE] == 1
    assert found["order", "total", Verdict.HELD] == 1
    assert found["order", "address", Verdict.DELETE] == 1
    left = samples.rows_of(platform, "care_orders")
    assert len(left) == 1
    assert "1.50" in left[0]


def test_customers_go_whole_and_their_activity_counts(platform: Platform) -> None:
    quiet, active = samples.add_people(platform, 2)
    aged(platform, quiet, 6 * 366)
    aged(platform, active, 6 * 366)
    order = {"placed_at": f"{TODAY}T10:00:00+00:00", "total": "1.50", "paid": True, "address": "here"}
    for each, days in ((quiet, 5 * 366), (active, 10)):
        (row,) = samples.add(platform, [NewRow(order, customer_id=each.customer_id)], "order")
        aged(platform, row, days, "order")
    assert night(platform)["customer", ROW, Verdict.DELETE] == 1
    assert gone.traces(platform, quiet.customer_id) == {}
    assert gone.traces(platform, active.customer_id)


def test_people_are_asked_and_what_they_say_counts(platform: Platform) -> None:
    one, two, three = samples.add_people(platform, 3)
    for each in (one, two, three):
        aged(platform, each, 100)
    found = night(platform)
    assert found["customer", "religion", Verdict.ASK] == 3
    assert len([each for each in found if each[0] == "mail"]) == 3
    assert night(platform)["customer", "religion", Verdict.WAIT] == 3, "nobody is asked twice"
    which = ("customer", one.customer_id, "religion")
    (question,) = questions(platform, one.customer_id)
    assert question.values["religion"] == "creed 0"
    confirm(platform, one.customer_id, which, today=TODAY)
    drop(platform, two.customer_id, ("customer", two.customer_id, "religion"), today=TODAY)
    for customer_id, wrong in (
        (one.customer_id, which),
        (three.customer_id, which),
        (two.customer_id, ("x", "y", "z")),
    ):
        with pytest.raises(NotFound):
            confirm(platform, customer_id, wrong, today=TODAY)
    with pytest.raises(NotFound):
        drop(platform, three.customer_id, which, today=TODAY)
    later = night(platform, TODAY + timedelta(days=30))
    assert later["customer", "religion", Verdict.DELETE] == 1, "she did not answer"
    assert sorted(str(row[6]) for row in people(platform).values()) == ["None", "None", "creed 0"]
    assert night(platform, TODAY + timedelta(days=91))["customer", "religion", Verdict.ASK] == 1, "and so on"


def test_holds_end_and_no_copy_reads_them(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    order = {"placed_at": f"{TODAY}T10:00:00+00:00", "total": "1.50", "paid": True, "address": "here"}
    samples.add(platform, [NewRow(order, customer_id=person.customer_id)], "order")
    erase(platform, [person.customer_id], principal=TESTER, reason="she asked")
    (held,) = list_held(platform, principal=TESTER)
    until = date.fromisoformat(held.until)
    assert run(platform, principal=TESTER, today=until - timedelta(days=1)).holds == 0
    assert run(platform, principal=TESTER, today=until).holds == 1
    assert list_held(platform, principal=TESTER) == []
    assert platform.vault.keys([held.hold_id]) == {}
    assert platform.vault.tombstones.of([held.hold_id]) == {held.hold_id}
    assert run(platform, principal=TESTER, today=until).holds == 0


def test_a_run_that_is_cut_off_is_done_by_the_next(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = samples.add_people(platform, 6)
    for row in rows:
        aged(platform, row, 400)
    monkeypatch.setattr("cdp.services.retention.look.BATCH", 2)
    real, calls = act.drop_values, []

    def fails_once(*arguments: object) -> None:
        calls.append(1)
        real(*arguments)
        if len(calls) == 2:
            raise Unavailable("store_failed", "the disk is full")

    monkeypatch.setattr(act, "drop_values", fails_once)
    with pytest.raises(Unavailable):
        run(platform, principal=TESTER, today=TODAY)
    monkeypatch.undo()
    assert sorted(str(row[5]) for row in people(platform).values()).count("None") == 2
    assert night(platform)["customer", "income", Verdict.DELETE] == 4


def test_what_goes_leaves_the_files_and_was_never_on_the_log(platform: Platform, tmp_path: Path) -> None:
    mark = canary.canary()
    (person,) = samples.add_people(platform, 1)
    aged(platform, person, 10)
    order = {"placed_at": "2015-01-01T10:00:00+00:00", "total": "1.50", "paid": True, "address": mark}
    (row,) = samples.add(platform, [NewRow(order, customer_id=person.customer_id)], "order")
    aged(platform, row, 4 * 366, "order")
    assert night(platform)["order", ROW, Verdict.DELETE] == 1
    assert canary.seen([mark], canary.files_under(tmp_path)) == set()
    with platform._database.reading() as conn:
        entries = [bytes(each[0]) for each in conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number")]
    said = [parse_entry(each) for each in entries if b'"retention"' in each]
    assert {each["step"] for each in said} == {"begin", "look", "act", "end_holds"}
    (acted,) = [each for each in said if each["step"] == "act"]
    assert (acted["counts"], acted["customers"]) == ({"rows:delete": 1}, 1)
    assert not any(word in b"".join(entries) for word in (b"2015-01-01", b"Ann Number0", mark.encode()))
