"""What another catalogue does to the views of a policy: which of them tell more, which less, which something else.

Design section 4: the catalogue tags, `views.decide` decides. Pure, like the decisions that it compares.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from cdp.catalogue.field import Field
from cdp.catalogue.field_changes import generalisation
from cdp.catalogue.model import Catalogue
from cdp.terms import Kind, Shape
from views.anonymize.release import release_digest
from views.decide import Decision, decided
from views.policy import Policy, View

Kinds = Literal["view_widens", "view_narrows", "view_changes"]
What = Literal[
    "column_new", "column_gone", "column", "gates", "type", "masked", "finer", "coarser", "generalised", "release",
]  # fmt: skip

_HOW: Final[dict[Kinds, tuple[What, str]]] = {
    "view_widens": ("finer", "more finely"),
    "view_narrows": ("coarser", "more coarsely"),
    "view_changes": ("generalised", "in another way"),
}
_RANK: Final[dict[Shape | None, int]] = {None: 0, Shape.MASKED: 1, Shape.GENERAL: 1, Shape.CLEAR: 2}


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to one column of a view, or to the view as a whole (`field` is empty then).

    Attributes:
        words: a sentence for people, as those of `cdp.catalogue.changes`.
        what: what it says, for who says it in another language.
        before, after: the shape that who refused nothing sees.
    """

    kind: Kinds
    view: str
    entity: str
    field: str
    words: str
    what: What
    before: Shape | None = None
    after: Shape | None = None


def effects(old: Catalogue, new: Catalogue, policy: Policy) -> Iterator[Effect]:
    """Yield the effects on every view that fits both catalogues, in the order of the policy."""
    for view in policy.views.values():
        if view.entity not in old.entities or view.entity not in new.entities or view.purpose not in policy.purposes:
            continue
        yield from _effects(old, new, policy, view)


def _effects(old: Catalogue, new: Catalogue, policy: Policy, view: View) -> Iterator[Effect]:
    purpose = policy.purposes[view.purpose]
    old_fields, new_fields = old.entities[view.entity].fields, new.entities[view.entity].fields
    before = {each.name: each for each in decided(old.entities[view.entity], view, purpose)}
    after = {each.name: each for each in decided(new.entities[view.entity], view, purpose)}

    def effect(
        kind: Kinds, what: What, field: str, words: str, *, was: Decision | None = None, now: Decision | None = None
    ) -> Effect:
        return Effect(
            kind, view.name, view.entity, field, f"the view `{view.name}` {words}", what,
            before=was.shape if was else None, after=now.shape if now else None,
        )  # fmt: skip

    for name, decision in after.items():
        if name not in before:
            kind: Kinds = "view_widens" if decision.shape else "view_changes"
            words = f"has the column `{name}` besides, {_shown(decision.shape)}"
            yield effect(kind, "column_new", name, words, now=decision)
        elif found := column_effect(before[name], decision) or _computed(old_fields[name], new_fields[name], decision):
            yield effect(found[0], found[1], name, found[2], was=before[name], now=decision)
    for name, decision in before.items():
        if name not in after:
            yield effect("view_narrows", "column_gone", name, f"no longer has the column `{name}`", was=decision)
    fits = view.kind is Kind.ANONYMIZED and set(view.fields or ()) <= set(new_fields)
    if fits and release_digest(old, policy, view) != release_digest(new, policy, view):
        yield effect("view_changes", "release", "", "has to be released anew before it can be read")


def column_effect(before: Decision, after: Decision) -> tuple[Kinds, What, str] | None:
    """Compare two decisions about a column."""
    shown, refused = _shown(after.shape), ""
    if after.shape is not None and (before.unless, before.otherwise) != (after.unless, after.otherwise):
        whose = " or ".join(f"`{each}`" for each in after.unless)
        refused = f", {_shown(after.otherwise)} where {whose} is refused" if whose else ", also to those who refused"
    if before.shape is not after.shape:
        # A column that everybody saw alike, and sees alike, has nothing to say of refusals.
        alike = not before.unless and not after.unless
        words = f"shows `{after.name}` {shown} instead of {_shown(before.shape)}" + ("" if alike else refused)
        return _direction(before, after), "column", words
    if refused:
        return _direction(before, after), "gates", f"shows `{after.name}` {shown}{refused}"
    if before.type is not after.type and after.shape is not None:
        return "view_changes", "type", f"gives `{after.name}` as {after.type} instead of {before.type}"
    return None


def _direction(before: Decision, after: Decision) -> Kinds:
    """Say which way it goes for everybody alike: for who refused nothing, any one thing, or all of it."""
    gates = {*before.unless, *after.unless}
    ranks = [
        (_RANK[_seen(before, refused)], _RANK[_seen(after, refused)])
        for refused in (set[str](), *({gate} for gate in gates), gates)
    ]
    return _kind(any(new > old for old, new in ranks) - any(new < old for old, new in ranks))


def _seen(decision: Decision, refused: Collection[str]) -> Shape | None:
    return decision.shape if set(decision.unless).isdisjoint(refused) else decision.otherwise


def _computed(old: Field, new: Field, decision: Decision) -> tuple[Kinds, What, str] | None:
    """Compare how the shape is computed that a column shows to some."""
    shown, name = {decision.shape, decision.otherwise}, f"`{new.name}`"
    if Shape.MASKED in shown and old.mask is not new.mask:
        return "view_changes", "masked", f"shows {name} masked in another way"
    if Shape.GENERAL in shown and generalisation(old) != generalisation(new):
        kind = _kind(_fineness(old, new))
        what, how = _HOW[kind]
        return kind, what, f"shows {name} generalised {how}"
    return None


def _fineness(old: Field, new: Field) -> int:
    """Return 1 when a generalisation surely tells no less than before, -1 when no more, 0 when that is not known."""
    if old.general is not new.general:
        return 0
    for before, after in ((old.keep, new.keep), (old.digits, new.digits)):
        if before is not None and after is not None:
            return (after > before) - (after < before)
    if old.width and new.width:
        return (old.width % new.width == 0) - (new.width % old.width == 0)
    return 0


def _kind(more: int) -> Kinds:
    return "view_widens" if more > 0 else "view_narrows" if more < 0 else "view_changes"


def _shown(shape: Shape | None) -> str:
    return {None: "as null", Shape.CLEAR: "in the clear", Shape.MASKED: "masked", Shape.GENERAL: "generalised"}[shape]
