"""What becomes of a row, and of each of its values, on a day. Pure; a test compares it with a naive model.

    keep      its time is not over, or it has none
    delete    its time is over
    ask       its time is over, and the person is to be asked whether it is still right
    wait      she has been asked and has not answered yet; when she does not, it is deleted
    held      its time is over, but a law keeps it

The time of a value counts from when its row was last collected, or from the day on which she confirmed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from cdp.catalogue.field import WhenOutdated
from cdp.catalogue.keeping import later, parse_period
from cdp.catalogue.model import Entity
from cdp.erasure.holding import held_until
from cdp.terms import Value

ROW: Final = ""
"""Stands for the whole row where a field is named."""


class Verdict(StrEnum):
    """What becomes of it."""

    KEEP = "keep"
    DELETE = "delete"
    ASK = "ask"
    WAIT = "wait"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Asked:
    """When she was asked about something, and when she confirmed it."""

    asked_on: date
    confirmed_on: date | None = None


@dataclass(frozen=True)
class Known:
    """What a verdict on a row goes by.

    Attributes:
        collected: when it was last collected; for the row of a customer, `active` is when anything of hers was.
        asked: by field, `ROW` for the whole of it.
        limits: periods that were declared when it was collected, besides those of the catalogue.
    """

    values: Mapping[str, Value]
    collected: date
    active: date
    asked: Mapping[str, Asked]
    limits: Sequence[str] = ()


def judge(entity: Entity, row: Known, *, today: date, patience: int) -> dict[str, Verdict]:
    """Return what becomes of the row (`ROW`) and of each value; what is kept is left out.

    Args:
        patience: so many days she has to answer.
    """
    own = [entity.retention] if entity.retention else []
    since = row.active if entity.is_customer else row.collected
    clock = _Clock(today, patience)
    whole = clock.verdict(since, [*own, *row.limits], entity.when_outdated, row.asked.get(ROW))
    held = held_of(entity, row, today)
    there = [name for name in entity.fields if row.values.get(name) is not None]
    nothing_else = held.issuperset(there)  # of what she cannot have deleted she is not asked
    if whole is not Verdict.KEEP and not entity.is_customer and held and (whole is Verdict.DELETE or nothing_else):
        return {name: Verdict.HELD if name in held else Verdict.DELETE for name in there}
    found: dict[str, Verdict] = {} if whole is Verdict.KEEP else {ROW: whole}
    if whole is Verdict.DELETE:
        return found
    for name, field in entity.fields.items():
        if row.values.get(name) is None or field.retention is None:
            continue
        verdict = clock.verdict(row.collected, [field.retention], field.when_outdated, row.asked.get(name))
        if verdict is not Verdict.KEEP:
            found[name] = Verdict.HELD if name in held else verdict
    return found


@dataclass(frozen=True, slots=True)
class _Clock:
    today: date
    patience: int

    def verdict(self, since: date, periods: Sequence[str], when: WhenOutdated | None, asked: Asked | None) -> Verdict:
        if asked is not None and asked.confirmed_on is not None:
            since = max(since, asked.confirmed_on)
        if all(later(since, parse_period(each)) > self.today for each in periods):
            return Verdict.KEEP
        if when != "ask":
            return Verdict.DELETE
        if asked is None or asked.confirmed_on is not None:
            return Verdict.ASK
        return Verdict.DELETE if asked.asked_on + timedelta(days=self.patience) <= self.today else Verdict.WAIT


def held_of(entity: Entity, row: Known, today: date) -> set[str]:
    """Return what a law keeps of a row, and the days that it counts from: without them nobody would know until when."""
    found = {name for name in entity.fields if _is_held(entity, name, row, today)}
    holds = [entity.fields[name].hold for name in found]
    return found | {hold.since for hold in holds if hold is not None and hold.since is not None}


def _is_held(entity: Entity, name: str, row: Known, today: date) -> bool:
    hold = entity.fields[name].hold
    return hold is not None and row.values.get(name) is not None and held_until(hold, row.values, row.collected) > today
