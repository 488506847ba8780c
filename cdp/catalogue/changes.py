"""The difference of two catalogues, in words: what is added, what goes, what is kept otherwise.

Design sections 4 (Versions) and 5: `cdp model plan` prints it. Pure: it knows the two catalogues and nothing of what
is stored. Every difference of two digests is at least one change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cdp.catalogue.field import Field
from cdp.catalogue.field_changes import Moves, compare_fields, described
from cdp.catalogue.model import Catalogue, Entity
from cdp.catalogue.places import place
from cdp.errors import Refused
from cdp.terms import CUSTOMER, Shape

OPT_OUT_KINDS: Final = ("opt_out_added", "opt_out_dropped", "opt_out_moved")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes.

    Attributes:
        kind: stable name, such as `field_added` or `mask`.
        words: one sentence for people, without capital start and full stop.
        entity: whose it is; empty for what concerns the whole catalogue.
        field: the field, or the opt-out.
        destroys: whether stored values may be lost by it.
        reshapes: whether stored rows have to be written anew for it.
        sql: the statements that the store runs for it; empty until somebody who knows the engine puts them in.
        before, after, moves: as of `cdp.catalogue.field_changes.Aspect`.
    """

    kind: str
    words: str
    entity: str = ""
    field: str = ""
    destroys: bool = False
    reshapes: bool = False
    sql: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    moves: Moves = ""


def compare(old: Catalogue, new: Catalogue) -> tuple[Change, ...]:
    """Return what changes from one catalogue to another, in the order of the new one.

    Raises:
        Refused: `parent_changed`, when an entity is to belong to another one: its rows do not say to which row of it.
    """
    changes = [*_opt_outs(old, new), *_entities(old, new)]
    if not changes and old.digest != new.digest:
        changes = [Change("order", "the catalogue lists its parts in another order")]
    return tuple(changes)


def reshaped(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the entities whose rows have to be written anew, each once."""
    return tuple(dict.fromkeys(change.entity for change in changes if change.reshapes))


def _opt_outs(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    for name in _without(new.opt_outs, old.opt_outs):
        words = f"the opt-out `{name}` is new: refused by whoever refused one of that name before, by nobody else"
        yield Change("opt_out_added", words, CUSTOMER, name)
    for name in _without(old.opt_outs, new.opt_outs):
        words = f"the opt-out `{name}` goes; what customers refused by it no longer counts"
        yield Change("opt_out_dropped", words, CUSTOMER, name, destroys=True)
    for name in dict.fromkeys((*new.narrower, *old.narrower)):
        if name in old.opt_outs and name in new.opt_outs and old.narrower.get(name) != new.narrower.get(name):
            words = f"the opt-out `{name}` has another place among the others; what it refuses meanwhile stays refused"
            yield Change("opt_out_moved", words, CUSTOMER, name)
    if old.labels != new.labels:
        yield Change("labels", "opt-outs have other labels", CUSTOMER)
    if _moved(old.opt_outs, new.opt_outs):
        yield Change("order", "the opt-outs stand in another order")


def _entities(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    for name, entity in new.entities.items():
        if name not in old.entities:
            words = f"the entity `{name}` is new, with {_count(len(entity.fields), 'field')}; it belongs to"
            yield Change("entity_added", f"{words} `{entity.belongs_to}`", name)
        else:
            yield from _entity(old.entities[name], entity)
    for name in _without(old.entities, new.entities):
        words = f"the entity `{name}` goes, with all its rows"
        yield Change("entity_dropped", words, name, destroys=True)
    if _moved(tuple(old.entities), tuple(new.entities)):
        yield Change("order", "the entities stand in another order")


def _entity(old: Entity, new: Entity) -> Iterator[Change]:
    if old.belongs_to != new.belongs_to:
        raise Refused(
            "parent_changed",
            f"rows of `{new.name}` cannot come to belong to `{new.belongs_to}`: nothing says to which row of it",
            path=f"entities.{new.name}.belongs_to",
            hint="give the entity another name; the one that is there is dropped then",
        )
    if old.event != new.event:
        yield Change("event", f"other events become rows of `{new.name}`; the rows that are there stay", new.name)
    for key in ("title", "description", "retention", "when_outdated"):
        if getattr(old, key) != getattr(new, key):
            yield Change(key, f"`{new.name}` has another `{key}`", new.name)
    for name, field in new.fields.items():
        if name not in old.fields:
            yield Change("field_added", _added(new, field), new.name, name)
            continue
        for aspect in compare_fields(old.fields[name], field):
            words = f"`{new.name}.{name}` {aspect.words}"
            yield Change(
                aspect.kind, words, new.name, name, destroys=aspect.destroys, reshapes=aspect.reshapes,
                before=aspect.before, after=aspect.after, moves=aspect.moves,
            )  # fmt: skip
    for name in _without(old.fields, new.fields):
        words = f"`{new.name}.{name}` goes, with all its values"
        yield Change("field_dropped", words, new.name, name, destroys=True, reshapes=_kept_apart(old.fields[name]))
    if _moved(tuple(old.fields), tuple(new.fields)):
        words = f"the fields of `{new.name}` stand in another order; so do the columns of views that list none"
        yield Change("order", words, new.name)


def _added(entity: Entity, field: Field) -> str:
    kept = "sealed" if field.sealed else "in the clear"
    words = f"`{entity.name}.{field.name}` is new: {field.type}, {described(field.sensitivity)}, kept {kept}"
    return f"{words}; rows that are there lack it, though it is required" if field.required else words


def _kept_apart(field: Field) -> bool:
    """Whether anything of a field is kept elsewhere than in columns of its own: in a segment, in the blind index."""
    found = (place(field, shape) for shape in Shape)
    return bool(field.identifier or field.search) or any(each is not None and each.segment for each in found)


def _without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    known = set(others)
    return [name for name in names if name not in known]


def _moved(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether what both have stands in another order."""
    return [name for name in old if name in new] != [name for name in new if name in old]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
