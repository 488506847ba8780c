"""One act of consent: what was refused or allowed, by whom, when, and on what evidence.

Design section 2, line 5, and issue "Opt-outs and consent". Events are only ever added; flags are computed from them.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cdp.errors import BadInput
from cdp.terms import Value

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\+00:00")


class State(StrEnum):
    """What an act says of a choice."""

    REFUSED = "refused"
    ALLOWED = "allowed"


class Source(StrEnum):
    """Where an act came from."""

    PORTAL = "portal"
    STAFF = "staff"
    INGEST = "ingest"
    IMPORT = "import"
    SIGNAL = "signal"
    MERGE = "merge"
    RESTORE = "restore"
    REGIME = "regime"


OF_THE_PERSON: Final = frozenset({Source.PORTAL, Source.STAFF})
"""Sources that carry the person's own word; `staff` only with that word recorded. No other source ever loosens."""


@dataclass(frozen=True)
class Event:
    """One act. Times are UTC, ISO 8601, to the microsecond; `evidence` holds no clear text of the person.

    Raises:
        BadInput: `bad_time`.
    """

    customer_id: str
    choice: str
    state: State
    source: Source
    effective_at: str
    received_at: str
    evidence: Mapping[str, Value] = field(default_factory=dict)
    jurisdiction: str | None = None
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        # Which act is later is decided by comparing these texts, so they are all of one form.
        if not (_TIME.fullmatch(self.effective_at) and _TIME.fullmatch(self.received_at)):
            raise BadInput("bad_time", "expected a time in UTC to the microsecond", path="effective_at")
