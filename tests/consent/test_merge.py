"""A merge takes the union of refusals; undoing it gives back exactly what was, by appending; nobody is resubscribed."""

import pytest

from audit.entries import Entry, timestamp
from cdp.services.opt_out import allow, refuse
from consent.events import Event, Source, State
from consent.flags import add_events
from consent.history import read_events
from consent.merge import Merge, merge_refusals, unmerge_refusals
from tests.samples import TESTER, person
from tests.support.worlds import Person, World

MARKETING, SENSITIVE, PARTNERS = "direct_marketing", "sensitive_data", "third_party_disclosure"


@pytest.fixture
def two(world: World) -> tuple[str, str]:
    people = [Person(person(1), frozenset({MARKETING})), Person(person(2), frozenset({SENSITIVE}))]
    first, second = world.add(people)
    return first.customer_id, second.customer_id


def flags(world: World, customer_id: str) -> set[str]:
    names = world.platform.in_force().catalogue.opt_outs
    columns = ", ".join(f"refused__{name}" for name in names)
    row = world.query(f"SELECT {columns} FROM customer WHERE customer_id = '{customer_id}'")[0]
    return {name for name, refused in zip(names, row, strict=True) if refused}


def do(world: World, work: object, merge: Merge) -> None:
    force = world.platform.in_force()
    with world.platform.door.record(Entry("change", "merge", TESTER, force.versions)) as change:
        work(change.conn, force.catalogue, merge, at=timestamp())  # type: ignore[operator]


def history(world: World, customer_id: str) -> list[Event]:
    with world.platform._database.reading() as conn:
        return read_events(conn, customer_id)


def test_union_and_back(world: World, two: tuple[str, str]) -> None:
    one, other = two
    merge = Merge("m1", one, other)
    do(world, merge_refusals, merge)
    assert flags(world, one) == {MARKETING, SENSITIVE}
    do(world, merge_refusals, merge)
    before = history(world, one)
    do(world, unmerge_refusals, merge)
    assert (flags(world, one), flags(world, other)) == ({MARKETING}, {SENSITIVE})
    after = history(world, one)
    assert all(event in after for event in before)
    assert len(after) > len(before)
    do(world, unmerge_refusals, merge)
    assert history(world, one) == after


def test_an_older_yes_does_not_outlive_a_merge_and_a_later_one_does(world: World, two: tuple[str, str]) -> None:
    one, other = two
    allow(world.platform, one, SENSITIVE, principal=TESTER, word="yes")
    do(world, merge_refusals, Merge("m1", one, other))
    assert SENSITIVE in flags(world, one)
    allow(world.platform, one, SENSITIVE, principal=TESTER, word="yes, now")
    assert SENSITIVE not in flags(world, one)
    do(world, unmerge_refusals, Merge("m1", one, other))
    assert (flags(world, one), flags(world, other)) == ({MARKETING}, {SENSITIVE})


def test_what_is_refused_meanwhile_stays_refused_for_both(world: World, two: tuple[str, str]) -> None:
    one, other = two
    do(world, merge_refusals, Merge("m1", one, other))
    refuse(world.platform, one, PARTNERS, principal=TESTER)
    allow(world.platform, one, MARKETING, principal=TESTER, word="yes")
    do(world, unmerge_refusals, Merge("m1", one, other))
    assert (flags(world, one), flags(world, other)) == ({PARTNERS}, {SENSITIVE, PARTNERS})


def test_a_chain_of_merges_carries_refusals_to_its_end(world: World, two: tuple[str, str]) -> None:
    one, other = two
    third = world.add([Person(person(3))])[0].customer_id
    do(world, merge_refusals, Merge("m1", other, third))
    do(world, merge_refusals, Merge("m2", one, other))
    refuse(world.platform, one, PARTNERS, principal=TESTER)
    do(world, unmerge_refusals, Merge("m2", one, other))
    do(world, unmerge_refusals, Merge("m1", other, third))
    assert flags(world, one) == {MARKETING, PARTNERS}
    assert flags(world, other) == {SENSITIVE, PARTNERS}
    assert flags(world, third) == {PARTNERS}


def test_undoing_one_merge_leaves_what_another_brought(world: World, two: tuple[str, str]) -> None:
    one, other = two
    third = world.add([Person(person(3), frozenset({SENSITIVE}))])[0].customer_id
    do(world, merge_refusals, Merge("m1", one, other))
    do(world, merge_refusals, Merge("m2", one, third))
    do(world, unmerge_refusals, Merge("m1", one, other))
    assert flags(world, one) == {MARKETING, SENSITIVE}
    do(world, unmerge_refusals, Merge("m2", one, third))
    assert flags(world, one) == {MARKETING}


def test_an_odd_flag_of_the_absorbed_counts_as_refused(world: World, two: tuple[str, str]) -> None:
    one, other = two
    value = "1" if world.dialect == "sqlite" else "true"
    world.sql(f"UPDATE customer SET refused__{PARTNERS} = {value} WHERE customer_id = '{other}'")
    do(world, merge_refusals, Merge("m1", one, other))
    assert PARTNERS in flags(world, one)


def test_nobody_but_the_merge_is_undone(world: World, two: tuple[str, str]) -> None:
    """What says "allowed" as a merge takes back nothing but what the merge of that id brought."""
    one, _ = two
    force = world.platform.in_force()
    with world.platform.door.record(Entry("change", "merge", TESTER, force.versions)) as change:
        now = timestamp()
        events = [Event(one, MARKETING, State.ALLOWED, Source.MERGE, now, now, reference=each) for each in (None, "m1")]
        add_events(change.conn, force.catalogue, events)
    assert flags(world, one) == {MARKETING}
