"""Ten thousand refusals against bulk readers: none is in a read that began after her refusal was acknowledged."""

import threading
from collections.abc import Sequence
from time import monotonic

import pytest

from audit.entries import Entry, timestamp
from cdp.services.latency.look import Look, looks
from cdp.services.latency.measure import Looks, Refusal, measure_latency
from cdp.services.latency.scratch import ROLE, scratch
from cdp.store.records import Stored
from cdp.terms import DIRECT_MARKETING
from consent.events import Event, Source, State
from consent.flags import add_events
from tests.samples import TESTER, Principal
from tests.support.worlds import World
from views.run import ViewReading

PEOPLE, AT_ONCE, RACES = 1_000, 100, 10_000


def say(store: object, people: Sequence[Stored], state: State) -> None:
    """Have several act in one transaction; it is acknowledged when it has committed."""
    in_force, now = store.in_force(), timestamp()  # type: ignore[attr-defined]
    with store.door.record(Entry("change", "race", TESTER, in_force.versions)) as change:  # type: ignore[attr-defined]
        events = [Event(each.customer_id, DIRECT_MARKETING, state, Source.PORTAL, now, now) for each in people]
        add_events(change.conn, in_force.catalogue, events)


def test_ten_thousand_races(world: World) -> None:
    stop, seen = threading.Event(), [list[Look](), list[Look]()]
    refusals: list[Refusal] = []
    with scratch(world.platform, PEOPLE, principal=TESTER) as (store, people):

        def read(mine: list[Look]) -> None:
            for look in looks(store, stop, principal=Principal("reader", ROLE)):
                mine.append(look)  # noqa: PERF402 -- seen from outside while it grows

        readers = [threading.Thread(target=read, args=(mine,)) for mine in seen]
        for reader in readers:
            reader.start()
        try:
            while len(refusals) < RACES:
                turn: list[Refusal] = []
                for start in range(0, PEOPLE, AT_ONCE):
                    part = people[start : start + AT_ONCE]
                    say(store, part, State.REFUSED)
                    acknowledged = monotonic()
                    turn += [Refusal(each.ordinal, acknowledged) for each in part]
                before = [len(mine) for mine in seen]
                while any(len(mine) < count + 2 for mine, count in zip(seen, before, strict=True)):
                    assert all(reader.is_alive() for reader in readers)
                until = monotonic()
                refusals += [Refusal(each.ordinal, each.acknowledged, until) for each in turn]
                say(store, people, State.ALLOWED)
        finally:
            stop.set()
            for reader in readers:
                reader.join()
    found = Looks(seen[0] + seen[1])
    raced = sum(found.honoured_after(each) is not None for each in refusals)
    print(f"{raced} races, {len(seen[0]) + len(seen[1])} chunks read, {world.dialect}")
    assert raced >= RACES
    assert sum(found.rows_after(each) for each in refusals) == 0


def test_the_measurement_sees_a_reader_that_keeps_flags(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache outside the statement, as somebody might add one, is found out."""
    read, kept = ViewReading.read, []

    def cached(self: ViewReading, conn: object, position: object | None) -> object:
        if len(kept) < 1:
            kept.append(read(self, conn, position))  # type: ignore[arg-type]
        return kept[0]

    monkeypatch.setattr(ViewReading, "read", cached)
    assert measure_latency(world.platform, trials=3, principal=TESTER).rows_after > 0


def test_latency_with_readers_in_threads_and_in_another_process(world: World) -> None:
    told: list[tuple[int, int]] = []
    measured = measure_latency(
        world.platform, trials=60, principal=TESTER, report=lambda *now: told.append(now)
    )  # fmt: skip
    assert (measured.engine, measured.trials, measured.rows_after) == (world.dialect, 60, 0)
    assert measured.reads > 0
    assert list(measured.distribution.values()) == sorted(measured.distribution.values())
    assert told[-1] == (60, 60)


@pytest.mark.parametrize(
    ("look", "rows", "honoured"),
    [
        (Look(2, 3, frozenset({7})), 1, None),
        (Look(2, 3, frozenset({8})), 0, 2),
        (Look(0.5, 3, frozenset({7})), 0, None),
        (Look(2, 9, frozenset({7})), 0, None),
        (Look(6, 7, frozenset({7})), 0, None),
    ],
)
def test_what_counts_as_a_row_after(look: Look, rows: int, honoured: float | None) -> None:
    refusal, found = Refusal(7, 1, 5), Looks([look])
    assert (found.rows_after(refusal), found.honoured_after(refusal)) == (rows, honoured)
    assert Look.parse(look.format()) == look
