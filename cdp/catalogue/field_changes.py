"""The difference of one field between two catalogues: one aspect at a time, each with what it means for stored values.

Design section 4, "Keys of a field". A row is written anew when a shape of it moves, appears or is computed otherwise,
or when something has to leave a sealed segment or the blind index; a shape that only loses its column needs no such
thing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from cdp.catalogue.field import Field
from cdp.catalogue.places import Place, place
from cdp.terms import Generalisation, Mask, Shape, Type

_WITH_TEXT_FORM: Final = (Type.CHOICE, Type.INTEGER, Type.DECIMAL, Type.BOOLEAN, Type.DATE, Type.DATETIME)

LOSSLESS: Final = frozenset(
    {
        *((type_, Type.TEXT) for type_ in _WITH_TEXT_FORM),
        *((type_, Type.JSON) for type_ in _WITH_TEXT_FORM),
        (Type.DATE, Type.DATETIME),  # midnight, UTC
    }
)
"""Changes of type that every value survives. Not JSON to text: its text may be longer than a text may be. Not integer
to decimal: that has 15 digits."""


Moves = Literal["", "out", "in", "across"]
"""Whether values leave their sealed segments, come into one, or go from one to another."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """What changes about a field, and what that does to what is stored.

    Attributes:
        words: what follows the field's name in a sentence.
        before, after: the same as the two catalogues write it, for who says it in another language; empty for nothing.
        moves: where its values move to.
    """

    kind: str
    words: str
    before: str = ""
    after: str = ""
    destroys: bool = False
    reshapes: bool = False
    moves: Moves = ""


def compare_fields(old: Field, new: Field) -> Iterator[Aspect]:
    """Yield what changes; what moves or destroys values comes first."""
    yield from _type(old, new)
    yield from _keeping(old, new)
    yield from _mask(old, new)
    yield from _general(old, new)
    yield from _choices(old, new)
    yield from _index(old, new)
    yield from _words_only(old, new)


def _type(old: Field, new: Field) -> Iterator[Aspect]:
    if old.type is new.type:
        return
    words = f"becomes {new.type} instead of {old.type}"
    loses = (old.type, new.type) not in LOSSLESS
    if loses:
        words += "; values that do not convert are lost"
    # A choice is stored as the text that it is, so that this alone touches no row.
    reshapes = (old.type, new.type) != (Type.CHOICE, Type.TEXT)
    yield Aspect("type", words, old.type, new.type, destroys=loses, reshapes=reshapes)


def _keeping(old: Field, new: Field) -> Iterator[Aspect]:
    """Sensitivity and `at_rest`: together they say where each shape is kept."""
    moves = [(before, after) for shape in Shape if (before := place(old, shape)) and (after := place(new, shape))]
    reshapes = any(before.segment != after.segment for before, after in moves)
    moved = _moves(place(old, Shape.CLEAR), place(new, Shape.CLEAR))
    if old.sensitivity is not new.sensitivity:
        words = f"becomes {described(new.sensitivity)} instead of {described(old.sensitivity)}{_CONSEQUENCES[moved]}"
        yield Aspect("sensitivity", words, old.sensitivity, new.sensitivity, reshapes=reshapes, moves=moved)
        moved, reshapes = "", False
    if old.at_rest is not new.at_rest:
        kept = "sealed" if new.sealed else "in the clear"
        if old.sealed == new.sealed:
            words = f"says otherwise how it is kept at rest, and is kept {kept} as before"
        else:
            words = f"is kept {kept} from now on{_CONSEQUENCES[moved]}"
        yield Aspect("at_rest", words, old.at_rest or "", new.at_rest or "", reshapes=reshapes, moves=moved)


_CONSEQUENCES: Final[dict[Moves, str]] = {
    "": "",
    "out": ": its values leave their sealed segments and stand in the clear",
    "in": ": its values move into sealed segments",
    "across": ": its values move to other sealed segments",
}


def _moves(before: Place | None, after: Place | None) -> Moves:
    old, new = before and before.segment, after and after.segment
    if old == new:
        return ""
    if new is None:
        return "out"
    return "in" if old is None else "across"


def described(sensitivity: str) -> str:
    """Return a sensitivity as an adjective."""
    return "not personal" if sensitivity == "none" else sensitivity


def _mask(old: Field, new: Field) -> Iterator[Aspect]:
    if old.mask is new.mask:
        return
    if new.mask is Mask.HIDDEN:
        words = f"has no masked form any more (was `{old.mask}`)"
    else:
        words = f"is masked by `{new.mask}`" + ("" if old.mask is Mask.HIDDEN else f" instead of `{old.mask}`")
    yield Aspect("mask", words, old.mask, new.mask, reshapes=_rewrites(old, new, Shape.MASKED))


def _general(old: Field, new: Field) -> Iterator[Aspect]:
    if generalisation(old) == generalisation(new):
        return
    before, after = _described(old), _described(new)
    if before == after:
        words = "is generalised by another table"
    elif not after:
        words = f"has no generalised form any more (was {before})"
    else:
        words = f"is generalised by {after}" + (f" instead of {before}" if before else "")
    yield Aspect("general", words, _written(old), _written(new), reshapes=_rewrites(old, new, Shape.GENERAL))


def generalisation(field: Field) -> tuple[object, ...]:
    """Return all that decides a field's generalised shape but its type."""
    return (field.general, field.width, field.keep, field.digits, field.table)


