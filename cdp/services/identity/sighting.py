"""What one event says of a person: the seam between ingest and identity.

Ingest makes sightings of events, in the order in which they count, and `fold` (`cdp.services.identity.fold`) makes
profiles of them, in the transaction in which the events leave the spool:

    with platform.door.record(entry) as change:
        for sighting, folded in zip(sightings, fold(platform, change, sightings), strict=True):
            ...                                       # keep the event under folded.customer_id, or drop it
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdp.store.provenance import Origin


@dataclass(frozen=True, slots=True)
class Named:
    """An identifier as a source says it.

    Attributes:
        kind: `user_id`, `anonymous_id`, `device_id`, `external_id`, or the kind of a field of the catalogue (`email`).
        verified: whether the source is one that verifies this kind; a write key in a browser never is.
    """

    kind: str
    value: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event, as far as it says who somebody is.

    Attributes:
        source: the name of the source, `[a-z0-9][a-z0-9_.-]*`.
        message_id: names the event within its source.
        at: when it happened, corrected; UTC, ISO 8601 to the microsecond. Of two values the later one counts.
        identifiers: whom it is about, in any order.
        traits: what it says of them; names of fields of the customer, or of nothing known.
        origin: under which declaration it was collected, and when; None for a source that declares nothing.
    """

    source: str
    message_id: str
    at: str
    identifiers: tuple[Named, ...]
    traits: Mapping[str, object] = field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """What became of a sighting.

    Attributes:
        customer_id: of the profile; None when the event is dropped.
        ordinal: the same person's, for the log.
        dropped: why there is no profile: `suppressed`, `nobody` (nothing names one), `profiles_capped`;
            empty else.
        faults: names of traits whose values do not fit their fields.
    """

    customer_id: str | None
    ordinal: int | None = None
    dropped: str = ""
    faults: tuple[str, ...] = ()
