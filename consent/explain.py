"""Why a flag stands as it does: the act that decides, for people who ask."""

from collections.abc import Collection
from dataclasses import dataclass

from consent.choices import Choices
from consent.events import Event, Source, State
from consent.precedence import is_refused, refused_choices, refused_flags


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an opt-out stands refused, and by which act; None where nobody has said anything."""

    opt_out: str
    refused: bool
    act: Event | None


def explain(events: Collection[Event], choices: Choices) -> list[Verdict]:
    """Return the verdict on each opt-out of the catalogue, in its order."""
    refused, standing = refused_flags(events, choices), refused_choices(events, choices)
    return [Verdict(name, name in refused, _deciding(name, events, choices, standing)) for name in choices.names]


def _deciding(name: str, events: Collection[Event], choices: Choices, standing: Collection[str]) -> Event | None:
    """Return the newest act without which it would not be so: her refusal, one from elsewhere, a default, her yes."""
    refusing = [
        event
        for event in events
        if event.state is State.REFUSED
        and choices.canonical(event.choice) in standing
        and name in choices.withheld(choices.canonical(event.choice))
        and is_refused([event])
    ]
    hers = [event for event in events if event.is_her_word and choices.canonical(event.choice) in choices.lineage(name)]
    default = [event for event in events if event.source is Source.REGIME and name in choices.withheld(event.choice)]
    for found in (refusing, hers, default):
        if found:
            return max(found, key=lambda event: (event.effective_at, event.is_her_word, event.event_id))
    return None
