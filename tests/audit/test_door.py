"""The door: entry before rows, chunk by chunk; lookups only of what is about nobody; the fence between."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Select, column, func, select, table, text

import views.run
from audit.append import Log
from audit.entries import Entry, Principal, Versions
from audit.passage import Chunk
from cdp.errors import CdpError, Unavailable
from cdp.services.read import read_view
from cdp.services.verify_log import verify_log
from cdp.store.platform import (
    CATALOGUE_VERSION,
    CONSENT_EVENT,
    IDENTIFIER,
    IN_FORCE,
    LOG_ENTRY,
    LOG_NOTE,
    LOG_SUBJECT,
    METADATA,
)
from cdp.store.tables import build_schema
from tests.support import organisation
from tests.support.worlds import TESTER, Person, World, opened, policy_of, request_of


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        yield made


class Fake:
    """A reading of given chunks; notes what the log held when each was read."""

    def __init__(self, world: World, chunks: Sequence[tuple[Sequence[Any], Sequence[int]]]) -> None:
        self._world = world
        self._chunks = chunks
        self.positions: list[object] = []

    def entry(self, principal: Principal) -> Entry:
        return Entry("disclosure", "read", principal, self._world.platform.in_force().versions, {"view": "fake"})

    def ask(self, _conn: Connection) -> None:
        pass

    def read(self, _conn: Connection, position: object | None) -> Chunk:
        self.positions.append(position)
        at = 0 if position is None else int(str(position))
        rows, subjects = self._chunks[at]
        return Chunk(rows, subjects, at + 1 if at + 1 < len(self._chunks) else None)


def disclosed(world: World) -> list[tuple[int, int, int]]:
    """Chunk, rows and customers of every disclosure in the log."""
    return [
        (each["chunk"], each["rows"], each["customers"]) for each in world.entries() if each["what"] == "disclosure"
    ]


def test_each_chunk_leaves_after_its_own_entry(world: World) -> None:
    reading = Fake(world, [([("a",), ("b",)], [1, 2]), ([], []), ([("c",)], [1])])
    chunks = world.platform.door.disclose(reading, TESTER)
    assert disclosed(world) == []  # nothing is read before somebody asks
    assert next(chunks) == [("a",), ("b",)]
    assert disclosed(world) == [(0, 2, 2)]
    assert reading.positions == [None]  # and nothing ahead of what was asked for
    assert next(chunks) == [("c",)]
    assert disclosed(world) == [(0, 2, 2), (1, 1, 1)]
    assert list(chunks) == []
    assert reading.positions == [None, 1, 2]
    assert len(disclosed(world)) == 2


def test_readings_together_leave_after_their_own_entries_and_go_on_by_themselves(world: World) -> None:
    long, short, none = (
        Fake(world, chunks)
        for chunks in ([([("a",)], [1]), ([("b",)], [2])], [([("c",), ("d",)], [1, 3])], [([], []), ([("e",)], [4])])
    )
    door = world.platform.door
    found = door.disclose_together([(long, TESTER), (short, TESTER), (none, TESTER)])
    assert disclosed(world) == [(0, 1, 1), (0, 2, 2)]
    assert [reading.positions for reading in (long, short, none)] == [[None]] * 3
    assert [list(chunks) for chunks in found if not isinstance(chunks, CdpError)] == [
        [[("a",)], [("b",)]], [[("c",), ("d",)]], [[("e",)]]
    ]  # fmt: skip
    assert disclosed(world)[2:] == [(1, 1, 1), (0, 1, 1)]
    verify_log(world.platform)


def test_what_one_entry_lacks_keeps_only_its_own_rows(world: World) -> None:
    class Old(Fake):
        def entry(self, principal: Principal) -> Entry:
            return Entry("disclosure", "read", principal, Versions("0", "0"), {"view": "fake"})

    mine = [([("a",)], [1])]
    old, good = world.platform.door.disclose_together([(Old(world, mine), TESTER), (Fake(world, mine), TESTER)])
    assert isinstance(old, Unavailable)
    assert old.code == "superseded"
    assert not isinstance(good, CdpError)
    assert list(good) == [[("a",)]]
    assert disclosed(world) == [(0, 1, 1)]


@pytest.mark.parametrize("chunks", [[([], [])], [([], []), ([], []), ([], [])]])
def test_a_read_that_finds_nothing_has_one_entry(world: World, chunks: Any) -> None:
    assert list(world.platform.door.disclose(Fake(world, chunks), TESTER)) == []
    assert disclosed(world) == [(0, 0, 0)]


def test_nothing_after_rows_adds_no_entry(world: World) -> None:
    assert len(list(world.platform.door.disclose(Fake(world, [([("a",)], [1]), ([], [])]), TESTER))) == 1
    assert disclosed(world) == [(0, 1, 1)]


def test_the_entry_is_durable_when_the_rows_are_there(world: World) -> None:
    """Not merely written: another connection sees it, and the log verifies, before the first row is looked at."""
    for _ in world.platform.door.disclose(Fake(world, [([("a",)], [1]), ([("b",)], [2])]), TESTER):
        verify_log(world.platform)
        newest = world.query("SELECT max(number) FROM cdp_log_entry")[0][0]
        assert world.query(f"SELECT count(*) FROM cdp_log_subject WHERE entry = {newest}") == [(1,)]


def test_the_entry_says_who_why_and_how(world: World) -> None:
    person = world.add(organisation.people(1))[0]
    world.rows(
        request_of("office", ("email", "eq.ann0@example.org"), ("or", "(income.gt.5,loyalty.is.null)"), reason="why")
    )
    found = world.entries()[-1]
    force = world.platform.in_force()
    told = ("what", "act", "principal", "role", "view", "kind", "purpose", "entity", "rows", "chunk")
    assert {key: found[key] for key in told} == {
        "what": "disclosure", "act": "read", "principal": "os:tester", "role": "reader", "view": "office",
        "kind": "full",
        "purpose": "service", "entity": "customer", "rows": 0, "chunk": 0,
    }  # fmt: skip
    assert found["where"] == ["email.eq", "or(income.gt,loyalty.is.null)"]
    assert (found["catalogue"], found["policy"]) == (force.catalogue.digest, force.policy.digest)
    assert ["full_name", "clear"] in found["fields"]
    assert found["reason"] != "why"
    world.rows(request_of("partner"))
    found = world.entries()[-1]
    assert (found["recipient"], found["customers"]) == ("acme", 1)
    assert ["religion", "clear", "hidden", "third_party_disclosure", "sensitive_data"] in found["fields"]
    blocks = world.query("SELECT block FROM cdp_log_subject ORDER BY entry DESC")
    assert blocks[0] == (person.ordinal >> 16,)


def test_a_reader_who_stops_leaves_no_rows_without_entries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views.run, "CHUNK_ROWS", 2)
    world.add(organisation.people(9))
    chunks = read_view(world.platform, request_of("letter"), principal=TESTER).chunks
    got = [*next(chunks), *next(chunks)]
    del chunks
    assert sum(rows for _, rows, _ in disclosed(world)) >= len(got)
    verify_log(world.platform)


@pytest.mark.parametrize("first", [True, False])
def test_a_policy_published_between_read_and_append_holds_everything_back(
    world: World, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """The first chunk is decided again by the new policy; a later one ends the read, for its columns are decided."""
    monkeypatch.setattr(views.run, "CHUNK_ROWS", 2)
    world.add(organisation.people(6))
    narrow = {**organisation.VIEWS["letter"], "fields": ["email"]}
    append = Log.append
    seen: list[dict[str, Any]] = []

    def publishing(self: Log, entry: Entry) -> int:
        if entry.what == "disclosure" and len(seen) == (0 if first else 1):
            world.publish(organisation.policy(letter=narrow))
        seen.append(dict(entry.facts))
        return append(self, entry)

    monkeypatch.setattr(Log, "append", publishing)
    rows: list[Any] = []
    if first:
        rows = world.rows(request_of("letter"))
        assert {len(row) for row in rows} == {2}  # the id and the e-mail address, as the new policy has it
        assert len(rows) == 6
    else:
        with pytest.raises(Unavailable) as caught:
            rows.extend(row for chunk in world.chunks(request_of("letter")) for row in chunk)
        assert caught.value.code == "superseded"
        assert len(rows) == 2
    assert sum(count for _, count, _ in disclosed(world)) == len(rows)


def test_a_view_that_is_taken_away_between_read_and_append_gives_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(organisation.people(2))
    append = Log.append
    gone = {name: view for name, view in organisation.VIEWS.items() if name != "letter"}

    def publishing(self: Log, entry: Entry) -> int:
        if entry.what == "disclosure" and "letter" in world.platform.in_force().policy.views:
            world.publish(policy_of(organisation.PURPOSES, gone))
        return append(self, entry)

    monkeypatch.setattr(Log, "append", publishing)
    with pytest.raises(CdpError) as caught:
        world.rows(request_of("letter"))
    assert caught.value.code == "unknown_view"
    assert disclosed(world) == []


def test_while_a_catalogue_is_applied_nothing_is_read_or_changed(world: World) -> None:
    world.add(organisation.people(1))
    world.sql("UPDATE cdp_in_force SET applying = 2")
    for act in (lambda: world.rows(request_of("letter")), lambda: world.add([Person(organisation.values(5))])):
        with pytest.raises(Unavailable) as caught:
            act()
        assert caught.value.code == "catalogue_applying"
    assert disclosed(world) == []


def test_lookups_read_what_is_about_nobody(world: World) -> None:
    door = world.platform.door
    assert door.lookup(select(IN_FORCE.c.policy_version)) == [(1,)]
    assert door.lookup(select(CATALOGUE_VERSION.c.version).where(CATALOGUE_VERSION.c.version == 1)) == [(1,)]
    assert len(door.lookup(select(LOG_ENTRY.c.number))) == 1


def forbidden(world: World) -> list[Select[Any]]:
    schema = build_schema(world.platform.in_force().catalogue, world.dialect)
    owned = [each for each in METADATA.sorted_tables if each.info["owner"] is not None]
    tables = [*owned, *schema.rows.values(), *schema.sealed.values()]
    hidden = schema.customer.alias("x")
    return [
        *(select(each) for each in tables),
        *(select(func.count()).select_from(each) for each in tables),
        select(IN_FORCE.c.vault).where(IN_FORCE.c.vault.in_(select(IDENTIFIER.c.token))),
        select(IN_FORCE.c.vault, select(LOG_NOTE.c.salt).scalar_subquery()),
        select(select(CONSENT_EVENT).subquery()),
        select(select(LOG_SUBJECT.c.entry).cte()),
        select(hidden.c.email__masked),
        select(IN_FORCE).join(hidden, hidden.c.customer_id == IN_FORCE.c.vault),
        select(IN_FORCE.c.vault).union(select(schema.customer.c.customer_id)).subquery().select(),
        select(column("customer_id")).select_from(table("customer", column("customer_id"))),
    ]


def test_lookups_refuse_what_is_about_somebody(world: World) -> None:
    world.add(organisation.people(1))
    for statement in forbidden(world):
        with pytest.raises(Unavailable) as caught:
            world.platform.door.lookup(statement)
        assert caught.value.code == "not_a_lookup"


@pytest.mark.parametrize("written", ["SELECT * FROM customer", "customer"])
def test_lookups_refuse_sql_by_hand(world: World, written: str) -> None:
    with pytest.raises(Unavailable) as caught:
        world.platform.door.lookup(select(text("*")).select_from(text(written)))
    assert caught.value.code == "not_a_lookup"
