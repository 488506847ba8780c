"""What another regime does: whether, before people say anything, more is refused for them than now, or less."""

from typing import Literal

from consent.regimes.chosen import Regimes
from consent.regimes.regime import Regime


def regime_effect(old: Regimes, new: Regimes) -> Literal["widens", "narrows", "changes"]:
    """Say which way it goes for whoever comes from now on: wider if anybody would have less refused for her.

    Where another field chooses, nobody can say who gets what: that counts as wider.
    """
    if old.by and new.by and old.by != new.by:
        return "widens"
    by = old.by or new.by
    regions = [None, *old.regimes, *new.regimes]
    pairs = [tuple(_refused(each.of({by: region} if by else {}).regime) for each in (old, new)) for region in regions]
    if any(before - after for before, after in pairs):
        return "widens"
    return "narrows" if any(after - before for before, after in pairs) else "changes"


def _refused(regime: Regime) -> frozenset[tuple[str, str]]:
    """Return what stands refused from the beginning, and what a signal of the browser refuses."""
    return frozenset(("from the beginning", name) for name in regime.refused) | {
        ("by a signal", name) for name in regime.refused_by_gpc
    }
