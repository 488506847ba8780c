"""Precedence, exhaustively over small histories: any order and any repetition of up to five acts end in one state."""

from collections.abc import Sequence
from itertools import combinations_with_replacement, permutations, product

import pytest

from consent.choices import Choices
from consent.events import OF_THE_PERSON, Event, Evidence, Source, State
from consent.precedence import is_refused, refused_flags
from tests import samples

HERS = (Source.PORTAL, Source.STAFF)
OTHERS = tuple(source for source in Source if source not in (*HERS, Source.REGIME))
WORD = Evidence(word="c2VhbGVk")
CHOICES = Choices.of(samples.catalogue())
TIMES = tuple(f"2026-01-0{day}T00:00:00.000000+00:00" for day in (1, 2, 3))
ACTS = [
    (source, state, at) for source in (Source.PORTAL, Source.STAFF, Source.SIGNAL) for state in State for at in TIMES
]
Act = tuple[Source, State, str]


def event(source: Source, state: State, at: str, choice: str = "direct_marketing") -> Event:
    return Event("her", choice, state, source, at, at, WORD)


def by_hand(acts: Sequence[Act]) -> bool:
    """The rule in other words: walk through time; at each instant first her own word, then what others say.

    Her word sets the state, a refusal if she says both at once. Others can only tighten, and at the same instant as
    her they still do.
    """
    refused = False
    for at in sorted({each[2] for each in acts}):
        now = [(source, state) for source, state, when in acts if when == at]
        hers = [state for source, state in now if source in HERS]
        if hers:
            refused = State.REFUSED in hers
        refused = refused or any(state is State.REFUSED for source, state in now if source not in HERS)
    return refused


def test_her_sources_are_these_two() -> None:
    assert frozenset(HERS) == OF_THE_PERSON


def test_every_history_of_up_to_three_acts_in_every_order() -> None:
    checked = 0
    for count in range(4):
        for acts in combinations_with_replacement(ACTS, count):
            wanted = by_hand(acts)
            for order in permutations(acts):
                assert is_refused([event(*act) for act in order]) is wanted, order
                checked += 1
    assert checked > 7_000


def test_every_order_and_repetition_of_five_acts_ends_alike() -> None:
    histories = [
        acts for number, acts in enumerate(combinations_with_replacement(ACTS, 5)) if number % 499 == 0
    ]  # a fixed sample of 33,649
    assert len(histories) > 30
    for acts in histories:
        wanted = by_hand(acts)
        events = [event(*act) for act in acts]
        for order in permutations(events):
            assert is_refused(order) is wanted
        for twice in product((1, 2), repeat=5):
            repeated = [each for each, times in zip(events, twice, strict=True) for _ in range(times)]
            assert is_refused(repeated) is wanted
            assert is_refused(repeated[::-1]) is wanted


@pytest.mark.parametrize("source", OTHERS)
def test_only_her_own_word_loosens(source: Source) -> None:
    early, _, late = TIMES
    assert is_refused([event(Source.PORTAL, State.REFUSED, early), event(source, State.ALLOWED, late)])
    assert is_refused([event(Source.SIGNAL, State.REFUSED, early), event(source, State.ALLOWED, late)])


def test_staff_without_her_word_loosens_nothing() -> None:
    early, _, late = TIMES
    said = Event("her", "direct_marketing", State.ALLOWED, Source.STAFF, late, late)
    assert is_refused([event(Source.SIGNAL, State.REFUSED, early), said])
    assert is_refused([event(Source.PORTAL, State.REFUSED, early), said])


@pytest.mark.parametrize("source", [*HERS, *OTHERS])
def test_any_source_tightens(source: Source) -> None:
    early, _, late = TIMES
    assert is_refused([event(source, State.REFUSED, early)])
    assert is_refused([event(Source.STAFF, State.ALLOWED, early), event(source, State.REFUSED, late)])


@pytest.mark.parametrize(("first", "second"), list(product([*HERS, *OTHERS], HERS)))
def test_ties_refuse(first: Source, second: Source) -> None:
    at = TIMES[0]
    assert is_refused([event(first, State.REFUSED, at), event(second, State.ALLOWED, at)])
    assert is_refused([event(second, State.ALLOWED, at), event(first, State.REFUSED, at)])


def test_silence_refuses_nothing() -> None:
    assert is_refused([]) is False
    assert refused_flags([], CHOICES) == frozenset()


def test_choices_do_not_mix() -> None:
    early, _, late = TIMES
    events = [
        event(Source.PORTAL, State.REFUSED, early, "direct_marketing"),
        event(Source.PORTAL, State.ALLOWED, late, "sensitive_data"),
        event(Source.SIGNAL, State.REFUSED, early, "automated_decisions"),
    ]
    assert refused_flags(events, CHOICES) == {"direct_marketing", "automated_decisions"}
