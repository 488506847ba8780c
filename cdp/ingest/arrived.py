"""What waits in the spool, opened: events that are to be folded, and those that cannot be.

Pure but for the keys: an event is normalised, the catalogue takes of it what it knows, and its message id becomes a
token, since a stranger may have put anything there.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from cdp.bootstrap import InForce
from cdp.events.aside import Wrong
from cdp.events.normalise import Event, EventFault, clock, external_ids, normalise
from cdp.events.queue import Waiting
from cdp.events.wire import parse_parcel
from cdp.ingest.plan import Taken, TrackingPlan
from cdp.ingest.sources import Source
from cdp.services.identity.sighting import Named, Sighting
from cdp.store.provenance import Origin, seconds
from cdp.terms import ANONYMOUS_ID, DEVICE_ID, EXTERNAL_ID, USER_ID

ALIAS: Final = "alias"


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event that is to be folded.

    Attributes:
        message: the token by which it counts once.
        taken: what the catalogue takes of it.
        gpc: whether the browser that sent it asked not to be sold.
        sent: the event as it was sent, for the quarantine.
    """

    event: Event
    message: str
    taken: Taken
    received_at: str
    gpc: bool
    sent: dict[str, Any]

    def origin(self, provenance: int) -> Origin:
        """Return where it comes from: a set, and when it was received, which no sender can be wrong about."""
        return Origin(provenance, seconds(self.received_at))

    def sighting(self, source: Source, provenance: int) -> Sighting:
        """Return what it says of a person, as collected under a declaration."""
        named = [
            Named(kind, value, verified=source.trusted and kind == USER_ID)
            for kind, value in (
                (USER_ID, self.event.user), (ANONYMOUS_ID, self.event.anonymous), self._device(), self._previous(),
                *((EXTERNAL_ID, each) for each in external_ids(self.event.context)),
            )
            if value
        ]  # fmt: skip
        origin = self.origin(provenance)
        return Sighting(source.name, self.message, self.event.at, tuple(named), self.taken.traits, origin)

    def _device(self) -> tuple[str, str]:
        device = self.event.context.get("device")
        found = device.get("id") if isinstance(device, dict) else None
        return DEVICE_ID, found.strip() if isinstance(found, str) and len(found) <= 256 else ""

    def _previous(self) -> tuple[str, str]:
        """Whom an alias says to be the same; a browser's own id, which it may name, names nobody to others."""
        found = self.event.said.get("previousId", "") if self.event.kind == ALIAS else ""
        return USER_ID, "" if found == self.event.anonymous else found


class Opener:
    """Opens what waits, of one source, under what is in force."""

    def __init__(self, in_force: InForce, message_key: bytes) -> None:
        self._plan = TrackingPlan.of(in_force.catalogue)
        self._key = message_key

    def open(self, waiting: Sequence[Waiting]) -> tuple[list[Arrived], list[Wrong]]:
        """Return what is to be folded, and what is wrong."""
        arrived: list[Arrived] = []
        wrong: list[Wrong] = []
        for each in waiting:
            parcel = parse_parcel(each.parcel)
            wrong += [Wrong(reason, text) for reason, text in parcel.broken]
            received = datetime.fromisoformat(each.received_at)
            try:
                sent_at = clock(parcel.sent_at)
            except EventFault:  # without the client's clock nothing is corrected
                sent_at = None
            for sent in parcel.events:
                try:
                    event = normalise(sent, received_at=received, sent_at=sent_at)
                    taken = self._plan.take(event, each.received_at)
                except EventFault as fault:
                    wrong.append(Wrong(str(fault), sent))
                    continue
                message = self._message(each.source, event, sent)
                arrived.append(Arrived(event, message, taken, each.received_at, parcel.gpc, sent))
        return arrived, wrong

    def _message(self, source: int, event: Event, sent: dict[str, Any]) -> str:
        """Return the token of a message id; an event without one is named by all that it says."""
        said = event.message.encode() if event.message else orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)
        kind = b"id|" if event.message else b"all|"
        data = str(source).encode() + b"|" + kind + said
        return hashlib.blake2b(data, key=self._key, digest_size=16, person=b"cdp/message/1").hexdigest()
