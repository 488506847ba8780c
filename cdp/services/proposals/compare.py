"""What differs between two texts, line by line, and for whom it makes what difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from cdp.catalogue.field import Field
from cdp.catalogue.model import Catalogue
from cdp.services.apps.known import App
from cdp.services.who_sees import Cell, Reader, readers_of, who_sees
from cdp.terms import Shape
from views.decide import is_weaker
from views.policy import Policy

AROUND: Final = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """One line: of both texts, of the old or the new one alone, or what is skipped; with its number where it stands."""

    mark: Literal["same", "gone", "new", "skip"]
    number: int
    text: str


def compare_texts(old: str, new: str) -> list[Piece]:
    """Return the lines that differ, with a few around them; nothing where nothing differs."""
    before, after = old.splitlines(), new.splitlines()
    pieces: list[Piece] = []
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(AROUND):
        if group[0][3]:
            pieces.append(Piece("skip", 0, ""))
        for kind, first, last, start, end in group:
            if kind == "equal":
                pieces += [Piece("same", start + at + 1, text) for at, text in enumerate(after[start:end])]
                continue
            pieces += [Piece("gone", first + at + 1, text) for at, text in enumerate(before[first:last])]
            pieces += [Piece("new", start + at + 1, text) for at, text in enumerate(after[start:end])]
    return pieces


@dataclass(frozen=True, slots=True)
class ReaderChange:
    """A field of which a reader would have something else in all of its views together.

    Attributes:
        more: whether that is more than now, of anybody.
    """

    reader: Reader
    entity: str
    field: Field
    before: tuple[Shape, ...]
    after: tuple[Shape, ...]
    more: bool


def reader_changes(
    catalogue: Catalogue, old: Policy, new: Policy, apps: Sequence[App], *, now: str
) -> Iterator[ReaderChange]:
    """Yield, for each role and app, the fields of which it would see more, then those of which it would see less."""
    before, after = (readers_of(policy, apps, now=now) for policy in (old, new))
    changes = []
    for key, known in {**before, **after}.items():
        was = before.get(key) or Reader(known.kind, known.name, (), known.role)
        is_ = after.get(key) or Reader(known.kind, known.name, (), known.role)
        for entity in catalogue.entities:
            (mine, hers) = (who_sees(catalogue, old, [was], entity), who_sees(catalogue, new, [is_], entity))
            for one, two in zip(mine, hers, strict=True):
                if one.cells[0].says != two.cells[0].says:
                    changes.append(_change(is_, entity, one.cells[0], two.cells[0]))
    yield from sorted(changes, key=lambda change: not change.more)


def _change(reader: Reader, entity: str, was: Cell, is_: Cell) -> ReaderChange:
    more = any(all(not is_weaker(shape, known) for known in was.shapes or (None,)) for shape in is_.shapes)
    if was.shapes == is_.shapes:  # of somebody who refuses, or in smaller groups
        more = (was.yields and not is_.yields) or (was.groups or 0) > (is_.groups or 0)
    return ReaderChange(reader, entity, is_.field, was.shapes, is_.shapes, more)
