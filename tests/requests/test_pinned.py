"""What was corrected stays so: no source, file, merge or revert puts the wrong value back; only verified news does."""

import itertools
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.identity.revert import revert_source
from cdp.services.imports.load import import_file
from tests import samples
from tests.requests.test_corrections import approve, correct
from tests.samples import TESTER
from tests.services.seeing import TRUSTED, WEB, Sighting, folded, seen

WRONG, RIGHT, NEWS, OTHER = "10000", "12000", "15000", "17000"


def income(platform: Platform) -> dict[str, object]:
    return {str(row[0]): row[5] for row in samples.rows_of(platform, "privacy_office")}


def corrected(platform: Platform, customer_id: str, text: str = RIGHT) -> None:
    approve(platform, correct(platform, customer_id, ("income", text)), "income")


def said(number: int, source: str, value: str, *, seconds: int) -> Sighting:
    """What a source says of somebody so many seconds from now: one that verifies her, or one that knows a name."""
    at = timestamp(datetime.fromisoformat(timestamp()) + timedelta(seconds=seconds))
    named = ("email", f"ann{number}@example.org") if source == TRUSTED else ("user_id", f"w{number}")
    made = seen(named, source=source, income=int(value))
    return Sighting(made.source, made.message_id, at, made.identifiers, made.traits)


def known_at_both(platform: Platform, count: int) -> list[str]:
    """People whom the verifying source and the other one know, with the wrong income from both."""
    people = [each.customer_id for each in samples.add_people(platform, count)]
    for number in range(count):
        both = said(number, TRUSTED, WRONG, seconds=-100)
        mine = seen(("user_id", f"w{number}"), source=WEB).identifiers
        folded(platform, both, Sighting(WEB, f"x{number}", both.at, (*both.identifiers, *mine), both.traits))
    return people


def model(events: list[tuple[str, str, int]]) -> str:
    """The same in other words: the correction stands until something lifts it; then the latest that was said counts."""
    lifts = [each for each in events if each[0] == TRUSTED and each[2] > 0 and each[1] != WRONG]
    if not lifts:
        return RIGHT
    return max(events, key=lambda each: each[2])[1]


def test_any_order_of_what_sources_say_ends_as_a_person_expects(platform: Platform) -> None:
    rng, cases = random.Random(7), []
    for _ in range(10):
        times = rng.sample([-50, -20, 1000, 2000, 3000], rng.randint(1, 3))
        events = [(TRUSTED, rng.choice([WRONG, WRONG, NEWS]), each) for each in times]
        cases += list(itertools.permutations(events))[:3]
    people = known_at_both(platform, len(cases))
    for number, (person, events) in enumerate(zip(people, cases, strict=True)):
        corrected(platform, person)
        for source, value, seconds in events:
            folded(platform, said(number, source, value, seconds=seconds))
    now = income(platform)
    assert [str(now[person]) for person in people] == [model(list(events)) for events in cases]


def test_who_is_not_verified_changes_nothing_that_was_corrected(platform: Platform) -> None:
    (ann,) = known_at_both(platform, 1)
    corrected(platform, ann)
    folded(platform, said(0, WEB, NEWS, seconds=500))
    assert income(platform)[ann] == int(RIGHT)


def test_a_file_puts_nothing_back(platform: Platform, tmp_path: Path) -> None:
    ann, ben = (each.customer_id for each in samples.add_people(platform, 2))
    corrected(platform, ann)
    path = tmp_path / "old.csv"
    path.write_text(f"email,income,loyalty\nann0@example.org,{NEWS},silver\nann1@example.org,{NEWS},silver\n")
    import_file(platform, path, principal=TESTER, progress=lambda *_: None)
    now = income(platform)
    assert (now[ann], now[ben]) == (int(RIGHT), int(NEWS))


def test_a_merge_and_its_undoing_keep_it(platform: Platform) -> None:
    ann, ben = (each.customer_id for each in samples.add_people(platform, 2))
    corrected(platform, ben)
    before = income(platform)
    done = merge_customers(platform, ann, ben, principal=TESTER, reason="x")
    assert income(platform)[ann] == int(RIGHT), "what one of them had corrected counts"
    unmerge_customers(platform, done.merge_id, principal=TESTER)
    assert income(platform) == before


def test_taking_back_what_a_source_sent_leaves_it(platform: Platform) -> None:
    (ann,) = known_at_both(platform, 1)
    corrected(platform, ann)
    folded(platform, said(0, TRUSTED, RIGHT, seconds=500))
    revert_source(platform, TRUSTED, principal=TESTER, reason="x")
    assert income(platform)[ann] == int(RIGHT)


@pytest.mark.parametrize("text", ["", OTHER])
def test_her_next_correction_counts(platform: Platform, text: str) -> None:
    (ann,) = known_at_both(platform, 1)
    corrected(platform, ann)
    corrected(platform, ann, text)
    folded(platform, said(0, TRUSTED, RIGHT, seconds=500))
    assert income(platform)[ann] == (int(OTHER) if text else None), "what stood before it is the wrong value now"
