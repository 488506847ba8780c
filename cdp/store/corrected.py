"""What customers had corrected, so that nothing that comes from elsewhere puts it back (GDPR Art. 16).

A corrected value stands as long as it is what the row holds. What a source or a file says instead is kept as said, and
not written, but for one thing: a source that has verified who she is says, later than the correction, something else
than what was corrected. That is news; the wrong value said once more is none.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from cdp.store.asking import CORRECTION
from cdp.store.given import Given
from cdp.terms import Value
from cdp.vault.seal import Sealer

CORRECTIONS: Final = Sealer(CORRECTION.name, "correction")
APPLIED: Final = "applied"
_C: Final = CORRECTION.c


@dataclass(frozen=True, slots=True)
class Pin:
    """A field that was corrected: when, to what, and what had stood there."""

    at: str
    value: Value
    wrong: Value

    def stands(self, current: Value) -> bool:
        """Whether the row still holds what was corrected."""
        return current == self.value

    def gives_way(self, value: Value, *, at: str, verified: bool) -> bool:
        """Whether it gives way to what a source says."""
        return verified and at > self.at and value != self.wrong


Pins = Mapping[str, Pin]
"""By field, of one row."""


def correction_row(row: Any) -> str:
    """Return what a sealed correction is bound to."""
    return f"{row.request_id}/{row.entity}/{row.row_id}/{row.field}"


def read_pins(conn: Connection, entity: str, keys: Mapping[str, bytes]) -> dict[str, Pins]:
    """Return by row of an entity what these customers had corrected; of a field the newest correction counts."""
    if not keys:
        return {}
    given, found = Given(conn.dialect.name, 1), defaultdict[str, dict[str, Pin]](dict)
    mine = select(CORRECTION).where(_C.state == APPLIED, _C.entity == entity, given.holds(_C.customer_id))
    rows = conn.execute(mine.order_by(_C.decided_at), given.texts(keys)).all()
    for row in rows:
        said = CORRECTIONS.unseal(keys[row.customer_id], correction_row(row), bytes(row.sealed))
        found[row.row_id or row.customer_id][row.field] = Pin(row.decided_at or "", said["new"], said["old"])
    return dict(found)


def corrected_fields(pins: Pins, values: Mapping[str, Value]) -> set[str]:
    """Return the fields of a row that hold what was corrected."""
    return {name for name, pin in pins.items() if pin.stands(values.get(name))}
