"""From history to flags: one pure function.

The person's own latest act wins; anything else can only tighten; ties refuse. The result depends on the set of events
alone: any order of them and any repetition end in the same flags.
"""

from collections.abc import Collection

from consent.events import OF_THE_PERSON, Event, State


def is_refused(events: Collection[Event]) -> bool:
    """Return whether one choice stands refused after these events, all of that choice and of one person.

    1. Of the person's own acts the latest counts; at the same instant a refusal counts.
    2. A refusal from elsewhere counts unless the person allowed it later than that.
    3. What allows from elsewhere never counts.
    """
    own = [(event.effective_at, event.state is State.REFUSED) for event in events if event.source in OF_THE_PERSON]
    latest, refused = max(own, default=("", False))
    if refused:
        return True
    return any(
        event.state is State.REFUSED and event.source not in OF_THE_PERSON and event.effective_at >= latest
        for event in events
    )


def refused_choices(events: Collection[Event], choices: Collection[str]) -> frozenset[str]:
    """Return which of the choices stand refused after these events of one person."""
    return frozenset(choice for choice in choices if is_refused([event for event in events if event.choice == choice]))