def _written(field: Field) -> str:
    """Return how it is generalised as the catalogue writes it."""
    more = next((each for each in (field.width, field.keep, field.digits) if each is not None), None)
    return "" if field.general is None else str(field.general) if more is None else f"{field.general} {more}"


def _rewrites(old: Field, new: Field, shape: Shape) -> bool:
    before = place(old, shape)
    return new.has(shape) or (before is not None and before.segment is not None)


def _described(field: Field) -> str:
    match field.general:
        case None:
            return ""
        case Generalisation.TABLE:
            return f"a table of {len(field.table or ())}"
        case Generalisation.PREFIX:
            return f"`prefix` that keeps {field.keep}"
        case Generalisation.ROUND:
            return f"`round` to {field.digits} digits"
        case Generalisation.BAND | Generalisation.YEAR_BAND:
            return f"`{field.general}` of width {field.width}"
        case _:
            return f"`{field.general}`"


def _choices(old: Field, new: Field) -> Iterator[Aspect]:
    if old.choices == new.choices or not old.choices or not new.choices:
        return
    gone = [choice for choice in old.choices if choice not in new.choices]
    more = [choice for choice in new.choices if choice not in old.choices]
    if gone:
        words = f"may no longer be {_listed(gone)}; rows that are lose their value"
        yield Aspect("choices", words, ", ".join(gone), destroys=True, reshapes=True)
    if more:
        yield Aspect("choices", f"may also be {_listed(more)}", after=", ".join(more))
    if not gone and not more:
        yield Aspect("choices", "lists its choices in another order")


def _index(old: Field, new: Field) -> Iterator[Aspect]:
    if old.identifier != new.identifier:
        if new.identifier is None:
            words = "no longer identifies; nobody is found by it"
        else:
            words = f"identifies as `{new.identifier}`"
            words += f" instead of `{old.identifier}`" if old.identifier else ""
            words += "; where two rows have the same one, the first has it and the others claim it"
        yield Aspect("identifier", words, old.identifier or "", new.identifier or "", reshapes=True)
    if old.search != new.search:
        words = "can be searched for its words" if new.search else "can no longer be searched"
        yield Aspect("search", words, old.search or "", new.search or "", reshapes=True)


def _words_only(old: Field, new: Field) -> Iterator[Aspect]:
    """What touches nothing that is stored."""
    if old.required != new.required:
        words = "becomes required; rows without it stay as they are" if new.required else "is no longer required"
        yield Aspect("required", words, _truth(old.required), _truth(new.required))
    if old.quasi_identifier != new.quasi_identifier:
        words = "counts as a quasi-identifier" if new.quasi_identifier else "no longer counts as a quasi-identifier"
        yield Aspect("quasi_identifier", words, _truth(old.quasi_identifier), _truth(new.quasi_identifier))
    if old.type is new.type and old.longest != new.longest:
        words = f"takes texts of at most {new.longest:,} characters instead of {old.longest:,}"
        if new.longest < old.longest:
            words += "; longer ones that are there stay as they are"
        yield Aspect("max_length", words, str(old.longest), str(new.longest))
    elif old.type is new.type and old.max_length != new.max_length:
        yield Aspect("max_length", "says how long a text may be, as long as before")
    for key in ("category", "retention", "when_outdated", "self_service", "sent_as"):
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            words = f"has `{key}` {_quoted(after)} instead of {_quoted(before)}"
            yield Aspect(key, words, "" if before is None else str(before), "" if after is None else str(after))
    for key in ("title", "description", "hold"):
        if getattr(old, key) != getattr(new, key):
            yield Aspect(key, f"has another `{key}`")


def _truth(value: bool) -> str:  # noqa: FBT001 -- as it is written
    return str(value).lower()


def _quoted(value: object) -> str:
    return "nothing" if value is None else f"`{value}`"


def _listed(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
