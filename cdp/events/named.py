"""Whom an event names, well-formed or not: its identifiers as blind tokens, so that it can be held to suppression.

What an event names as its own (ids, traits) counts, when it is folded as well. Of what was put aside nobody can say
where something stands, so there every text counts, wherever it is: as an address or a number that is hers, and where
its key says that it is an id, as an id. (Of numbers anywhere, too many would be somebody's id.)
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from cdp.catalogue.kinds import scoped
from cdp.events.normalise import external_ids
from cdp.events.wire import KINDS
from cdp.terms import ANONYMOUS_ID, CUSTOMER, DEVICE_ID, EVENT_KINDS, EXTERNAL_ID, USER_ID
from cdp.vault.blind import BlindIndex
from cdp.vault.identifier import EMAIL, PHONE
from cdp.vault.suppression import Identifier

LONGEST: Final = 512
"""Nothing longer is anybody's identifier."""

_KINDS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "userId": (USER_ID,), "anonymousId": (ANONYMOUS_ID,), "previousId": (USER_ID, ANONYMOUS_ID),
}  # fmt: skip
_ID: Final = re.compile(r"id$", re.IGNORECASE)
_AROUND: Final = "<>()[]{},;:\"'"
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.){1,2000})"')


class Namer:
    """Finds whom events of one source name.

    Args:
        kinds: the kinds of identifiers that the catalogue knows.
        source: the name of the source, for what it calls somebody itself.
    """

    def __init__(self, blind: BlindIndex, kinds: Iterable[str], source: str) -> None:
        self._blind = blind
        self._fields = sorted({*kinds} - {*EVENT_KINDS})
        own = {kind: (kind, scoped(kind, source)) for kind in sorted(EVENT_KINDS)}
        self._of_id = {kind: own[kind] for kind in own}
        self._all = (*self._fields, *(each for pair in own.values() for each in pair))

    def of(self, event: Mapping[str, Any]) -> set[Identifier]:
        """Return what an event names; of a kind that there is not, everything that stands in it."""
        if event.get("type") not in KINDS:
            return self.anywhere(event)
        found = self.besides(event)
        for key in ("userId", "anonymousId"):
            found |= self._ids(key, event.get(key))
        device = _object(event, "context").get("device")
        if isinstance(device, dict):
            found |= self._tokens(device.get("id"), self._of_id[DEVICE_ID])
        return found

    def besides(self, event: Mapping[str, Any]) -> set[Identifier]:
        """Return what an event of a kind that there is names besides whom it is about: most name nobody else."""
        found: set[Identifier] = set()
        if previous := event.get("previousId"):
            found |= self._ids("previousId", previous)
        context = _object(event, "context")
        for given in external_ids(context):
            found |= self._tokens(given, self._of_id[EXTERNAL_ID])
        for traits in (event.get("traits"), context.get("traits")):
            for _, leaf in _leaves(traits):
                found |= self._tokens(leaf, self._fields)
        return found

    def anywhere(self, sent: object) -> set[Identifier]:
        """Return everything that stands anywhere in something that makes no sense, or is only a text."""
        found: set[Identifier] = set()
        for key, leaf in _leaves(_read(sent) if isinstance(sent, str) else sent):
            found |= self._tokens(leaf, self._all if _ID.search(key) else self._fields)
            if isinstance(leaf, str) and "@" in leaf and EMAIL in self._fields:
                for piece in leaf.split():
                    found |= self._tokens(piece.strip(_AROUND), (EMAIL,))
        return found

    def _ids(self, key: str, given: object) -> set[Identifier]:
        return {
            token
            for _, leaf in _leaves(given)
            for kind in _KINDS_OF[key]
            for token in self._tokens(leaf, self._of_id[kind])
        }

    def _tokens(self, leaf: object, kinds: Iterable[str]) -> set[Identifier]:
        if isinstance(leaf, int | float) and not isinstance(leaf, bool):
            leaf = str(leaf)
        if not isinstance(leaf, str) or not 0 < len(leaf) <= LONGEST:
            return set()
        plain, found = leaf.isascii(), set[Identifier]()
        for kind in kinds:
            if plain and ((kind == EMAIL and "@" not in leaf) or (kind == PHONE and not _has_digit(leaf))):
                continue
            token = self._blind.token(CUSTOMER, kind, leaf)
            if token is not None:
                found.add((kind, token.hex()))
        return found


def kinds_of(bodies: Iterable[str]) -> set[str]:
    """Return the kinds of identifiers that any of these versions of the catalogue knows, as they are stored."""
    found: set[str] = set()
    for body in bodies:
        entities = orjson.loads(body).get("entities", {})
        fields = entities.get(CUSTOMER, {}).get("fields", {})
        found |= {each["identifier"] for each in fields.values() if each.get("identifier")}
    return found


def _read(text: str) -> object:
    """Return what a text says as JSON; of one that is cut off, the texts in it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {"id": [text, *(_unquoted(each) for each in _QUOTED.findall(text))]}


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _leaves(value: object) -> Iterator[tuple[str, object]]:
    """Yield what stands in a value, however deep, each with the key that it stands below; keys stand below none."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        key, each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.items()
            yield from (("", name) for name in each)
        elif isinstance(each, list):
            waiting += ((key, item) for item in each)
        elif each is not None:
            yield key, each


def _object(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
