"""The generated parts of `docs/consent.md`: the truth table of precedence, what regimes refuse, and their clocks."""

from collections.abc import Sequence
from typing import Final

from cdp.catalogue.model import Catalogue
from cdp.terms import OPT_OUTS
from consent.choices import Choices
from consent.events import Event, Evidence, Source, State
from consent.precedence import refused_flags
from consent.regimes.regime import Period, Regime, RegimeName, load_regime
from docs.generators.markdown import table

Act = tuple[Source, State, int]
"""Who says what, and on which day."""

_CHOICES: Final = Choices.of(Catalogue.model_validate({"entities": {"customer": {}}}))
_CHOICE: Final = OPT_OUTS[0]

_DEFAULT: Final[Act] = (Source.REGIME, State.REFUSED, 2)
HERS: Final[dict[str, Sequence[Act]]] = {
    "nothing": (),
    "refuses": [(Source.PORTAL, State.REFUSED, 2)],
    "allows": [(Source.PORTAL, State.ALLOWED, 2)],
    "allows, then refuses": [(Source.PORTAL, State.ALLOWED, 1), (Source.STAFF, State.REFUSED, 2)],
    "refuses, then allows": [(Source.STAFF, State.REFUSED, 1), (Source.PORTAL, State.ALLOWED, 2)],
    "both at the same instant": [(Source.PORTAL, State.ALLOWED, 2), (Source.PORTAL, State.REFUSED, 2)],
}
"""What the person says."""

OTHERS: Final[dict[str, Sequence[Act]]] = {
    "nothing": (),
    "a regime refuses": [_DEFAULT],
    "allows": [(Source.IMPORT, State.ALLOWED, 3)],
    "refuses, before her last word": [(Source.IMPORT, State.REFUSED, 1)],
    "refuses, at the same instant": [(Source.SIGNAL, State.REFUSED, 2)],
    "refuses, after it": [(Source.INGEST, State.REFUSED, 3)],
    "a merge refuses, after it, and is undone": [(Source.MERGE, State.REFUSED, 3), (Source.MERGE, State.ALLOWED, 4)],
}
"""What comes from elsewhere."""


def event(act: Act) -> Event:
    """Return an act as an event; staff has her word."""
    source, state, day = act
    at = f"2026-01-0{day}T00:00:00.000000+00:00"
    reference = "m1" if source is Source.MERGE else None
    return Event("her", _CHOICE, state, source, at, at, Evidence(word="c2VhbGVk"), reference=reference)


def holds(*acts: Act) -> bool:
    """Return whether the opt-out stands refused after these acts."""
    return _CHOICE in refused_flags([event(act) for act in acts], _CHOICES)


def _truth() -> str:
    rows = [
        [hers, *("**refused**" if holds(*said, *other) else "allowed" for other in OTHERS.values())]
        for hers, said in HERS.items()
    ]
    return table(["she says ↓, from elsewhere →", *OTHERS], rows)


_LAWS: Final = tuple(name for name in RegimeName if name is not RegimeName.NONE)


def _regimes() -> str:
    rows = []
    for name in _LAWS:
        regime = load_regime(name)
        for opt_out, default in regime.defaults.items():
            state = "**refused**" if default.state is State.REFUSED else "allowed"
            rows.append([f"`{name}`", f"`{opt_out}`", state, default.source])
    return table(["regime", "opt-out", "before she says anything", "source"], rows)


def _clocks() -> str:
    rows = []
    for name in _LAWS:
        regime = load_regime(name)
        rows += [[f"`{name}`", *each] for each in _of(regime)]
    return table(["regime", "of", "by when", "source"], rows)


def _of(regime: Regime) -> list[list[str]]:
    rows = []
    for clock in regime.requests:
        said = [f"{_words(clock.acknowledge)} to acknowledge"] if clock.acknowledge else []
        said += [_words(clock.answer), *([f"{_words(clock.extension)} more"] if clock.extension else [])]
        rows.append([", ".join(clock.kinds), "; ".join(said), clock.source])
    if regime.opt_out_effect:
        rows.append(["an opt-out's effect", _words(regime.opt_out_effect.within), regime.opt_out_effect.source])
    if regime.breach:
        rows.append(["notice of a breach", _words(regime.breach.within), regime.breach.source])
    return rows


def _words(period: Period) -> str:
    unit, count = next((unit, count) for unit, count in period.model_dump().items() if count is not None)
    noun = unit.replace("_", " ")
    return f"{count} {noun if count != 1 else noun[:-1]}" if count else "at once"


PARTS: Final = {"truth-table": _truth, "regimes": _regimes, "clocks": _clocks}
