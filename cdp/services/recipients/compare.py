"""What the policy lets each recipient have, held against what was agreed with it.

Who there is, and what leaves, the policy and the catalogue say; an agreement adds nothing to that. What the policy
gives beyond it is to be taken out of the policy, or to be agreed on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cdp.bootstrap import InForce, Platform
from cdp.services.recipients.known import Agreement, Standing, list_agreements, today
from views.decide import decided
from views.policy import View


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to whom data is passed on, or was agreed that it may be.

    Attributes:
        views: those of the policy in which it is the recipient.
        gives: `entity.field` of what they give, in whatever shape.
        agreements: the newest first.
        holds: the fields and purposes of all that hold on the day.
    """

    name: str
    views: tuple[View, ...]
    gives: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    day: date

    @property
    def purposes(self) -> list[str]:
        """For what the policy gives it something."""
        return list(dict.fromkeys(view.purpose for view in self.views))

    @property
    def holding(self) -> list[Agreement]:
        """The agreements that hold."""
        return [each for each in self.agreements if each.standing(self.day) is Standing.HOLDS]

    @property
    def beyond(self) -> list[str]:
        """What the policy gives, and no agreement that holds has."""
        agreed = {field for each in self.holding for field in each.fields}
        return [field for field in self.gives if field not in agreed]

    @property
    def purposes_beyond(self) -> list[str]:
        """For what the policy gives it something, and no agreement that holds says so."""
        agreed = {purpose for each in self.holding for purpose in each.purposes}
        return [each for each in self.purposes if each not in agreed]

    @property
    def is_past(self) -> bool:
        """Whether something was agreed once, and nothing holds any more."""
        return bool(self.agreements) and not self.holding and not self._coming

    @property
    def is_amiss(self) -> bool:
        """Whether the policy gives more than is agreed."""
        return bool(self.views) and bool(self.beyond or self.purposes_beyond)

    @property
    def _coming(self) -> bool:
        return any(each.standing(self.day) is Standing.TO_COME for each in self.agreements)


def recipients_of(in_force: InForce, agreements: Sequence[Agreement], day: date) -> dict[str, Recipient]:
    """Return everybody whom the policy or an agreement names, by name."""
    views, agreed = defaultdict[str, list[View]](list), defaultdict[str, list[Agreement]](list)
    for view in in_force.policy.views.values():
        if view.recipient:
            views[view.recipient].append(view)
    for each in agreements:
        agreed[each.recipient].append(each)
    return {
        name: Recipient(name, tuple(views[name]), _given(in_force, views[name]), tuple(agreed[name]), day)
        for name in sorted({*views, *agreed})
    }


def known_recipients(platform: Platform) -> dict[str, Recipient]:
    """Return everybody whom the policy in force or an agreement names, as they stand today."""
    return recipients_of(platform.in_force(), list_agreements(platform), today())


def _given(in_force: InForce, views: Sequence[View]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            f"{view.entity}.{each.name}"
            for view in views
            for each in decided(in_force.catalogue.entities[view.entity], view, in_force.policy.purposes[view.purpose])
            if each.shape is not None
        )
    )
