"""Invariant 3: a refusal that was acknowledged holds for every chunk whose read began after it."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

import views.run
from audit.passage import Chunk, Row
from cdp.services.opt_out import allow, refuse
from cdp.store.records import Stored
from tests.support import organisation
from tests.support.worlds import TESTER, World, request_of
from views.compile import compile_build
from views.request import ViewRequest
from views.run import ViewReading

CHUNK = 4
PEOPLE = 20

# Every way in which a read is cut into chunks: by keys, by keys in the caller's order, after unsealing.
WAYS: dict[str, dict[str, Any]] = {
    "by_key": {},
    "condition": {"where": [("income", "gte.0")]},
    "order": {"order": "income.desc"},
    "order_with_limit": {"order": "income", "limit": 18},
    "offset": {"offset": 1},
    "late_condition": {"where": [("account", "like.AC-*")]},
    "late_negation": {"where": [("account", "not.eq.AC-1")]},
    "late_order": {"order": "account.desc"},
    "late_condition_and_order": {"where": [("account", "gte.AC-000000")], "order": "income"},
    "late_condition_and_offset": {"where": [("account", "like.AC*")], "offset": 1, "limit": 18},
}


def asked(view: str, way: str) -> ViewRequest | None:
    spec = dict(WAYS[way])
    if view == "callers" and "late" in way:
        return None  # the view shows nothing that is sealed
    return request_of(view, *spec.pop("where", []), **spec)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views.run, "CHUNK_ROWS", CHUNK)


@pytest.fixture
def people(world: World) -> list[Stored]:
    return world.add(organisation.people(PEOPLE))


def discloses(view: str, rows: Sequence[Row], person: Stored) -> bool:
    """Whether any of the rows is about a person in a way that her refusal forbids."""
    if view == "partner":  # her row stays, without what is hers
        return any(person.values["email"] in row or person.values["account"] in row for row in rows)
    return any(person.customer_id in row for row in rows)


@pytest.mark.parametrize("view", ["callers", "letter", "partner"])
def test_an_opt_out_between_chunks_holds_for_the_next(world: World, people: list[Stored], view: str) -> None:
    flag, false = f"refused__{organisation.BOUND[view]}", "0" if world.dialect == "sqlite" else "false"
    for way in WAYS:
        world.sql(f"UPDATE customer SET {flag} = {false}")
        if (request := asked(view, way)) is None:
            continue
        chunks = world.chunks(request)
        first = list(next(chunks))
        assert 0 < len(first) <= CHUNK, way
        late = [person for person in people if not discloses(view, first, person)]
        assert len(late) >= PEOPLE - CHUNK, way
        for person in late[::2]:
            refuse(world.platform, person.customer_id, organisation.BOUND[view], principal=TESTER)
        rest = [row for chunk in chunks for row in chunk]
        assert not [person.ordinal for person in late[::2] if discloses(view, rest, person)], way
        others = [person.ordinal for person in late[1::2] if discloses(view, rest, person)]
        assert len(others) >= len(late[1::2]) - 3, way  # a window may have cut off some


def test_a_release_that_is_being_built_leaves_out_who_refuses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build reads in chunks as any read; a purpose that is subject to an opt-out holds chunk by chunk."""
    bound = {"kind": "anonymized", "purpose": "marketing", "fields": ["loyalty", "postcode"], "k": 2}
    world.publish(organisation.policy(insight=bound))
    people = world.add(organisation.people(PEOPLE))
    read, seen = ViewReading.read, list[int]()

    def refusing(self: ViewReading, conn: Any, position: object | None) -> Chunk:
        chunk = read(self, conn, position)
        seen.extend(chunk.subjects)
        return chunk

    monkeypatch.setattr(ViewReading, "read", refusing)
    force = world.platform.in_force()
    plan = compile_build(force.catalogue, force.policy, force.policy.views["insight"])
    reading = ViewReading(plan, vault=world.platform.vault, dialect=world.dialect)
    chunks = world.platform.door.disclose(reading, TESTER)
    next(chunks)
    late = [person for person in people if person.ordinal not in seen]
    for person in late:
        refuse(world.platform, person.customer_id, "direct_marketing", principal=TESTER)
    assert [row for chunk in chunks for row in chunk] == []
    assert not {person.ordinal for person in late} & set(seen)


def test_taking_back_between_chunks_holds_too(world: World, people: list[Stored]) -> None:
    for person in people:
        refuse(world.platform, person.customer_id, "direct_marketing", principal=TESTER)
    assert world.rows(request_of("letter")) == []
    for person in people:
        allow(world.platform, person.customer_id, "direct_marketing", principal=TESTER, word="she said so")
    assert len(world.rows(request_of("letter"))) == PEOPLE


@pytest.mark.parametrize("view", ["letter", "partner"])
def test_refusals_of_other_threads_hold(
    world: World, people: list[Stored], view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People refuse while readers read: no chunk whose read began after an acknowledgement is about her."""
    acknowledged: set[str] = set()
    faults: list[object] = []
    read = ViewReading.read
    by_id = {person.customer_id: person for person in people}

    def watched(self: ViewReading, conn: Any, position: object | None) -> Chunk:
        before = set(acknowledged)
        chunk = read(self, conn, position)
        faults.extend(each for each in before if discloses(view, chunk.rows, by_id[each]))
        return chunk

    monkeypatch.setattr(ViewReading, "read", watched)

    def refuse_all(part: Sequence[Stored]) -> None:
        for person in part:
            refuse(world.platform, person.customer_id, organisation.BOUND[view], principal=TESTER)
            acknowledged.add(person.customer_id)

    writers = [threading.Thread(target=refuse_all, args=(people[turn::2],)) for turn in (0, 1)]

    def read_until_done() -> None:
        while any(writer.is_alive() for writer in writers):
            world.rows(request_of(view))

    readers = [threading.Thread(target=read_until_done) for _ in range(2)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in (*writers, *readers):
        thread.join()
    assert faults == []
    rows = world.rows(request_of(view))
    assert not any(discloses(view, rows, person) for person in people)
    assert len(rows) == (PEOPLE if view == "partner" else 0)
