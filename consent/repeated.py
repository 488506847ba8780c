"""What a source has said already: to write it down again would add nothing but length to a history.

A flag does not tell that. It may be set by a merge that is undone later, or by a regime that she overrules; a refusal
that was left out for it would then be lost.
"""

from collections import defaultdict
from collections.abc import Collection

from consent.choices import PROFILE, Choices
from consent.events import Event, Source, State
from consent.precedence import is_refused
from consent.profiles import merged


def standing_from(source: Source, history: Collection[Event], choices: Choices) -> frozenset[str]:
    """Return the choices, by the catalogue's own names, of which a refusal from this source counts on its own.

    What came before a merge that stands is not among them: said again now, it is said of the absorbed, too.
    """
    merges = merged(history)
    since = max(
        (event.received_at for event in history if event.choice == PROFILE and event.reference in merges), default=""
    )
    by_choice: dict[str, list[Event]] = defaultdict(list)
    for event in history:
        said = event.source is source and event.state is State.REFUSED and event.received_at > since
        if said or (event.is_her_word and event.state is State.ALLOWED):
            by_choice[choices.canonical(event.choice)].append(event)
    return frozenset(choice for choice, about in by_choice.items() if is_refused(about))
