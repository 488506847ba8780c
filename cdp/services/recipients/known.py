"""The agreements that there are with recipients, and how each stands on a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, select

from cdp.bootstrap import Platform
from cdp.store.agreeing import AGREEMENT

C = AGREEMENT.c


class Standing(StrEnum):
    """How an agreement stands."""

    HOLDS = "holds"
    TO_COME = "to_come"
    RUN_OUT = "run_out"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed with a recipient.

    Attributes:
        contact: whom to reach there about data that was passed on.
        fields: `entity.field`, each.
        since, until: the first day and the last; without a last one it holds until it is ended.
        reference: where the contract is found.
    """

    agreement: int
    recipient: str
    contact: str
    fields: tuple[str, ...]
    purposes: tuple[str, ...]
    since: str
    until: str | None
    reference: str
    created_at: str
    created_by: str
    ended_at: str | None
    ended_by: str | None

    def standing(self, day: date) -> Standing:
        """Return how it stands on a day."""
        if self.ended_at is not None:
            return Standing.ENDED
        if self.until is not None and date.fromisoformat(self.until) < day:
            return Standing.RUN_OUT
        return Standing.TO_COME if date.fromisoformat(self.since) > day else Standing.HOLDS


def today() -> date:
    """Return the day that it is, in UTC as all times here."""
    return datetime.now(UTC).date()


def list_agreements(platform: Platform, recipient: str | None = None) -> list[Agreement]:
    """Return the agreements, of all or with one, the newest first."""
    return [agreement_of(row) for row in platform.door.lookup(_query(recipient))]


def read_agreements(conn: Connection) -> list[Agreement]:
    """Return all agreements, in a transaction that is under way."""
    return [agreement_of(tuple(row)) for row in conn.execute(_query(None))]


def holding(agreements: list[Agreement], day: date) -> dict[str, Agreement]:
    """Return for each recipient the newest agreement that holds on a day."""
    found: dict[str, Agreement] = {}
    for each in agreements:
        if each.standing(day) is Standing.HOLDS:
            found.setdefault(each.recipient, each)
    return found


def contacts(platform: Platform) -> dict[str, str]:
    """Return whom to reach at each recipient: by what holds, else by what was agreed last."""
    agreements = list_agreements(platform)
    newest = {each.recipient: each.contact for each in reversed(agreements)}
    return {**newest, **{name: each.contact for name, each in holding(agreements, today()).items()}}


def agreement_of(row: tuple[Any, ...]) -> Agreement:
    """Return the agreement of a row of the table."""
    values = dict(zip((column.name for column in AGREEMENT.c), row, strict=True))
    return Agreement(**{**values, "fields": _names(values["fields"]), "purposes": _names(values["purposes"])})


def _query(recipient: str | None) -> Select[Any]:
    wanted = select(AGREEMENT).order_by(C.agreement.desc())
    return wanted if recipient is None else wanted.where(C.recipient == recipient)


def _names(written: str) -> tuple[str, ...]:
    return tuple(name for name in written.split(",") if name)
