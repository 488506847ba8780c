"""Appending: one order over all threads and processes, many entries a commit, nothing half-written, a fence."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from audit.append import MAX_BATCH, Log
from audit.door import Door
from audit.entries import Entry, Principal, Versions
from cdp.bootstrap import open_platform
from cdp.errors import CdpError, Unavailable
from cdp.services.verify_log import verify_log
from tests.support import organisation
from tests.support.worlds import TESTER, World, opened


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        yield made


def entry(world: World, **facts: Any) -> Entry:
    return Entry("refusal", "read", TESTER, world.platform.in_force().versions, facts)


def numbers(url: str) -> set[int]:
    """The numbers of the entries as another connection sees them now."""
    engine = create_engine(url)
    with engine.connect() as conn:
        found = set(conn.execute(text("SELECT number FROM cdp_log_entry")).scalars())
    engine.dispose()
    return found


def test_threads_get_their_own_numbers_and_all_are_durable(world: World, database_url: str, tmp_path: Path) -> None:
    start, before = threading.Barrier(8), len(world.entries())
    got: dict[int, list[int]] = {}
    unseen: list[int] = []

    def work(me: int) -> None:
        start.wait()
        got[me] = []
        for turn in range(12):
            number = world.platform.door.note(entry(world, me=me, turn=turn))
            got[me].append(number)
            if turn % 4 == 0 and number not in numbers(database_url):
                unseen.append(number)

    threads = [threading.Thread(target=work, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unseen == []  # what was acknowledged, another connection sees at once
    every = sorted(number for mine in got.values() for number in mine)
    assert every == list(range(before, before + 8 * 12))
    assert all(mine == sorted(mine) for mine in got.values())
    entries = world.entries()
    for me, mine in got.items():
        told = [(entries[number]["me"], entries[number]["turn"]) for number in mine]
        assert told == [(me, turn) for turn in range(12)]
    assert verify_log(world.platform).entries == before + 8 * 12
    world.platform.close()
    with open_platform(world.platform.settings) as again:
        assert verify_log(again).entries == before + 8 * 12


def test_those_who_wait_share_one_commit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held, batches = threading.Event(), list[int]()
    write = Log._write

    def counted(self: Log, conn: Connection, batch: list[Any]) -> None:
        batches.append(len(batch))
        if len(batches) == 1:
            assert held.wait(60)
        write(self, conn, batch)

    monkeypatch.setattr(Log, "_write", counted)
    log = world.platform.door._log
    threads = [threading.Thread(target=world.platform.door.note, args=(entry(world, me=me),)) for me in range(9)]
    for thread in threads:
        thread.start()
    while len(log._waiting) < 8:
        pass  # the first one commits, the other eight come to wait
    held.set()
    for thread in threads:
        thread.join()
    assert batches == [1, 8]
    verify_log(world.platform)


def test_a_full_batch_leaves_the_rest_to_the_next(world: World) -> None:
    log = world.platform.door._log
    tickets = [audit_ticket(entry(world, number=number)) for number in range(MAX_BATCH + 5)]
    log._waiting.extend(tickets)
    first = log.append(entry(world, mine=True))
    assert [ticket.done for ticket in tickets] == [True] * len(tickets)
    assert first == max(ticket.number for ticket in tickets) + 1  # in the order of coming
    verify_log(world.platform)


def audit_ticket(waiting: Entry) -> Any:
    from audit.append import _Ticket

    return _Ticket(waiting)


def test_one_that_cannot_be_written_does_not_stop_those_beside_it(world: World) -> None:
    log, before = world.platform.door._log, len(world.entries())
    good = [audit_ticket(entry(world, number=number)) for number in range(3)]
    bad = [
        audit_ticket(entry(world, text="x" * 70_000)),
        audit_ticket(entry(world, text="\ud800")),
        audit_ticket(replace(entry(world), reason="\ud800")),
        audit_ticket(replace(entry(world), principal=Principal("os:\udcff"))),
        audit_ticket(replace(entry(world), versions=Versions("other", "other"))),
    ]
    log._waiting.extend([good[0], *bad, good[1]])
    number = log.append(entry(world, last=True))
    assert [ticket.number for ticket in (good[0], good[1])] == [before, before + 1]
    assert number == before + 2
    codes = [ticket.fault.code for ticket in bad]
    assert codes == ["entry_too_large", "entry_malformed", "entry_malformed", "entry_malformed", "superseded"]
    assert len(world.entries()) == before + 3
    verify_log(world.platform)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda each: replace(each, versions=Versions("0" * 64, each.versions.policy)), "superseded"),
        (lambda each: replace(each, versions=Versions(each.versions.catalogue, "0" * 64)), "superseded"),
        (lambda each: replace(each, facts={"text": "x" * 70_000}), "entry_too_large"),
    ],
)
def test_what_may_not_be_written_raises_and_writes_nothing(world: World, change: Any, code: str) -> None:
    before = len(world.entries())
    with pytest.raises(CdpError) as caught:
        world.platform.door.note(change(entry(world)))
    assert caught.value.code == code
    assert len(world.entries()) == before


def test_while_a_catalogue_is_applied_only_its_own_entries_are_written(world: World) -> None:
    world.sql("UPDATE cdp_in_force SET applying = 2")
    with pytest.raises(Unavailable) as caught:
        world.platform.door.note(entry(world))
    assert caught.value.code == "catalogue_applying"
    world.platform.door.note(entry(world, applying=2))


def test_an_entry_never_says_what_the_platform_says_itself(world: World) -> None:
    """Facts cannot stand in for who, what and when."""
    world.platform.door.note(
        entry(world, principal="somebody else", what="disclosure", at="1970", customers=7, format=9)
    )
    found = world.entries()[-1]
    assert (found["principal"], found["what"], found["customers"], found["format"]) == ("os:tester", "refusal", 0, 1)
    assert str(found["at"]) > "2026"


def test_appending_within_a_change_is_undone_with_it(world: World) -> None:
    door, before = world.platform.door, len(world.entries())

    def fail() -> None:
        with door.record(entry(world)) as change:
            change.conn.execute(text("UPDATE cdp_in_force SET vault = 'x'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(world.entries()) == before
    with door.record(entry(world)) as change:
        change.facts["done"] = True
        change.subjects += [7, 70_000, 7]
    last = world.entries()[-1]
    assert (last["done"], last["customers"]) == (True, 2)
    assert world.query("SELECT count(*) FROM cdp_log_subject WHERE entry = " + str(before)) == [(2,)]
    verify_log(world.platform)


def test_two_doors_of_one_store_keep_one_order(world: World) -> None:
    """As two processes: each has its own queue, the database's lock orders them."""
    doors = [Door(world.platform._database, world.platform.vault) for _ in range(3)]
    before, got = len(world.entries()), list[int]()

    def work(door: Door) -> None:
        got.extend(door.note(entry(world)) for _ in range(10))

    threads = [threading.Thread(target=work, args=(door,)) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(before, before + 30))
    verify_log(world.platform)


