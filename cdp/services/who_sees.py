"""Who sees what: for each role and each app, what becomes of each field in all the views that it may read.

Pure over the catalogue, the policy and the apps: every cell is what `views.decide` decides for a view, the same that
compiles its reads. Somebody who reads several views has what the most telling of them gives.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cdp.catalogue.field import Field
from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput
from cdp.services.apps.known import App, views_in
from cdp.terms import Kind, Shape
from views.decide import Decision, decided
from views.policy import Policy, Purpose, View


@dataclass(frozen=True, slots=True)
class Reader:
    """A role of the policy, or an app: whoever may read views, and which.

    Attributes:
        glass: views that it may ask for by break-glass, besides.
    """

    kind: Literal["role", "app"]
    name: str
    views: tuple[View, ...]
    role: str
    glass: tuple[View, ...] = ()

    @property
    def key(self) -> str:
        """The name among all readers: a role and an app may have the same."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Through:
    """What one view gives of a field.

    Attributes:
        gone: the opt-outs by which the view has no row about who refused one of them.
    """

    view: View
    purpose: Purpose
    decision: Decision
    gone: tuple[str, ...]

    @property
    def yields(self) -> bool:
        """Whether a refusal takes something away here."""
        return bool(self.gone or self.decision.unless)


@dataclass(frozen=True)
class Cell:
    """What a reader has of a field, through each of its views that have it as a column.

    Attributes:
        glass: the views that would show it for a short time, where a second person grants that.
    """

    reader: Reader
    entity: str
    field: Field
    through: tuple[Through, ...]
    glass: tuple[View, ...] = ()

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The most telling shapes of who refused nothing; masked and generalised say different things, so both."""
        found = {each.decision.shape for each in self.through} - {None}
        if Shape.CLEAR in found:
            return (Shape.CLEAR,)
        return tuple(shape for shape in (Shape.MASKED, Shape.GENERAL) if shape in found)

    @cached_property
    def yields(self) -> bool:
        """Whether the reader has less of somebody who refuses: a shape that no view gives regardless of it."""
        return any(all(each.yields for each in self._giving(shape)) for shape in self.shapes)

    @cached_property
    def groups(self) -> int | None:
        """How many people at least are in a group, where the reader has the field in releases alone; else None."""
        giving = [each.view for shape in self.shapes for each in self._giving(shape)]
        if not giving or any(view.kind is not Kind.ANONYMIZED for view in giving):
            return None
        return min(view.k or 0 for view in giving)

    @property
    def says(self) -> tuple[tuple[Shape, ...], bool, int | None, bool]:
        """All that a cell shows: two that say the same are no difference."""
        return self.shapes, self.yields, self.groups, bool(self.glass)

    def _giving(self, shape: Shape) -> Iterator[Through]:
        return (each for each in self.through if each.decision.shape is shape)


@dataclass(frozen=True, slots=True)
class Line:
    """One field and its cell for each reader, in their order."""

    entity: str
    field: Field
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether not all of these readers have the same of it."""
        return len({cell.says for cell in self.cells}) > 1


def readers_of(policy: Policy, apps: Sequence[App], *, now: str) -> dict[str, Reader]:
    """Return every role of a policy and every app that holds now, by key; also those that may read nothing."""
    views = policy.views.values()
    found = [
        Reader(
            "role", role, tuple(view for view in views if role in view.roles), role,
            tuple(view for view in views if role in view.break_glass),
        )
        for role in policy.roles
    ]  # fmt: skip
    holding = sorted((app for app in apps if app.holds(now)), key=lambda app: app.name)
    found += [Reader("app", app.name, tuple(views_in(policy, app)), app.role) for app in holding]
    return {reader.key: reader for reader in found}


def who_sees(catalogue: Catalogue, policy: Policy, readers: Sequence[Reader], entity: str) -> list[Line]:
    """Return, for every field of an entity, what each reader has of it.

    Raises:
        BadInput: `unknown_entity`.
    """
    if entity not in catalogue.entities:
        raise BadInput("unknown_entity", "the catalogue has no such entity", path="entity")
    given = [_given(catalogue, policy, reader.views, entity) for reader in readers]
    glass = [_given(catalogue, policy, reader.glass, entity) for reader in readers]
    fields = catalogue.entities[entity].fields.values()
    return [
        Line(
            entity,
            field,
            tuple(
                Cell(
                    reader, entity, field, tuple(columns.get(field.name, ())),
                    tuple(each.view for each in asked.get(field.name, ()) if each.decision.shape),
                )
                for reader, columns, asked in zip(readers, given, glass, strict=True)
            ),
        )
        for field in fields
    ]  # fmt: skip


def _given(
    catalogue: Catalogue, policy: Policy, views: Sequence[View], entity: str
) -> Mapping[str, list[Through]]:  # fmt: skip
    """Return what each of these views gives of an entity, by field."""
    found: dict[str, list[Through]] = {}
    for view in views:
        if view.entity != entity:
            continue
        purpose = policy.purposes[view.purpose]
        gone = () if view.kind is Kind.SELECTIVE else purpose.subject_to
        for decision in decided(catalogue.entities[entity], view, purpose):
            found.setdefault(decision.name, []).append(Through(view, purpose, decision, gone))
    return found
