"""Which profiles are one customer's at a time, as her history says it: merges are acts of it, too.

An event on the choice `PROFILE` with the source `merge` says that another customer became part of this one, or is no
longer; it sets no flag.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from consent.choices import PROFILE
from consent.events import Event, Source, State

MERGED: Final = "merged"
"""Under this name the evidence of what a merge brought says whose it was."""


def merged(events: Iterable[Event]) -> dict[str, str]:
    """Return the merges that stand after the events of one customer: who was merged into her, by the merge's id."""
    began, undone = dict[str, str](), set[str]()
    for event in events:
        if event.choice == PROFILE and event.source is Source.MERGE and event.reference:
            if event.state is State.REFUSED:
                began[event.reference] = str(event.evidence.more.get(MERGED, ""))
            else:
                undone.add(event.reference)
    return {merge: absorbed for merge, absorbed in began.items() if merge not in undone}


def carried(history: Iterable[Event], placed: Iterable[Event]) -> Iterator[Event]:
    """Yield what new acts of a customer say of those who are merged into her: what she refuses, they refuse.

    What a merge brings does not come from her and is not carried on; nor is what a regime refuses by itself.
    """
    standing = merged(history)
    for event in placed:
        if event.state is State.REFUSED and event.source is not Source.REGIME and event.choice != PROFILE:
            for merge, absorbed in standing.items():
                yield replace(event, customer_id=absorbed, source=Source.MERGE, reference=merge)
