"""Categories of a consent banner, as programs send them along.

`context.consent.categoryPreferences` of Segment, `context.consentManagement` of RudderStack. A category stands for the
choice that its source maps it to. One that is allowed, one that is not named, and a context without any say nothing;
preferences that name none at all allow none, as Segment specifies.
"""

from collections.abc import Mapping
from typing import Any, Final

from consent.signals.signal import Form, Signal

MOST: Final = 100
"""So many categories that no source maps to anything are written down."""

_LONGEST: Final = 100


def read_banner(context: Mapping[str, Any], categories: Mapping[str, str]) -> list[Signal]:
    """Return the signal of a banner, if the context refuses any category."""
    names = _refused(context, categories)
    if not names:
        return []
    mapped = names & categories.keys()
    unmapped = sorted(names - mapped)[:MOST]
    refused, said = {categories[name] for name in mapped}, sorted((*mapped, *unmapped))
    return [Signal(Form.BANNER, tuple(sorted(refused)), tuple(said), fault="unmapped_category" if unmapped else "")]


def _refused(context: Mapping[str, Any], categories: Mapping[str, str]) -> set[str]:
    """Return the categories that a context refuses."""
    found: set[str] = set()
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if isinstance(preferences, dict):
        found |= (
            {name for name, allowed in preferences.items() if allowed is not True} if preferences else {*categories}
        )
    management = context.get("consentManagement")
    denied = management.get("deniedConsentIds") if isinstance(management, dict) else None
    if isinstance(denied, list):
        found |= {name for name in denied if isinstance(name, str)}
    return {name for name in found if 0 < len(name) <= _LONGEST}