def blocked(url: str) -> bool:
    """Whether a session of this database waits for a lock."""
    engine = create_engine(url)
    with engine.connect() as conn:
        found = conn.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        )
        waits = bool(found.scalar_one())
    engine.dispose()
    return waits


def holds_the_head(world: World, url: str, act: Any) -> bool:
    """Whether `act`, stopped before it locks what is in force, holds the head of the log already."""
    engine = create_engine(url)
    thread = threading.Thread(target=act)
    with engine.connect() as mine, engine.connect() as probe:
        mine.execute(text("SELECT 1 FROM cdp_in_force FOR UPDATE"))
        thread.start()
        while not blocked(url):
            pass
        free: Sequence[Any] = probe.execute(text("SELECT 1 FROM cdp_log_head FOR UPDATE SKIP LOCKED")).all()
        probe.rollback()
        mine.rollback()
    thread.join()
    engine.dispose()
    return not free


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_publishing_and_appending_lock_in_one_order(world: World, database_url: str) -> None:
    letter = {**organisation.VIEWS["letter"], "fields": ["email"]}
    publish = lambda: world.publish(organisation.policy(letter=letter))  # noqa: E731
    append = lambda: world.platform.door.note(Entry("refusal", "read", TESTER, None))  # noqa: E731
    assert holds_the_head(world, database_url, append) == holds_the_head(world, database_url, publish)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_publishing_a_new_recipient_waits_for_writers(world: World, database_url: str) -> None:
    """A writer that holds rows and wants the log, a publisher that holds the log and wants the rows: not a deadlock."""
    other = {**organisation.VIEWS["partner"], "recipient": "other"}
    faults: list[BaseException] = []

    def publish() -> None:
        try:
            world.publish(organisation.policy(partner=other))
        except CdpError as error:
            faults.append(error)

    thread = threading.Thread(target=publish)
    [person] = world.add(organisation.people(1))
    with world.platform.door.record(Entry("change", "import", TESTER, None)) as change:
        change.conn.execute(text("UPDATE customer SET income = 1"))
        thread.start()
        while not blocked(database_url):
            pass
    thread.join()
    assert faults == []
    tokens = world.query(f"SELECT scope FROM cdp_token WHERE customer_id = '{person.customer_id}' ORDER BY scope")
    assert tokens == [("acme/disclosure",), ("other/disclosure",)]


def test_what_is_acknowledged_is_on_disk_whatever_the_server_is_set_to(world: World) -> None:
    if world.dialect == "postgresql":
        world.sql("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
        world.platform._database._engine.dispose()
        assert world.query("SHOW synchronous_commit") == [("off",)]
    try:
        with world.platform.door.record(entry(world)) as change:
            asked = "PRAGMA synchronous" if world.dialect == "sqlite" else "SHOW synchronous_commit"
            assert change.conn.exec_driver_sql(asked).scalar_one() == (2 if world.dialect == "sqlite" else "on")
    finally:
        if world.dialect == "postgresql":
            world.sql("ALTER ROLE CURRENT_USER RESET synchronous_commit")


def test_an_entry_about_nobody_cannot_be_guessed_from_its_hash(world: World) -> None:
    for _ in range(2):
        world.platform.door.note(entry(world))
    first, second = world.entries()[-2:]
    assert len(first["salt"]) == 32
    assert first["salt"] != second["salt"]
    with world.platform.door.record(entry(world)) as change:
        change.subjects += [7]
    assert "salt" not in world.entries()[-1]  # the commitment holds one


def test_many_are_appended_in_one_commit_or_none(world: World) -> None:
    log, before = world.platform.door._log, len(world.entries())
    assert log.append_many([entry(world, n=n) for n in range(700)]) == list(range(before, before + 700))
    with pytest.raises(Unavailable):
        log.append_many([entry(world), entry(world, text="x" * 70_000), entry(world)])
    assert [each["n"] for each in world.entries()[before:]] == list(range(700))
    verify_log(world.platform)
