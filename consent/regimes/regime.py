"""What one regime says, as Pydantic models of its file, and the strictest of several.

Facts are engineering input with their sources, no advice; the version of a file is recorded with what it refuses.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final, Self

from pydantic import Field as Key, model_validator
from pydantic_core import PydanticCustomError

from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.field import Name, Strict
from consent.events import State


class RegimeName(StrEnum):
    """The regimes that there are files of."""

    NONE = "none"
    GDPR = "gdpr"
    UK_GDPR = "uk_gdpr"
    CCPA = "ccpa"
    PIPL = "pipl"
    LGPD = "lgpd"


class RequestKind(StrEnum):
    """What a person can ask for."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    HUMAN_REVIEW = "human_review"
    QUESTION = "question"


class Period(Strict):
    """One length of time, in one unit."""

    hours: int | None = Key(default=None, ge=0)
    days: int | None = Key(default=None, ge=0)
    business_days: int | None = Key(default=None, ge=0)
    months: int | None = Key(default=None, ge=0)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(each is not None for each in (self.hours, self.days, self.business_days, self.months)) != 1:
            raise PydanticCustomError("cdp_bad_period", "a period has one unit")
        return self

    @property
    def least_days(self) -> float:
        """Return how many days it takes at the least, to compare periods of different units by."""
        return (self.hours or 0) / 24 + (self.days or 0) + (self.business_days or 0) * 1.4 + (self.months or 0) * 28


class Default(Strict):
    """What holds of an opt-out before she has said anything."""

    state: Annotated[State, Key(strict=False)]
    source: str


class Signals(Strict):
    """What else than third-party disclosure a signal of the browser refuses."""

    gpc: tuple[Name, ...] = Key(strict=False)
    source: str


class Within(Strict):
    """A limit of time."""

    within: Period
    source: str


class Clock(Strict):
    """How long some kinds of request may take; `pauses`: the clock stands while it is not known who asks."""

    kinds: tuple[Annotated[RequestKind, Key(strict=False)], ...] = Key(strict=False)
    answer: Period
    acknowledge: Period | None = None
    extension: Period | None = None
    pauses: bool = False
    source: str


class Sensitive(Strict):
    """What counts as sensitive: Fideslang categories, and what they have no word for."""

    categories: tuple[str, ...] = Key(strict=False)
    besides: tuple[str, ...] = Key(default=(), strict=False)
    source: str


class Regime(Strict):
    """One regime, in one version of what it says."""

    version: int
    name: str
    defaults: dict[Name, Default]
    signals: Signals | None = None
    opt_out_effect: Within | None = None
    requests: tuple[Clock, ...] = Key(default=(), strict=False)
    sensitive: Sensitive | None = None
    breach: Within | None = None

    @property
    def refused(self) -> frozenset[str]:
        """Return the opt-outs that stand refused until she says otherwise."""
        return frozenset(name for name, default in self.defaults.items() if default.state is State.REFUSED)

    @property
    def refused_by_gpc(self) -> frozenset[str]:
        """Return what Global Privacy Control refuses besides third-party disclosure, which it always does."""
        return frozenset(self.signals.gpc if self.signals else ())


_FOLDER: Final = files(__package__)


@lru_cache
def load_regime(name: RegimeName) -> Regime:
    """Return what the file of a regime says."""
    file = f"{name}.yaml"
    return validate(Regime, parse_document((_FOLDER / file).read_text(encoding="utf-8"), file))


def strictest(regimes: Iterable[Regime]) -> Regime:
    """Return a regime that is as strict as each of these: it refuses what any refuses, and the shorter time holds.

    Their order does not matter, and neither does how often one is given.
    """
    several = sorted({each.name: each for each in regimes}.values(), key=lambda each: each.name)
    defaults: dict[str, Default] = {}
    for each in several:
        for name, default in each.defaults.items():
            if name not in defaults or default.state is State.REFUSED is not defaults[name].state:
                defaults[name] = default
    signals = [each.signals for each in several if each.signals]
    clocks = [clock for kind in RequestKind if (clock := _shortest_clock(several, kind)) is not None]
    return Regime(
        version=max((each.version for each in several), default=1),
        name="the strictest of: " + ", ".join(each.name for each in several),
        defaults=defaults,
        signals=_together(signals) if signals else None,
        opt_out_effect=_shortest([each.opt_out_effect for each in several if each.opt_out_effect]),
        requests=tuple(clocks),
        sensitive=_all_sensitive([each.sensitive for each in several if each.sensitive]),
        breach=_shortest([each.breach for each in several if each.breach]),
    )


def _together(signals: list[Signals]) -> Signals:
    names = sorted({name for each in signals for name in each.gpc})
    return Signals(gpc=tuple(names), source="; ".join(each.source for each in signals))


def _shortest(limits: list[Within]) -> Within | None:
    return min(limits, key=lambda each: each.within.least_days, default=None)


def _shortest_clock(regimes: list[Regime], kind: RequestKind) -> Clock | None:
    """Return the clock that answers first; it is extended, and paused, only where every clock is, as little as any."""
    clocks = [clock for each in regimes for clock in each.requests if kind in clock.kinds]
    if not clocks:
        return None
    acknowledge = [each.acknowledge for each in clocks if each.acknowledge]
    extension = [each.extension for each in clocks if each.extension]
    first = min(clocks, key=lambda each: each.answer.least_days)
    return Clock(
        kinds=(kind,),
        answer=first.answer,
        acknowledge=min(acknowledge, key=lambda each: each.least_days, default=None),
        extension=min(extension, key=lambda each: each.least_days) if len(extension) == len(clocks) else None,
        pauses=all(each.pauses for each in clocks),
        source="; ".join(dict.fromkeys(each.source for each in clocks)),
    )


def _all_sensitive(lists: list[Sensitive]) -> Sensitive | None:
    if not lists:
        return None
    return Sensitive(
        categories=tuple(sorted({name for each in lists for name in each.categories})),
        besides=tuple(sorted({name for each in lists for name in each.besides})),
        source="; ".join(each.source for each in lists),
    )
