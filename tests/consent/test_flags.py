"""Flags are the projection of the history, and nothing but the person's word sets one back."""

import threading
from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

import pytest
from sqlalchemy import select

from audit.entries import Entry
from cdp.errors import BadInput, Unavailable
from cdp.services import state_choices as service
from cdp.services.opt_out import allow, refuse
from cdp.store.platform import CONSENT_EVENT
from consent.events import Event, Evidence, Source, State
from consent.flags import add_events
from consent.history import read_events
from tests.samples import TESTER, person
from tests.support.worlds import Person, World

TIMES = tuple(f"2026-01-0{day}T00:00:00.000000+00:00" for day in (1, 2, 3))
LATER = "2026-02-01T00:00:00.000000+00:00"
MARKETING, SENSITIVE = "direct_marketing", "sensitive_data"


def one(world: World, *refused: str) -> str:
    return world.add([Person(person(1), frozenset(refused))])[0].customer_id


def happen(world: World, *events: Event) -> None:
    force = world.platform.in_force()
    with world.platform.door.record(Entry("change", "opt_out", TESTER, force.versions)) as change:
        add_events(change.conn, force.catalogue, events)


def flags(world: World, *names: str) -> list[object]:
    columns = ", ".join(f"refused__{name}" for name in names)
    return [bool(cell) if cell is not None else None for cell in world.query(f"SELECT {columns} FROM customer")[0]]


def history(world: World, customer_id: str) -> list[Event]:
    with world.platform._database.reading() as conn:
        return read_events(conn, customer_id)


def act(her: str, source: Source, state: State, at: str, choice: str = MARKETING) -> Event:
    return Event(her, choice, state, source, at, at)


def test_every_order_of_arrival_ends_in_the_same_flags(world: World) -> None:
    def events(her: str) -> Sequence[Event]:
        return [
            Event(her, MARKETING, State.REFUSED, Source.PORTAL, TIMES[0], LATER),
            Event(her, MARKETING, State.ALLOWED, Source.STAFF, TIMES[1], LATER, Evidence(word="c2VhbGVk")),
            Event(her, MARKETING, State.REFUSED, Source.SIGNAL, TIMES[0], LATER),
            Event(her, MARKETING, State.ALLOWED, Source.IMPORT, TIMES[2], LATER),
        ]

    people = world.add([Person({**person(1), "email": f"x{n}@example.org"}) for n in range(24)])
    for each, order in zip(people, permutations(range(4)), strict=True):
        mine = events(each.customer_id)
        for position in order:
            happen(world, mine[position])
    assert {row[0] for row in world.query("SELECT refused__direct_marketing FROM customer")} <= {0}


def test_an_event_that_comes_twice_counts_once(world: World) -> None:
    her = one(world)
    event = act(her, Source.SIGNAL, State.REFUSED, TIMES[0])
    happen(world, event, event)
    happen(world, event)
    assert history(world, her) == [event]
    assert flags(world, MARKETING) == [True]


def test_another_act_leaves_a_refusal_that_has_no_history(world: World) -> None:
    her = one(world)
    world.sql("UPDATE customer SET refused__sensitive_data = " + ("1" if world.dialect == "sqlite" else "true"))
    refuse(world.platform, her, MARKETING, principal=TESTER)
    allow(world.platform, her, MARKETING, principal=TESTER, word="she said so")
    assert flags(world, MARKETING, SENSITIVE) == [False, True]
    allow(world.platform, her, SENSITIVE, principal=TESTER, word="she said so")
    assert flags(world, MARKETING, SENSITIVE) == [False, False]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_another_act_leaves_an_odd_flag_as_it_is(world: World) -> None:
    her = one(world)
    world.sql(
        "ALTER TABLE customer ALTER refused__sensitive_data DROP NOT NULL",
        "UPDATE customer SET refused__sensitive_data = NULL",
    )
    refuse(world.platform, her, MARKETING, principal=TESTER)
    assert flags(world, MARKETING, SENSITIVE) == [True, None]


def test_a_refusal_holds_though_the_clock_was_put_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    her = one(world)
    for at, state in ((TIMES[2], "allow"), (TIMES[0], "refuse"), (TIMES[0], "allow"), (TIMES[1], "refuse")):
        monkeypatch.setattr(service, "clock", lambda at=at: datetime.fromisoformat(at))
        if state == "allow":
            allow(world.platform, her, MARKETING, principal=TESTER, word="she said so")
        else:
            refuse(world.platform, her, MARKETING, principal=TESTER)
        assert flags(world, MARKETING) == [state == "refuse"]
    received = [each.received_at for each in history(world, her)]
    assert sorted(received) == sorted([TIMES[2], TIMES[0], TIMES[0], TIMES[1]])


def test_a_signal_of_now_holds_though_the_clock_was_put_back(world: World) -> None:
    her = one(world)
    happen(world, act(her, Source.PORTAL, State.ALLOWED, TIMES[2]))
    happen(world, act(her, Source.SIGNAL, State.REFUSED, TIMES[0]))
    assert flags(world, MARKETING) == [True]


def test_an_act_of_the_past_keeps_its_time(world: World) -> None:
    her = one(world)
    happen(world, act(her, Source.PORTAL, State.ALLOWED, TIMES[1]))
    happen(world, Event(her, MARKETING, State.REFUSED, Source.RESTORE, TIMES[0], TIMES[2]))
    assert flags(world, MARKETING) == [False]


@pytest.mark.parametrize(
    "at",
    ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00", "", "9", "2026-01-01T00:00:00.000000+02:00"],
)
def test_times_that_would_not_sort_are_refused(at: str) -> None:
    with pytest.raises(BadInput) as caught:
        Event("her", MARKETING, State.REFUSED, Source.IMPORT, at, TIMES[0])
    assert caught.value.code == "bad_time"


@pytest.mark.parametrize(
    "statement", ["UPDATE cdp_consent_event SET state = 'allowed'", "DELETE FROM cdp_consent_event"]
)
def test_the_database_itself_refuses_to_change_history(world: World, statement: str) -> None:
    her = one(world, MARKETING)
    with pytest.raises(Unavailable):
        world.sql(statement)
    assert len(history(world, her)) == 1


def test_a_failing_entry_takes_flag_and_history_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    her = one(world)

    def fail(*_args: object) -> None:
        raise Unavailable("log_failed", "the log could not be written")

    monkeypatch.setattr(world.platform.door._log, "append_within", fail)
    with pytest.raises(Unavailable):
        refuse(world.platform, her, MARKETING, principal=TESTER)
    assert flags(world, MARKETING) == [False]
    assert history(world, her) == []


def test_acts_at_once_all_stand(world: World) -> None:
    her = one(world)
    names = world.platform.in_force().catalogue.opt_outs
    threads = [
        threading.Thread(target=refuse, args=(world.platform, her, name), kwargs={"principal": TESTER})
        for name in names * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert flags(world, *names) == [True] * len(names)
    with world.platform._database.reading() as conn:
        assert len(conn.execute(select(CONSENT_EVENT.c.event_id)).all()) == len(names) * 3
