"""What each view shows of one person, given what she refuses: for her own eyes, and for the officer's.

Design section 4. Pure: the same `views.decide` that compiles reads. What a release shows of a single person cannot be
said: no row of it is hers.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from cdp.catalogue.model import Catalogue
from cdp.terms import Kind, Shape
from views.decide import Decision, decided
from views.policy import Policy, View


@dataclass(frozen=True, slots=True)
class Seen:
    """One field in one view: the shape it has there for this person, None when it is withheld, and what withholds it.

    Attributes:
        row: whether the view has a row about her at all; without it there is no shape either.
        refusals: her refusals that make it so.
        rule: the stable name of the rule that decided it.
    """

    view: View
    entity: str
    field: str
    shape: Shape | None
    row: bool
    refusals: tuple[str, ...]
    rule: str


def seen(
    catalogue: Catalogue, policy: Policy, refused: Collection[str], *, collected: Callable[[View], bool] | None = None
) -> Iterator[Seen]:
    """Yield every column of every view, in the order of the policy, as it is for somebody who refuses these.

    Args:
        collected: whether any row of hers was collected for a view's purpose; each was, where nobody says.
    """
    for view in policy.views.values():
        yield from seen_through(catalogue, policy, refused, view, is_there=collected is None or collected(view))


def seen_through(
    catalogue: Catalogue, policy: Policy, refused: Collection[str], view: View, *, is_there: bool = True
) -> Iterator[Seen]:
    """Yield every column of one view; one that has no row of hers whatever she refuses is not there for her."""
    purpose, entity = policy.purposes[view.purpose], catalogue.entities[view.entity]
    against = absence(policy, refused, view)
    for decision in decided(entity, view, purpose):
        if against or not is_there:
            yield Seen(view, view.entity, decision.name, None, row=False, refusals=against, rule=decision.rule)
        else:
            yield _cell(view, decision, refused)


def absence(policy: Policy, refused: Collection[str], view: View) -> tuple[str, ...]:
    """Return the refusals by which a view has no row about somebody; none where it has one."""
    if view.kind is Kind.SELECTIVE:
        return ()
    return tuple(name for name in policy.purposes[view.purpose].subject_to if name in refused)


def changed_by(catalogue: Catalogue, policy: Policy, refused: Collection[str], choice: str) -> list[View]:
    """Return the views that would show something else of her if she changed her mind about one opt-out."""
    other = set(refused) ^ {choice}
    pairs = zip(seen(catalogue, policy, refused), seen(catalogue, policy, other), strict=True)
    views = {one.view.name: one.view for one, two in pairs if (one.shape, one.row) != (two.shape, two.row)}
    return list(views.values())


def _cell(view: View, decision: Decision, refused: Collection[str]) -> Seen:
    against = tuple(name for name in decision.unless if name in refused)
    shape = decision.otherwise if against else decision.shape
    return Seen(view, view.entity, decision.name, shape, row=True, refusals=against, rule=decision.rule)
