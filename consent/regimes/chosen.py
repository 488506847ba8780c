"""Which regime is a customer's: the policy's key `regime`, and what it refuses for her.

    regime: {default: gdpr}                                   everybody has this one
    regime: {by: country, regimes: {DE: gdpr, US: ccpa}}      by a field; any other value, and none, takes the strictest

The field must stand in the clear in the customer's table, so that a change of the policy can look at everybody
(`views.check` refuses a sealed one).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field as Key, model_validator
from pydantic_core import PydanticCustomError

from cdp.catalogue.field import Strict
from cdp.terms import Value
from consent.choices import Choices
from consent.events import Event, Evidence, Source, State
from consent.regimes.regime import Regime, RegimeName, load_regime, strictest


@dataclass(frozen=True, slots=True)
class Hers:
    """A customer's regime: what it says, its name and version for the history, and the region it was chosen by."""

    regime: Regime
    reference: str
    jurisdiction: str | None


class Regimes(Strict):
    """What holds before a person has said anything: one regime for everybody, or one by a field of the customer."""

    default: Annotated[RegimeName, Key(strict=False)] | None = None
    by: str | None = None
    regimes: dict[str, Annotated[RegimeName, Key(strict=False)]] = Key(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        folded = {_folded(value) for value in self.regimes}
        if (self.by is None) != (not self.regimes) or (self.by is not None and self.default is not None):
            raise PydanticCustomError(
                "cdp_bad_regime",
                "`regime` has a `default`, or `by` with `regimes`: an unknown value takes the strictest of those",
            )
        if len(folded) != len(self.regimes):
            raise PydanticCustomError("cdp_bad_regime", "`regimes` lists a value twice; case does not tell them apart")
        return self

    def of(self, values: Mapping[str, Value]) -> Hers:
        """Return the regime of a customer with these values."""
        if self.by is None:
            return self._named(self.default or RegimeName.NONE, None)
        value = values.get(self.by)
        region = value.strip() if isinstance(value, str) else ""
        known = self._by_value.get(_folded(region))
        return self._strictest if known is None else self._named(self.regimes[known], known)

    @cached_property
    def _by_value(self) -> dict[str, str]:
        return {_folded(value): value for value in self.regimes}

    @cached_property
    def _strictest(self) -> Hers:
        """Return what holds where the region is unknown; whatever stands there instead is not written down."""
        names = sorted(set(self.regimes.values()))
        versions = "+".join(f"{name}.{load_regime(name).version}" for name in names)
        return Hers(strictest(load_regime(name) for name in names), f"strictest/{versions}", None)

    @property
    def configured(self) -> tuple[Regime, ...]:
        """Return the regimes that some customer may have."""
        names = self.regimes.values() if self.by else [self.default or RegimeName.NONE]
        return tuple(load_regime(name) for name in dict.fromkeys(names))

    def _named(self, name: RegimeName, region: str | None) -> Hers:
        regime = load_regime(name)
        return Hers(regime, f"{name}/{regime.version}", region)


def defaults(hers: Hers, choices: Choices, *, at: str, actor: str) -> list[Event]:
    """Return what a customer's regime refuses, as events that lack her id.

    Each has one id per regime, version, region and opt-out: what is in her history already is not added again.
    """
    said, found = Evidence(actor=actor), []
    for name in choices.names:
        if name in hers.regime.refused:
            event = Event("", name, State.REFUSED, Source.REGIME, at, at, said, hers.jurisdiction, hers.reference)
            found.append(replace(event, event_id=f"{hers.reference}/{hers.jurisdiction or ''}/{name}"))
    return found


def _folded(value: str) -> str:
    return value.strip().casefold()
