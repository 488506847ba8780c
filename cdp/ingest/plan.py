"""The tracking plan: what the catalogue takes of an event. What it does not know stays sealed, and is told by name.

An entity with `event` takes the events of that name: its fields, the properties. A field of the customer takes a
trait. A field is filled by what its `sent_as` names, else by what is called like itself; `$at`, `$name`, `$kind`,
`$received_at` and a dotted path below `$context` are facts of every event.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from cdp.catalogue.model import Catalogue, Entity
from cdp.errors import BadInput
from cdp.events.normalise import Event, field_name
from cdp.shapes.values import coercer
from cdp.terms import CUSTOMER, Value

CALLS: Final = {"page": "$page", "screen": "$screen", "group": "$group", "identify": "$identify", "alias": "$alias"}
"""What an entity names that takes calls of a kind other than `track`."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the catalogue takes of an event.

    Attributes:
        entity: which takes it as a row, or nothing.
        values: the fields of that row.
        traits: the fields of the customer.
        rest: what is left, as the event said it.
        unknown: the names of what is left: pairs of what it is a part of, and the name.
    """

    entity: str
    values: dict[str, Value]
    traits: dict[str, Value]
    rest: dict[str, Any]
    unknown: list[tuple[str, str]] = field(default_factory=list)


class TrackingPlan:
    """The tracking plan of one catalogue; `of` keeps it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._rows = {each.event: Fields(each) for each in catalogue.entities.values() if each.event is not None}
        self._traits = Fields(catalogue.entities[CUSTOMER])

    @staticmethod
    @lru_cache(maxsize=16)
    def of(catalogue: Catalogue) -> "TrackingPlan":
        """Return the plan of a catalogue."""
        return TrackingPlan(catalogue)

    def take(self, event: Event, received_at: str) -> Taken:
        """Return what becomes of an event. What does not fit its field is left over, as what is unknown is."""
        called = event.name if event.kind == "track" else CALLS[event.kind]
        fields = self._rows.get(called)
        rest: dict[str, Any] = {key: value for key, value in event.said.items() if key != "properties"}
        unknown: list[tuple[str, str]] = []
        traits, left = self._traits.take(event.traits)
        _leave(rest, unknown, "traits", left)
        values: dict[str, Value] = {}
        if fields is None:
            _leave(rest, unknown, "properties", event.properties)
            unknown.append(("events", called))
        else:
            values, left = fields.take(event.properties)
            _leave(rest, unknown, "properties", left)
            unknown[:] = [(called if of == "properties" else of, name) for of, name in unknown]
            values |= fields.facts(event, received_at)
        facts = {"name": event.name, "at": event.at, "userId": event.user, "anonymousId": event.anonymous}
        rest |= {name: fact for name, fact in facts.items() if fact}
        return Taken(fields.entity if fields else "", values, traits, rest, unknown)

    def knows(self, part: str, name: str) -> bool:
        """Return whether the plan has a place for an event, a trait, or a property of an event."""
        if part == "events":
            return name in self._rows
        fields = self._traits if part == "traits" else self._rows.get(part)
        return fields is not None and fields.knows(name)


class Fields:
    """The fields of one entity, by what fills them."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity.name
        self._by_name: dict[str, tuple[str, Callable[[object], Value]]] = {}
        self._facts: list[tuple[str, tuple[str, ...], Callable[[object], Value]]] = []
        self._known: dict[str, tuple[str, Callable[[object], Value]] | None] = {}
        for name, each in entity.fields.items():
            given = each.sent_as or name
            coerce = coercer(each.type, each.choices, each.longest)
            if given.startswith("$"):
                self._facts.append((name, tuple(given[1:].split(".")), coerce))
            else:
                self._by_name[given] = (name, coerce)

    def take(self, given: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, Any]]:
        """Return the values of fields, and what is left."""
        values: dict[str, Value] = {}
        left: dict[str, Any] = {}
        for name, value in given.items():
            found = self._known.get(name) or self._find(name)
            if found is None:
                left[name] = value
                continue
            try:
                values[found[0]] = found[1](value)
            except BadInput:
                left[name] = value
        return values, left

    def knows(self, name: str) -> bool:
        """Return whether a field is filled by what has this name."""
        return self._find(name) is not None

    def facts(self, event: Event, received_at: str) -> dict[str, Value]:
        """Return the values of fields that are filled by facts of every event."""
        facts = {"at": event.at, "name": event.name, "kind": event.kind, "received_at": received_at}
        values: dict[str, Value] = {}
        for name, path, coerce in self._facts:
            value: Any = {**facts, "context": event.context}
            for part in path:
                value = value.get(part) if isinstance(value, dict) else None
            try:
                values[name] = coerce(value)
            except BadInput:
                continue
        return values

    def _find(self, name: str) -> tuple[str, Callable[[object], Value]] | None:
        """A name as it stands first, then as a field would be called."""
        found = self._by_name.get(name) or self._by_name.get(field_name(name))
        if found is not None and len(self._known) < 10_000:  # names come from strangers
            self._known[name] = found
        return found


def _leave(rest: dict[str, Any], unknown: list[tuple[str, str]], part: str, left: Mapping[str, Any]) -> None:
    if left:
        rest[part] = {**rest.get(part, {}), **left}
        unknown += _named(part, left)


def _named(part: str, left: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((part, name) for name in left)
