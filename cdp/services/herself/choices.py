"""What a customer refuses, since when, on whose word, and what each opt-out changes today: for herself."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.entries import HERSELF, Entry
from cdp.bootstrap import Platform
from cdp.services.customers import find_customer
from consent.choices import PROFILE, Choices
from consent.events import Event
from consent.history import read_histories
from consent.precedence import refused_choices, refused_flags
from consent.residence import read_regimes
from views.policy import View
from views.seen import changed_by


@dataclass(frozen=True)
class Standing:
    """One opt-out: whether it stands refused, her last act about it or what else set it, and the views it changes."""

    name: str
    refused: bool
    last: Event | None
    views: Sequence[View]


@dataclass(frozen=True)
class Standings:
    """All opt-outs, what stands refused besides of less than one of them, and the whole history, newest first.

    `regime` is the name and version of the one that holds where she has said nothing, as the history writes it.
    """

    opt_outs: Sequence[Standing]
    finer: Sequence[str]
    history: Sequence[Event]
    regime: str

    @property
    def refused(self) -> frozenset[str]:
        """The opt-outs that stand refused."""
        return frozenset(each.name for each in self.opt_outs if each.refused)


def standings(platform: Platform, customer_id: str) -> Standings:
    """Read how a customer stands to each opt-out.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force()
    choices = Choices.of(in_force.catalogue)
    with platform.door.record(Entry("disclosure", "own_choices", HERSELF, in_force.versions)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        hers = read_regimes(change.conn, in_force.catalogue, in_force.policy.regime, [found.customer_id])
        history = list(read_histories(change.conn, [found.customer_id])[found.customer_id].values())
    refused = refused_flags(history, choices)
    history.sort(key=lambda event: (event.effective_at, event.received_at), reverse=True)
    opt_outs = [
        Standing(
            name, name in refused, next((each for each in history if name in choices.withheld(each.choice)), None),
            changed_by(in_force.catalogue, in_force.policy, refused, name),
        )
        for name in in_force.catalogue.opt_outs
    ]  # fmt: skip
    finer = sorted(refused_choices(history, choices) - {PROFILE, *choices.names})
    return Standings(opt_outs, finer, history, hers[found.customer_id].reference)
