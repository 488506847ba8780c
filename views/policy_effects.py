"""What another policy does to the views: which of them tell more, to whom, about whom; which less.

Design section 4, as `views.effects` for another catalogue. Pure, over the decisions that compile reads. What widens
needs a second person, so whatever is not surely narrower counts as wider.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from cdp.catalogue.model import Catalogue
from cdp.terms import Kind
from views.anonymize.release import DEFAULT_DIVERSITY
from views.decide import Decision, decided
from views.effects import column_effect
from views.policy import Policy, View
from views.regime_effects import regime_effect
from views.rows import KEEPS_REFUSED

IDENTITY: Final = ("kind", "entity", "purpose", "recipient")
"""What makes a view the one that it is: with another of these it is another view under an old name."""


class Way(StrEnum):
    """Which way it goes."""

    WIDENS = "widens"
    NARROWS = "narrows"
    CHANGES = "changes"


What = Literal[
    "view_new", "view_gone", "view_other", "roles_more", "roles_less", "rows_more", "rows_less", "rows_owed",
    "rows_not_owed", "reason_dropped", "reason_asked", "groups_smaller", "groups_larger", "write_more", "write_less",
    "glass_more", "glass_less",
    "column_new", "column_gone", "column", "basis", "regime", "officers_fewer", "officers_more",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PolicyEffect:
    """One thing that becomes different.

    Attributes:
        view: empty for what is about the whole policy.
        names: the roles, fields, opt-outs or keys that it is about.
        before, after: what is decided of the field, where it is about a column; None where there is none.
    """

    way: Way
    what: What
    view: str = ""
    field: str = ""
    names: tuple[str, ...] = ()
    before: Decision | None = None
    after: Decision | None = None


def policy_effects(catalogue: Catalogue, old: Policy, new: Policy) -> Iterator[PolicyEffect]:
    """Yield what becomes different with another policy that fits the catalogue, view by view, then the rest."""
    for name, view in new.views.items():
        if name in old.views:
            yield from _changed(catalogue, old, new, old.views[name], view)
        elif any(decision.shape for decision in _decisions(catalogue, new, view).values()):
            yield PolicyEffect(Way.WIDENS, "view_new", name, names=view.roles)
        else:
            yield PolicyEffect(Way.CHANGES, "view_new", name, names=view.roles)
    for name, view in old.views.items():
        if name not in new.views:
            yield PolicyEffect(Way.NARROWS, "view_gone", name, names=view.roles)
    if old.regime != new.regime:
        yield PolicyEffect(Way(regime_effect(old.regime, new.regime)), "regime")
    fewer, more = set(old.two_officers) - set(new.two_officers), set(new.two_officers) - set(old.two_officers)
    if fewer:  # else one officer could do away with the second, and then grant alone
        yield PolicyEffect(Way.WIDENS, "officers_fewer", names=tuple(sorted(fewer)))
    if more:
        yield PolicyEffect(Way.NARROWS, "officers_more", names=tuple(sorted(more)))


def widens(catalogue: Catalogue, old: Policy, new: Policy) -> bool:
    """Return whether another policy tells anybody more, or may."""
    return any(effect.way is Way.WIDENS for effect in policy_effects(catalogue, old, new))


def _changed(catalogue: Catalogue, old: Policy, new: Policy, before: View, after: View) -> Iterator[PolicyEffect]:
    name = after.name
    other = tuple(key for key in IDENTITY if getattr(before, key) != getattr(after, key))
    if other:
        yield PolicyEffect(Way.WIDENS, "view_other", name, names=other)
    yield from _sets(name, "roles", before.roles, after.roles)
    yield from _rows(old, new, before, after)
    if before.needs != after.needs:
        dropped = "reason" not in after.needs
        yield PolicyEffect(
            Way.WIDENS if dropped else Way.NARROWS, "reason_dropped" if dropped else "reason_asked", name
        )
    yield from _groups(before, after)
    yield from _sets(name, "write", before.write, after.write)
    yield from _sets(name, "break_glass", before.break_glass, after.break_glass)
    if before.entity == after.entity:
        yield from _columns(name, _decisions(catalogue, old, before), _decisions(catalogue, new, after))


def _rows(old: Policy, new: Policy, before: View, after: View) -> Iterator[PolicyEffect]:
    """Yield what becomes of the rows: who refused comes into view, or goes; and who was not asked for this purpose."""
    was, is_ = old.purposes[before.purpose], new.purposes[after.purpose]
    gates = [
        () if view.kind in KEEPS_REFUSED else purpose.subject_to for view, purpose in ((before, was), (after, is_))
    ]
    lost = tuple(gate for gate in gates[0] if gate not in gates[1])
    won = tuple(gate for gate in gates[1] if gate not in gates[0])
    if lost:
        yield PolicyEffect(Way.WIDENS, "rows_more", after.name, names=lost)
    if won:
        yield PolicyEffect(Way.NARROWS, "rows_less", after.name, names=won)
    if was.is_owed != is_.is_owed:
        owed = is_.is_owed
        yield PolicyEffect(Way.WIDENS if owed else Way.NARROWS, "rows_owed" if owed else "rows_not_owed", after.name)
    elif was.legal_basis is not is_.legal_basis:
        yield PolicyEffect(Way.CHANGES, "basis", after.name)


def _groups(before: View, after: View) -> Iterator[PolicyEffect]:
    pairs = [(before.k or 0, after.k or 0)]
    pairs.append((before.diversity or DEFAULT_DIVERSITY, after.diversity or DEFAULT_DIVERSITY))
    if before.kind is not Kind.ANONYMIZED or after.kind is not Kind.ANONYMIZED:
        return
    if any(new < old for old, new in pairs):
        yield PolicyEffect(Way.WIDENS, "groups_smaller", after.name)
    elif any(new > old for old, new in pairs):
        yield PolicyEffect(Way.NARROWS, "groups_larger", after.name)


def _columns(view: str, before: dict[str, Decision], after: dict[str, Decision]) -> Iterator[PolicyEffect]:
    for name, decision in after.items():
        was = before.get(name)
        if was is None:
            way = Way.WIDENS if decision.shape else Way.CHANGES
            yield PolicyEffect(way, "column_new", view, name, after=decision)
        elif found := column_effect(was, decision):
            yield PolicyEffect(Way(found[0].removeprefix("view_")), "column", view, name, before=was, after=decision)
    for name, was in before.items():
        if name not in after:
            way = Way.NARROWS if was.shape else Way.CHANGES
            yield PolicyEffect(way, "column_gone", view, name, before=was)


def _sets(
    view: str, key: Literal["roles", "write", "break_glass"], old: tuple[str, ...], new: tuple[str, ...]
) -> Iterator[PolicyEffect]:
    more = tuple(each for each in new if each not in old)
    less = tuple(each for each in old if each not in new)
    what: dict[str, tuple[What, What]] = {
        "roles": ("roles_more", "roles_less"),
        "write": ("write_more", "write_less"),
        "break_glass": ("glass_more", "glass_less"),
    }
    if more:
        yield PolicyEffect(Way.WIDENS, what[key][0], view, names=more)
    if less:
        yield PolicyEffect(Way.NARROWS, what[key][1], view, names=less)


def _decisions(catalogue: Catalogue, policy: Policy, view: View) -> dict[str, Decision]:
    found = decided(catalogue.entities[view.entity], view, policy.purposes[view.purpose])
    return {decision.name: decision for decision in found}
