"""A day's traffic, replayed, reordered and split anyhow, gives one end state."""

import random
from typing import Any

import pytest

from cdp.bootstrap import Platform
from cdp.ingest.sources import add_source
from cdp.ingest.spool import Intake
from tests import samples
from tests.ingest.sending import drain, identify, send, track

HOURS = [f"2026-11-26T{hour:02}:00:00.000Z" for hour in range(12)]


def traffic(dice: random.Random) -> list[dict[str, Any]]:
    """Identifies that contradict each other, orders, and people who refuse."""
    found: list[dict[str, Any]] = []
    for number in range(60):
        user, at = f"u{dice.randrange(4)}", dice.choice(HOURS)
        if number % 3 == 0:
            traits = {
                dice.choice(["fullName", "income", "postcode"]): dice.choice([None, 10_000 * number, str(number)])
            }
            found.append(identify(number, user=user, at=at, **traits))
        else:
            found.append(track(number=number, user=user))
    refusal = {"consent": {"categoryPreferences": {"ads": False, "other": True}}}
    return [*found, identify(100, user="u1", at=HOURS[3]) | {"context": refusal}]


def state(platform: Platform) -> list[Any]:
    """What views show, without the ids that are random."""
    people = samples.rows_of(platform, "privacy_office", role="privacy_officer")
    orders = samples.rows_of(platform, "purchases")
    shared = samples.rows_of(platform, "acme_share")
    by_person = {row[0]: (row[1:], sorted(order[2:] for order in orders if order[0] == row[0])) for row in people}
    return [sorted(map(str, by_person.values())), sorted(str(row[1:]) for row in shared)]


@pytest.mark.parametrize("seed", range(3))
def test_a_day_gives_one_end_state_however_it_comes(platform: Platform, intake: Intake, seed: int) -> None:
    dice = random.Random(seed)
    events = traffic(random.Random(7))
    consent = {"ads": "third_party_disclosure"}
    _, first = add_source(platform, "first", principal=samples.TESTER, consent=consent)
    send(intake, first, *events)
    drain(platform)
    expected = state(platform)
    _, second = add_source(platform, "second", principal=samples.TESTER, consent=consent)
    again = [*events, *dice.choices(events, k=30)]
    dice.shuffle(again)
    while again:
        part = [again.pop() for _ in range(min(len(again), dice.randrange(1, 20)))]
        send(intake, second, *part)
        if dice.random() < 0.5:
            drain(platform)
    drain(platform)
    both = state(platform)
    assert both == [sorted([*one, *one]) for one in expected]
