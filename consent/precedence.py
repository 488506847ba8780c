"""From history to flags: one pure function of a set of events.

    1. Of the person's own acts on a choice the latest counts; at the same instant a refusal counts.
    2. A refusal from elsewhere counts unless she allowed that choice later than it.
    3. What allows from elsewhere never counts, but for one thing: a merge that is undone takes back what that same
       merge brought, and no more.
    4. What a regime refuses holds until she has said anything, at any time, about that opt-out or a wider one.
    5. A refusal sets the flags that `consent.choices` gives for it. An allowance takes back the very choice that it
       names, nothing wider and nothing narrower.

INVARIANT: the result depends on the set of events alone: any order of them and any repetition end in the same flags.
`docs/consent.md` says it in other words.
"""

from collections import defaultdict
from collections.abc import Collection

from consent.choices import Choices
from consent.events import Event, Source, State


def refused_flags(events: Collection[Event], choices: Choices) -> frozenset[str]:
    """Return the opt-outs whose flags are set after these events, all of one person."""
    flags: set[str] = set()
    for choice in refused_choices(events, choices):
        flags |= choices.withheld(choice)
    return frozenset(flags | refused_by_default(events, choices))


def refused_choices(events: Collection[Event], choices: Choices) -> frozenset[str]:
    """Return the choices that stand refused by what was said or came in, without what a regime refuses."""
    by_choice: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.source is not Source.REGIME:
            by_choice[choices.canonical(event.choice)].append(event)
    return frozenset(choice for choice, about in by_choice.items() if is_refused(about))


def refused_by_default(events: Collection[Event], choices: Choices) -> frozenset[str]:
    """Return the opt-outs that a regime refuses and about which she has said nothing."""
    spoken = {choices.canonical(event.choice) for event in events if event.is_her_word}
    default: set[str] = set()
    for event in events:
        if event.source is Source.REGIME and event.state is State.REFUSED:
            default |= choices.withheld(event.choice)
    return frozenset(name for name in default if spoken.isdisjoint(choices.lineage(name)))


def is_refused(events: Collection[Event]) -> bool:
    """Return whether one choice stands refused after these events, all of that choice and of one person."""
    own = [(event.effective_at, event.state is State.REFUSED) for event in events if event.is_her_word]
    latest, refused = max(own, default=("", False))
    if refused:
        return True
    undone = {
        event.reference
        for event in events
        if event.source is Source.MERGE and event.state is State.ALLOWED and event.reference
    }
    return any(
        event.effective_at >= latest and not (event.source is Source.MERGE and event.reference in undone)
        for event in events
        if event.state is State.REFUSED and not event.is_her_word and event.source is not Source.REGIME
    )
