"""Every order and every repetition of six acts ends in one state: exhaustively over orders, of many sets of six."""

from itertools import combinations, permutations, product

from cdp.catalogue.model import Catalogue
from cdp.terms import OPT_OUTS
from consent.choices import Choices
from consent.events import Event, Evidence, Source, State
from consent.precedence import refused_choices, refused_flags
from consent.profiles import MERGED

CHOICES = Choices.of(
    Catalogue.model_validate(
        {
            "opt_outs": [*OPT_OUTS, "by_email"],
            "narrower": {"by_email": {"of": "direct_marketing", "channel": "email"}},
            "entities": {"customer": {}},
        }
    )
)
WORD = Evidence(word="c2VhbGVk", more={MERGED: "other"})


def act(choice: str, source: Source, state: State, day: int, reference: str | None = None) -> Event:
    at = f"2026-01-0{day}T00:00:00.000000+00:00"
    name = f"{choice}.{source}.{state}.{day}.{reference}"
    return Event("her", choice, state, source, at, at, WORD, reference=reference, event_id=name)


ACTS = [
    act("direct_marketing", Source.REGIME, State.REFUSED, 1, "gdpr/1"),
    act("direct_marketing", Source.PORTAL, State.ALLOWED, 1),
    act("direct_marketing", Source.PORTAL, State.REFUSED, 2),
    act("direct_marketing", Source.STAFF, State.ALLOWED, 2),
    act("direct_marketing", Source.STAFF, State.ALLOWED, 3),
    act("direct_marketing", Source.IMPORT, State.REFUSED, 2),
    act("direct_marketing", Source.IMPORT, State.ALLOWED, 4),
    act("direct_marketing", Source.MERGE, State.REFUSED, 3, "m1"),
    act("direct_marketing", Source.MERGE, State.ALLOWED, 4, "m1"),
    act("direct_marketing/email", Source.PORTAL, State.REFUSED, 2),
    act("by_email", Source.PORTAL, State.ALLOWED, 3),
    act("direct_marketing/sms", Source.SIGNAL, State.REFUSED, 3),
]


def state(events: tuple[Event, ...] | list[Event]) -> tuple[frozenset[str], frozenset[str]]:
    return refused_flags(events, CHOICES), refused_choices(events, CHOICES)


def test_all_orders_and_repetitions_of_six_acts() -> None:
    ends, checked = set(), 0
    for number, six in enumerate(combinations(ACTS, 6)):
        wanted = state(six)
        ends.add(wanted)
        if number % 6 == 0:
            for twice in product((1, 2), repeat=6):  # any of them repeated, in two orders
                repeated = [each for each, times in zip(six, twice, strict=True) for _ in range(times)]
                assert state(repeated) == state(repeated[::-1]) == wanted
                checked += 2
        if number % 40 == 0:  # all 720 orders, each with one act repeated at its end
            for place, order in enumerate(permutations(six)):
                assert state(order) == state((*order, order[place % 6])) == wanted, six
                checked += 2
    assert len(ends) > 8
    print(f"{checked} histories")
    assert checked > 40_000
