"""The truth table of the page, held against the rule in other words, and against everything that order could do."""

from itertools import permutations

from consent.events import Source, State
from docs.generators.consent import HERS, OTHERS, Act, holds


def by_hand(hers: list[Act], others: list[Act]) -> bool:
    """Her last word, then whoever refuses no earlier; a default only where she was silent."""
    last = max((day for _, _, day in hers), default=0)
    refused = any(state is State.REFUSED for _, state, day in hers if day == last)
    undone = any(source is Source.MERGE and state is State.ALLOWED for source, state, _ in others)
    for source, state, day in others:
        if state is State.REFUSED and source is Source.REGIME:
            refused = refused or not hers
        elif state is State.REFUSED and not (source is Source.MERGE and undone):
            refused = refused or day >= last
    return refused


def test_every_cell_is_what_the_rule_says_in_every_order() -> None:
    checked = 0
    for said in HERS.values():
        for other in OTHERS.values():
            wanted = by_hand(list(said), list(other))
            for order in permutations([*said, *other]):
                assert holds(*order) is holds(*order, *order) is wanted
                checked += 1
    assert checked > len(HERS) * len(OTHERS)
