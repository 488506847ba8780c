"""Until when a row and each of its values are kept, and by what that is decided; for whoever they are about. Pure.

What `judge` says of a day, asked the other way round: a test holds the two against each other on every day. GDPR
Art. 13(2)(a) and 15(1)(d): the period, or what it goes by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from cdp.catalogue.field import Hold, WhenOutdated
from cdp.catalogue.keeping import later, parse_period
from cdp.catalogue.model import Entity
from cdp.erasure.holding import held_from, held_until
from cdp.services.retention.judge import ROW, Asked, Known


class By(StrEnum):
    """What decides when something goes."""

    VALUE = "value"
    ROW = "row"
    ABOVE = "above"
    EVERYTHING = "everything"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Ending:
    """When something goes: on `until`, the first day on which its time is over.

    Attributes:
        by: the period of the value, of the row, of the row that it belongs to, of all that is kept of her, or the one
            that was declared when it was collected.
        asks: she is asked then whether it is still right; only without an answer it goes.
        asked: she has been asked, and it goes on that day if she does not answer.
    """

    until: date
    by: By
    period: str
    asks: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A law that keeps a value though its time is over, or its owner erased; `until` is None where that begins it."""

    hold: Hold
    until: date | None


@dataclass(frozen=True)
class Term:
    """How long a value is kept: no ending means as long as the person is a customer."""

    ending: Ending | None
    kept: Kept | None = None


@dataclass(frozen=True)
class RowTerm:
    """The same of a row, and of each of its values that is there."""

    ending: Ending | None
    values: Mapping[str, Term]


def term_of(entity: Entity, row: Known, *, patience: int, above: Ending | None = None) -> RowTerm:
    """Return until when a row and its values are kept.

    Args:
        patience: so many days she has to answer when she is asked.
        above: the ending of the row that it belongs to, which it does not outlast.
    """
    since = row.active if entity.is_customer else row.collected
    own = By.EVERYTHING if entity.is_customer else By.ROW
    periods = [(entity.retention, own)] if entity.retention else []
    periods += [(each, By.DECLARED) for each in row.limits]
    whole = [
        _ending(since, *each, entity.when_outdated, asked=row.asked.get(ROW), patience=patience) for each in periods
    ]
    if above is not None:
        whole.append(replace(above, by=By.ABOVE) if above.by is By.ROW else above)
    ending = _first(whole)
    values = {}
    for name, field in entity.fields.items():
        if row.values.get(name) is None:
            continue
        mine = [] if ending is None else [ending]
        if field.retention:
            when, asked = field.when_outdated, row.asked.get(name)
            mine.append(_ending(row.collected, field.retention, By.VALUE, when, asked=asked, patience=patience))
        kept = None
        if field.hold is not None:
            begins = held_from(field.hold, row.values)
            kept = Kept(field.hold, None if begins is None else held_until(field.hold, row.values, begins))
        values[name] = Term(_first(mine), kept)
    return RowTerm(ending, values)


def _ending(
    since: date, period: str, by: By, when: WhenOutdated | None, *, asked: Asked | None, patience: int
) -> Ending:
    if asked is not None and asked.confirmed_on is not None:
        since = max(since, asked.confirmed_on)
    until = later(since, parse_period(period))
    if when != "ask":
        return Ending(until, by, period)
    if asked is None or asked.confirmed_on is not None:
        return Ending(until, by, period, asks=True)
    return Ending(max(until, asked.asked_on + timedelta(days=patience)), by, period, asked=True)


def _first(endings: list[Ending]) -> Ending | None:
    """Return the one that comes first; of two on one day, the one that asks nobody."""
    return min(endings, key=lambda each: (each.until, each.asks), default=None)
