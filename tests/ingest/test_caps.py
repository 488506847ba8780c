"""Caps: what a write key may make in a day, and of one person, however many workers fold."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.ingest.sources import add_source, cap_source
from cdp.ingest.spool import Intake
from cdp.services.identity.decide import count_pending
from cdp.store.arriving import EVENT, SOURCE_DAY
from tests import samples
from tests.ingest.sending import NOW, batch, drain, identify, of, send, track
from tests.samples import TESTER


def capped(platform: Platform, **caps: int) -> str:
    return add_source(platform, "capped", principal=TESTER, caps=caps)[1]


def people(platform: Platform) -> int:
    return len(samples.rows_of(platform, "privacy_office", role="privacy_officer"))


def test_events_of_a_day_and_the_next_day_begins_anew(platform: Platform, intake: Intake) -> None:
    key = capped(platform, events=3)
    send(intake, key, *[track(number=number) for number in range(2)])
    drain(platform)
    send(intake, key, *[track(number=number) for number in range(5)], 7)
    drain(platform)
    found = of(platform, "capped")
    assert (found.folded, found.duplicate, found.dropped) == (3, 2, {"events_capped": 2})
    assert found.quarantined == {"not_an_object": 1}
    intake.accept("batch", batch(track(number=4)), write_key=key, now=NOW + timedelta(days=1))
    intake.accept("batch", batch(track(number=5)), write_key=key, now=NOW + timedelta(days=40))
    drain(platform)
    assert (of(platform, "capped").folded, platform.door.count(EVENT)) == (5, 5)
    assert platform.door.count(SOURCE_DAY) == 1  # of days long gone nothing is kept


def test_new_profiles_of_a_day_while_those_who_are_there_go_on(platform: Platform, intake: Intake) -> None:
    key = capped(platform, profiles=2)
    send(intake, key, *[identify(number, f"u{number}", fullName="Ann") for number in range(4)])
    drain(platform)
    send(intake, key, identify(9, "u0", fullName="Bea"), identify(10, "u9"))
    drain(platform)
    assert people(platform) == 2
    assert (of(platform, "capped").folded, of(platform, "capped").dropped) == (3, {"profiles_capped": 3})
    cap_source(platform, "capped", {"profiles": None}, principal=TESTER)
    send(intake, key, identify(11, "u9"))
    drain(platform)
    assert people(platform) == 3


def test_links_of_a_source_and_a_person(platform: Platform, intake: Intake, write_key: str) -> None:
    key = capped(platform, links=2)
    for number in range(4):
        send(intake, key, identify(number, "u1", email=f"p{number}@example.org"))
        send(intake, write_key, identify(number, "u1", email=f"p{number}@example.org"))
    drain(platform)
    assert of(platform, "capped").capped == {"links": 3}  # one of the two is the user id itself
    assert of(platform).capped == {}
    assert count_pending(platform) == {"pending": 2 + 5}


def test_a_cap_holds_for_workers_that_fold_at_once(platform: Platform, intake: Intake) -> None:
    key = capped(platform, events=10, profiles=6)
    for body in range(8):
        send(intake, key, *[track(number=3 * body + each, user=f"u{3 * body + each}") for each in range(3)])
    begin = threading.Barrier(3)

    def work(_: int) -> None:
        begin.wait()
        drain(platform)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    drain(platform)
    found = of(platform, "capped")
    assert (found.folded, found.dropped) == (6, {"events_capped": 14, "profiles_capped": 4})
    assert (people(platform), found.waiting) == (6, 0)


@pytest.mark.parametrize("caps", [{"identifiers": 0}, {"events": -1}, {"wishes": 1}, {"events": 10**13}])
def test_what_is_no_cap(platform: Platform, caps: dict[str, int]) -> None:
    with pytest.raises(BadInput) as caught:
        capped(platform, **caps)
    assert caught.value.code == "bad_cap"
